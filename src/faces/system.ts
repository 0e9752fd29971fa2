import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { defined } from "../domain/defined.ts";
import type { ApiContext } from "./http/api-context.ts";
import { type Constant, constant, sendConstant } from "./http/constant.ts";
import { failureBody, failureSchema, success, successSchema } from "./http/envelope.ts";
import { documentHead } from "./http/openapi.ts";
import type { Examples } from "./http/openapi-operation.ts";
import { type DocumentedRoute, documentOf } from "./openapi-document.ts";

const ready = Type.Object({ status: Type.Literal("ok") });
const alive = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("unready")], {
    description: "`unready`: work cannot be accepted now; `message` says why.",
  }),
  inbox: Type.Optional(
    Type.Union([Type.Literal("relaying"), Type.Literal("standby"), Type.Literal("failing")], {
      description:
        "Where there is an inbox: whether its events are moved. While they are not they wait in the host's database, and everything else goes on.",
    }),
  ),
});

/** Routes without a token, for who runs Signalbox. */
export function systemRoutes(
  app: FastifyInstance,
  { config, health, metrics, slices, relay }: ApiContext,
  documented: readonly DocumentedRoute[],
): void {
  let document: Promise<Constant> | undefined;
  const makeDocument = async (): Promise<Constant> => {
    const examples = JSON.parse(
      await readFile(new URL("./openapi-examples.json", import.meta.url), "utf8"),
    ) as Examples;
    const text = await slices.run(
      "anonymous",
      documentOf(documented, { head: documentHead, publicUrl: config.publicUrl, examples }),
    );
    return constant("application/json; charset=utf-8", text);
  };
  const tags = ["system"];
  app.get("/healthz", {
    schema: {
      tags,
      operationId: "getHealth",
      summary: "That the process is alive, and how it is",
      response: { 200: { description: "It is.", ...successSchema(alive) } },
    },
    serializerCompiler: () => (data) => JSON.stringify(data),
    handler: async (_request, reply) => {
      const reason = await health();
      const status = reason === undefined ? "ok" : "unready";
      return reply.send(success(reason ?? "Ready", { status, ...defined({ inbox: relay?.state().state }) }));
    },
  });
  app.get("/readyz", {
    schema: {
      tags,
      operationId: "getReadiness",
      summary: "Whether work can be accepted now: 200, or 503 with the reason",
      response: {
        200: { description: "It can.", ...successSchema(ready) },
        503: { description: "It cannot: `message` says why.", ...failureSchema },
      },
    },
    serializerCompiler: () => (data) => JSON.stringify(data),
    handler: async (_request, reply) => {
      const reason = await health();
      return reason === undefined
        ? reply.send(success("Ready", { status: "ok" }))
        : reply.code(503).send(failureBody("unavailable", reason));
    },
  });
  app.get("/metrics", {
    schema: {
      tags,
      operationId: "getMetrics",
      summary: "Counters in the Prometheus text format",
      produces: "text/plain",
      response: { 200: { description: "Counters.", ...Type.String() } },
    },
    serializerCompiler: () => String,
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
