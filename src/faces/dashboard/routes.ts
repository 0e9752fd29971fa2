import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../context.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { type Asset, PageAssets } from "./assets.ts";
import { dashboardBase, dashboardHeaders, pageDocument } from "./page.ts";

/**
 * The dashboard: a page that is a client of the API and of nothing else. Files are named by their content, so that they may be kept for ever;
 * the document is made for each request.
 */
export function dashboardRoutes(
  app: FastifyInstance,
  { clock, log, config }: Pick<Context, "clock" | "log" | "config">,
): void {
  const assets = new PageAssets();
  const load = async () => {
    try {
      return await assets.get();
    } catch (thrown) {
      log.error({ err: thrown }, "the dashboard's files cannot be made");
      throw new SignalboxError("unavailable", "the dashboard cannot be shown: the server's log says why");
    }
  };
  const schema = { hide: true };
  // Relative, so that a path which a proxy puts before it stays.
  app.get("/", { schema, handler: (request, reply) => (wantsPage(request) ? lead(reply) : notHere(request)) });
  const document = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (!wantsPage(request)) return notHere(request);
    const [path = ""] = request.originalUrl.split("?", 1);
    if (path === "/dashboard") return lead(reply);
    const nonce = Buffer.from(clock.bytes(18)).toString("base64");
    const base = dashboardBase({ path, host: request.headers.host, publicUrl: config.publicUrl });
    const files = await load();
    const html = pageDocument(files, { base, nonce, path });
    return reply
      .headers(dashboardHeaders({ nonce, begin: files.begin, isTrusted: isTrusted(request, config.publicUrl) }))
      .type("text/html; charset=utf-8")
      .send(html);
  };
  app.get("/dashboard", { schema, handler: document });
  app.get("/dashboard/*", { schema, handler: document });
  app.get<{ Params: { name: string } }>("/dashboard/assets/:name", {
    schema,
    handler: async (request, reply) => {
      const asset = (await load()).files.get(request.params.name);
      return asset === undefined ? notHere(request) : sendAsset(request, reply, asset);
    },
  });
}

function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes("text/html") === true;
}

/** A proxy that speaks https for the server is known by the public URL. */
function isTrusted({ hostname }: FastifyRequest, publicUrl: string | undefined): boolean {
  return publicUrl?.startsWith("https:") === true || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function lead(reply: FastifyReply): FastifyReply {
  return reply.code(302).header("location", "dashboard/").send();
}

function notHere({ originalUrl }: FastifyRequest): never {
  throw notFound(`path '${originalUrl.split("?", 1)[0]}'`);
}

function sendAsset({ headers }: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const accepted = (headers["accept-encoding"] ?? "").split(",").map((coding) => coding.trim().split(";", 1)[0]);
  const coding = (["br", "gzip"] as const).find((one) => accepted.includes(one));
  reply.headers({
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "same-origin",
    vary: "accept-encoding",
    ...(coding === undefined ? {} : { "content-encoding": coding }),
  });
  const bytes = { br: asset.brotli, gzip: asset.gzip, none: asset.bytes }[coding ?? "none"];
  return reply.type(asset.type).send(bytes);
}
