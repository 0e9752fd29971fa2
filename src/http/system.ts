import type { FastifyInstance } from "fastify";
import { type Constant, constant, sendConstant } from "./constant.ts";
import type { ApiDeps } from "./deps.ts";
import { failure, success } from "./envelope.ts";
import { type DocumentedRoute, documentOf } from "./openapi-document.ts";

/** Routes without a token, for who runs Signalbox. */
export function systemRoutes(
  app: FastifyInstance,
  { config, health, metrics, slices }: ApiDeps,
  documented: readonly DocumentedRoute[],
): void {
  let document: Promise<Constant> | undefined;
  const makeDocument = async (): Promise<Constant> => {
    const text = await slices.run("anonymous", documentOf(documented, config.publicUrl));
    return constant("application/json; charset=utf-8", text);
  };
  const tags = ["system"];
  app.get("/healthz", {
    schema: {
      tags,
      operationId: "getHealth",
      summary: "Whether work can be accepted now: 200, or 503 with the reason",
    },
    handler: async (_request, reply) => {
      const reason = await health();
      return reason === undefined
        ? reply.send(success("Ready", { status: "ok" }))
        : reply.code(503).send(failure("unavailable", reason));
    },
  });
  app.get("/metrics", {
    schema: { tags, operationId: "getMetrics", summary: "Counters in the Prometheus text format" },
    handler: async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics()),
  });
  app.get("/openapi.json", {
    schema: { hide: true },
    handler: async (request, reply) => {
      document ??= makeDocument();
      return sendConstant(request, reply, await document);
    },
  });
}
