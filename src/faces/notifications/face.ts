import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { Principal } from "../../domain/access.ts";
import type { Json } from "../../domain/event.ts";
import { pick } from "../../domain/notifications/answer-filter.ts";
import type { ApiContext } from "../http/api-context.ts";
import { authenticate } from "../http/auth.ts";
import { answerErrors } from "../http/errors.ts";
import { attemptRoutes } from "./attempts.ts";
import { readBodies } from "./bodies.ts";
import type { NotificationsForm } from "./envelope.ts";
import { notificationSchemaOf } from "./openapi.ts";
import { profileRoutes } from "./profiles.ts";
import { isPretty, readQuery } from "./query.ts";
import type { FaceRoute } from "./route.ts";
import { notificationRoutes } from "./subscriptions.ts";

const facePrefix = "/notifications/v2";
const profilesPrefix = "/profiles/v2";
/** Where answers have the documented envelope. */
export const v2Prefixes: readonly string[] = [facePrefix, profilesPrefix];

type MethodsAt = (routes: readonly { readonly method: string; readonly path: string }[]) => (path: string) => string[];

interface NotificationsFace extends ApiContext {
  readonly form: NotificationsForm;
  /** Which methods a path has, of these routes. */
  readonly methodsAt: MethodsAt;
}

/** Resource notifications, whose bodies and envelope are their own. */
export function notificationsFace(app: FastifyInstance, deps: NotificationsFace): void {
  registerAt(app, deps, { prefix: facePrefix, routes: faceRoutes(deps) });
  registerAt(app, deps, { prefix: profilesPrefix, routes: profileRoutes(deps) });
}

function registerAt(
  app: FastifyInstance,
  deps: NotificationsFace,
  { prefix, routes }: { readonly prefix: string; readonly routes: readonly FaceRoute[] },
): void {
  const { config, log, form } = deps;
  app.register(
    async (scope) => {
      const places = routes.flatMap(({ methods, path }) =>
        methods.map((method) => ({ method, path: `${prefix}${path}` })),
      );
      answerErrors(scope, { log, maxBodyBytes: config.maxBodyBytes, form, methodsAt: deps.methodsAt(places) });
      readBodies(scope);
      scope.addHook("onSend", async (request, _reply, payload) =>
        typeof payload === "string" && isPretty(request.query) ? indented(payload) : payload,
      );
      for (const route of routes) scope.route(fastifyRoute(deps, route));
    },
    { prefix },
  );
}

/** Every route of the face. */
export function faceRoutes(deps: ApiContext): FaceRoute[] {
  return [...notificationRoutes(deps), ...attemptRoutes(deps)];
}

function indented(payload: string): string {
  return `${JSON.stringify(JSON.parse(payload), null, 2)}\n`;
}

/** Who asks is found out before the body is read, and how the answer is to look before anything is done. */
function fastifyRoute(deps: NotificationsFace, route: FaceRoute): RouteOptions {
  const callers = new WeakMap<FastifyRequest, Principal>();
  return {
    method: [...route.methods],
    url: route.path,
    // The face's own path is documented as all are; it answers without the slash too.
    prefixTrailingSlash: "slash",
    schema: notificationSchemaOf(route),
    // Verbs read what was sent; the schema only documents it.
    validatorCompiler: () => (value) => ({ value }),
    serializerCompiler: () => (data) => JSON.stringify(data),
    onRequest: async (request) => {
      const tenant = request.headers["x-signalbox-tenant"];
      const { authorization } = request.headers;
      const named = Array.isArray(tenant) ? tenant.join() : tenant;
      const caller = await authenticate(deps, { authorization, tenant: named });
      deps.connections.recognise(request.raw, caller.tenant);
      if (request.method !== "GET" && request.method !== "HEAD") deps.rates.judge(caller.tenant);
      callers.set(request, caller);
      await deps.connections.readsDocument(request.raw);
    },
    handler: async (request, reply) => {
      const caller = callers.get(request);
      if (caller === undefined) throw new TypeError("a route ran before its caller was known");
      const query = readQuery(request.query as Readonly<Record<string, unknown>>, route.search);
      const params = request.params as Readonly<Record<string, string>>;
      const signal = goneSignal(reply);
      const asks = request.method === "GET" || request.method === "HEAD";
      using _admitted = asks ? undefined : deps.rates.admit(caller.tenant);
      const result = await route.handle({ caller, params, query, body: request.body, signal });
      return reply.code(route.status ?? 200).send(answerOf(deps.form, query, result));
    },
  };
}

function answerOf(
  form: NotificationsForm,
  { naked, filter }: { readonly naked: boolean; readonly filter: readonly string[] },
  result: Json,
): Json {
  const picked = pick(result, filter);
  return naked ? picked : form.success(picked);
}

/** Aborts when the connection ends before the answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
