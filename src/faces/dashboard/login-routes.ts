import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { defined } from "../../domain/defined.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { ApiContext } from "../http/api-context.ts";
import { setSessionCookie } from "../http/session-cookie.ts";
import { pageHeaders, renderPage } from "../mail/page.ts";
import { forgetLoginCookie, readLoginCookie, setLoginCookie } from "./login-cookie.ts";
import { refusedLoginPage } from "./login-page.ts";
import { placeInDashboard } from "./way-back.ts";

/**
 * How a browser goes to an issuer, and comes back with a session. Answers are for people: whatever goes wrong is a page with the reason, and
 * with what to do.
 */

type LoginContext = Pick<ApiContext, "browserLogins" | "clock" | "connections" | "log" | "publicUrl">;

interface Asked {
  readonly Params: { readonly id: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
}

export function dashboardLoginRoutes(app: FastifyInstance, context: LoginContext): void {
  const { browserLogins, clock, connections, log, publicUrl } = context;
  app.register(async (scope) => {
    scope.setErrorHandler((thrown, request, reply) => {
      const { id } = request.params as Asked["Params"];
      const isExpected = thrown instanceof SignalboxError && thrown.status !== 500;
      const error = isExpected ? thrown : failed();
      const about = { requestId: request.id, login: id.slice(0, 64), reason: error.message };
      if (isExpected) log.warn(about, "a login was refused");
      else log.error({ ...about, error: asError(thrown).message }, "a login failed");
      const offered = browserLogins.offered.find((one) => one.id === id);
      const dashboard = `${publicUrl()}/dashboard/`;
      const page = refusedLoginPage(error, { dashboard, ...defined({ offered }) });
      return reply.code(error.status).headers(pageHeaders).send(renderPage(page));
    });
    const schema = { hide: true };

    async function begin(request: FastifyRequest<Asked>, reply: FastifyReply): Promise<FastifyReply> {
      const begun = await browserLogins.begin(request.params.id, {
        to: placeInDashboard(request.query["to"]),
        anew: request.query["anew"] === "1",
      });
      reply.header("set-cookie", setLoginCookie(context, request.headers.cookie, begun));
      return lead(reply, begun.url);
    }

    async function finish(request: FastifyRequest<Asked>, reply: FastifyReply): Promise<FastifyReply> {
      const query = queryOf(request);
      const state = new URLSearchParams(query).get("state");
      // It counts once, whatever comes of it.
      reply.header("set-cookie", forgetLoginCookie(context, state));
      const kept = readLoginCookie(context, request.headers.cookie, state);
      const { secret, live, to } = await browserLogins.finish(request.params.id, query, kept);
      connections.recognise(request.raw, live.known.principal.tenant);
      const maxAgeS = Math.ceil((live.expiresMs - clock.now()) / 1_000);
      reply.header("set-cookie", setSessionCookie(context, secret, maxAgeS));
      return lead(reply, `${publicUrl()}/dashboard/${to}`);
    }

    scope.get<Asked>("/dashboard/login/:id", { schema, handler: begin });
    scope.get<Asked>("/dashboard/login/:id/callback", { schema, handler: finish });
  });
}

/** With its question mark. */
function queryOf({ originalUrl }: FastifyRequest): string {
  const at = originalUrl.indexOf("?");
  return at < 0 ? "" : originalUrl.slice(at);
}

/** The address that one comes from holds a code, or what was looked at: no other site is told. */
function lead(reply: FastifyReply, url: string): FastifyReply {
  return reply
    .code(303)
    .headers({ location: url, "cache-control": "no-store", "referrer-policy": "no-referrer" })
    .send();
}

function failed(): SignalboxError {
  return new SignalboxError("unavailable", "something failed here; the server's log says what");
}
