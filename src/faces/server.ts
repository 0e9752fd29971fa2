import fastify, { type FastifyInstance, type FastifyRequest, type RouteOptions } from "fastify";
import { Type } from "typebox";
import { SignalboxError } from "../errors.ts";
import { loginRoute, sessionPath } from "./api/sessions/log-in.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { ambiguity, pathOf } from "./http/ambiguous.ts";
import { answer } from "./http/answer.ts";
import type { ApiContext } from "./http/api-context.ts";
import { roleReaches } from "./http/auth.ts";
import { type BytesAnswer, leaveBodies, sendBytes } from "./http/bytes.ts";
import { callerRoute } from "./http/caller-route.ts";
import { judgeEncoded } from "./http/charset.ts";
import { Editing } from "./http/editing.ts";
import { answerErrors, apiFace, frameworkErrors, rawBadRequest } from "./http/errors.ts";
import { awaitExpectations, letBodyCome } from "./http/expectation.ts";
import { readJsonOnly } from "./http/json-body.ts";
import { schemaOf } from "./http/openapi.ts";
import { checker } from "./http/problems.ts";
import type { Route } from "./http/route.ts";
import { linkPages } from "./mail/link-pages.ts";
import { notificationsForm } from "./notifications/envelope.ts";
import { notificationsFace, v2Prefixes } from "./notifications/face.ts";
import type { DocumentedRoute } from "./openapi-document.ts";
import { apiRoutes } from "./routes.ts";
import { systemRoutes } from "./system.ts";

/** Longest segment of a path; longer than any name, uuid, and token of a link in a mail. */
const maxParamLength = 1_024;
const headersTimeoutMs = 60_000;

/** The API of our own, not yet listening. */
export function apiServer(context: ApiContext): FastifyInstance {
  const { config, clock, log } = context;
  const { maxBodyBytes } = config;
  const faceForm = notificationsForm();
  const app = fastify({
    bodyLimit: maxBodyBytes,
    // A body may take as long as it needs; how slow it may be is for the connections to judge.
    requestTimeout: 0,
    http: { headersTimeout: headersTimeoutMs },
    return503OnClosing: false,
    rewriteUrl: ({ url = "/" }) => pathOf(url),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    genReqId: () => Buffer.from(clock.bytes(12)).toString("hex"),
    frameworkErrors: frameworkErrors({
      log,
      maxBodyBytes,
      forms: v2Prefixes.map((prefix) => [prefix, faceForm] as const),
    }),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawBadRequest(error.code));
      else socket.destroy();
    },
  });
  awaitExpectations(app);
  context.connections.watch(app.server, apiFace);
  const routes = apiRoutes(context);
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
    if (config.leavesBody !== true && !isRefused) letBodyCome(context.connections, request.raw);
  });
  const methods = methodsAt([...routes, ...openPaths]);
  answerErrors(app, { log, maxBodyBytes, except: v2Prefixes, methodsAt: methods });
  app.addHook("onResponse", async (request, reply) => {
    const { method, routeOptions, id, actor } = request;
    const durationMs = Math.round(reply.elapsedTime);
    const line = { requestId: id, method, route: routeOptions.url, status: reply.statusCode, durationMs, ...actor };
    // What people do in a browser is written down: who, and by which session.
    const isAct = actor !== undefined && method !== "GET" && method !== "HEAD";
    log[isAct ? "info" : "debug"](line, "answered");
  });
  const documented: DocumentedRoute[] = [];
  app.addHook("onRoute", (route) => void documented.push(route));
  app.register(async (scope) => {
    for (const route of routes) if (route.bytes !== "in") scope.route(fastifyRoute(context, route));
    loginRoute(scope, context);
    systemRoutes(scope, context, documented);
  });
  app.register(async (scope) => {
    leaveBodies(scope);
    for (const route of routes) if (route.bytes === "in") scope.route(fastifyRoute(context, route));
  });
  linkPages(app, context);
  if (config.dashboard === "on") dashboardRoutes(app, context);
  notificationsFace(app, { ...context, form: faceForm, methodsAt });
  return app;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Only the handler reads the body. */
    readonly leavesBody?: boolean;
  }
}

const none = Type.Object({});

/** A route as the framework takes it: its role is judged before the body is read, its schemas before the handler runs. */
function fastifyRoute(context: ApiContext, route: Route): RouteOptions {
  const check = {
    query: checker(Type.Object(route.query?.properties ?? {}, { additionalProperties: false })),
    body: checker(route.body ?? Type.Union([none, Type.Null()])),
  };
  return {
    method: route.method,
    url: route.path,
    schema: schemaOf(route),
    config: { leavesBody: route.bytes === "in" },
    bodyLimit: Math.max(route.maxBodyBytes ?? 0, context.config.maxBodyBytes),
    ...callerRoute(context, {
      judge: ({ role }, params) => {
        if (!roleReaches(role, route.role)) {
          throw new SignalboxError("forbidden", `this needs the role ${route.role}; yours is ${role}`);
        }
        route.judgePath?.(params);
      },
      raisesEvents: ({ method }) => raisesEvents(context, route, method),
      readsDocument: route.bytes !== "in",
      ...(route.bytes === "out" ? { tenantOf: linkedTenant } : {}),
      read: (request) => {
        const query = readQuery(route, request.query as Readonly<Record<string, unknown>>);
        const body = request.body ?? (route.body === undefined ? null : undefined);
        check.query(query);
        check.body(body);
        return { query, body };
      },
      answer: async (asked, request, reply) => {
        const editing = await Editing.begin(context, route, asked);
        const question = { ...asked, conditional: editing.conditional };
        if (route.bytes === "out" || route.bytes === "events")
          return sendBytes(reply, (await route.handle({ ...question, remember: () => ({}) })) as BytesAnswer);
        const { status, body, replayed } = await answer(context, route, question, request).finally(() => {
          // What is not wanted any more would hold up the connection.
          if (route.bytes === "in") request.raw.resume();
        });
        if (replayed) reply.header("idempotency-replayed", "true");
        if (route.headers !== undefined && status < 300) reply.headers(route.headers());
        const etag = status < 300 ? etagOf(route, editing, body) : undefined;
        if (etag !== undefined) reply.header("etag", etag);
        reply.code(status);
        return body;
      },
    }),
  };
}

/** @param body of an answer of success. */
function etagOf({ made }: Route, editing: Editing, body: unknown): string | undefined {
  return editing.etag(made?.((body as { readonly data: object }).data));
}

/** Whether a request may make an event. What only operators do, such as giving a larger quota, must always be possible. */
function raisesEvents({ config }: ApiContext, route: Route, method: string): boolean {
  if (route.bytes === "out") return method === "GET" && config.downloadEvents === "on";
  return route.method !== "GET" && route.role !== "operator";
}

/** Query strings are texts; those of whole numbers become numbers, one of a list a list of one, and nothing else is guessed. */
function readQuery(route: Route, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = (route.query?.properties ?? {}) as Readonly<Record<string, { readonly type?: string }>>;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      if (type === "array" && typeof value === "string") return [name, [value]];
      return [
        name,
        type === "integer" && typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value,
      ];
    }),
  );
}

/** Of a link to bytes. */
function linkedTenant({ query }: FastifyRequest): string | undefined {
  const { tenant } = query as { readonly tenant?: unknown };
  return typeof tenant === "string" ? tenant : undefined;
}

const openPaths = [
  ...["/healthz", "/metrics", "/openapi.json"].map((path) => ({ method: "GET", path })),
  { method: "POST", path: sessionPath },
];

/** Which methods a path has, whatever its parameters. */
function methodsAt(routes: readonly { readonly method: string; readonly path: string }[]): (path: string) => string[] {
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
