import type { FastifyInstance } from "fastify";
import type { ApiDeps } from "./deps.ts";
import { failure, success } from "./envelope.ts";

/** Routes without a token, for who runs Signalbox. */
export function systemRoutes(app: FastifyInstance, { config, health, metrics }: ApiDeps): void {
  const tags = ["system"];
  app.get("/healthz", {
    schema: { tags, summary: "Whether work can be accepted now: 200, or 503 with the reason" },
    handler: async (_request, reply) => {
      const reason = await health();
      return reason === undefined
        ? reply.send(success("Ready", { status: "ok" }))
        : reply.code(503).send(failure("unavailable", reason));
    },
  });
  app.get("/metrics", {
    schema: { tags, summary: "Counters in the Prometheus text format" },
    handler: async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics()),
  });
  app.get("/openapi.json", {
    schema: { hide: true },
    handler: async (_request, reply) => {
      const servers = config.publicUrl === undefined ? {} : { servers: [{ url: config.publicUrl }] };
      return reply.send({ ...app.swagger(), ...servers });
    },
  });
}
