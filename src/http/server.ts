import fastify, { type FastifyInstance } from "fastify";
import type { ApiDeps } from "./deps.ts";

export type { ApiDeps } from "./deps.ts";

/** The API, not yet listening. */
export function apiServer(deps: ApiDeps): FastifyInstance {
  return fastify({ bodyLimit: deps.config.maxBodyBytes });
}
