import fastify, { type FastifyInstance } from "fastify";
import { SignalboxError } from "../../errors.ts";
import { ambiguity, pathOf } from "./ambiguous.ts";
import type { ApiContext } from "./api-context.ts";
import { judgeEncoded } from "./charset.ts";
import { answerErrors, apiFace, type ErrorForm, frameworkErrors, rawBadRequest } from "./errors.ts";
import { awaitExpectations, letBodyCome } from "./expectation.ts";
import { readJsonOnly } from "./json-body.ts";

/** What every listener of ours does with a request before and after its route: its bounds, doubts, errors and log. */

/** Longest segment of a path; longer than any name, uuid, and token of a link in a mail. */
const maxParamLength = 1_024;
const headersTimeoutMs = 60_000;

interface Listener {
  /** Every route that it has, for what is asked by another method. */
  readonly methodsAt: (path: string) => readonly string[];
  /** Where the routes are listed. */
  readonly document: string;
  /** How errors are told below some paths, which answer by themselves where nothing is there. */
  readonly forms?: readonly (readonly [prefix: string, form: ErrorForm])[];
}

/** A server without routes, not yet listening. */
export function appOf(
  { config, clock, log, connections }: ApiContext,
  { methodsAt, document, forms = [] }: Listener,
): FastifyInstance {
  const { maxBodyBytes } = config;
  const app = fastify({
    bodyLimit: maxBodyBytes,
    // A body may take as long as it needs; how slow it may be is for the connections to judge.
    requestTimeout: 0,
    http: { headersTimeout: headersTimeoutMs },
    return503OnClosing: false,
    rewriteUrl: ({ url = "/" }) => pathOf(url),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    genReqId: () => Buffer.from(clock.bytes(12)).toString("hex"),
    frameworkErrors: frameworkErrors({ log, maxBodyBytes, forms }),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawBadRequest(error.code));
      else socket.destroy();
    },
  });
  awaitExpectations(app);
  connections.watch(app.server, apiFace);
  readJsonOnly(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "x-request-id": request.id, "cache-control": "no-store", "x-content-type-options": "nosniff" });
    const { rawHeaders, headers } = request.raw;
    const doubt = ambiguity({ url: request.originalUrl, rawHeaders, headers });
    if (doubt !== undefined) throw new SignalboxError("invalid_request", doubt);
    judgeEncoded(request.originalUrl, "what the URL's escapes (%) stand for is");
  });
  app.addHook("preParsing", async (request) => {
    const { bodyLimit, config } = request.routeOptions;
    const isRefused = Number(request.headers["content-length"] ?? 0) > bodyLimit;
    if (config.leavesBody !== true && !isRefused) letBodyCome(connections, request.raw);
  });
  answerErrors(app, { log, maxBodyBytes, except: forms.map(([prefix]) => prefix), methodsAt, document });
  app.addHook("onResponse", async (request, reply) => {
    const { method, routeOptions, id, actor } = request;
    const durationMs = Math.round(reply.elapsedTime);
    const line = { requestId: id, method, route: routeOptions.url, status: reply.statusCode, durationMs, ...actor };
    // What people do in a browser is written down: who, and by which session.
    const isAct = actor !== undefined && method !== "GET" && method !== "HEAD";
    log[isAct ? "info" : "debug"](line, "answered");
  });
  return app;
}

/** Which methods a path has, whatever its parameters. */
export function methodsOf(
  routes: readonly { readonly method: string; readonly path: string }[],
): (path: string) => string[] {
  const patterns = routes.map(({ method, path }) => {
    const segments = path
      .replace(/\/$/, "")
      .replaceAll(".", "\\.")
      .replaceAll(/:[^/]+/g, "[^/]+");
    return { method, pattern: new RegExp(`^${segments}/?$`) };
  });
  return (path) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
  };
}
