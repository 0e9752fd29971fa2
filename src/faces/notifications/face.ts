import type { FastifyInstance, RouteOptions } from "fastify";
import { pick } from "../../domain/notifications/answer-filter.ts";
import type { ApiContext } from "../http/api-context.ts";
import { callerRoute } from "../http/caller-route.ts";
import { Editing } from "../http/editing.ts";
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

/** How the answer is to look is read before anything is done. */
function fastifyRoute(deps: NotificationsFace, route: FaceRoute): RouteOptions {
  return {
    method: [...route.methods],
    url: route.path,
    // The face's own path is documented as all are; it answers without the slash too.
    prefixTrailingSlash: "slash",
    schema: notificationSchemaOf(route),
    ...callerRoute(deps, {
      raisesEvents: ({ method }) => method !== "GET" && method !== "HEAD",
      readsDocument: true,
      read: (request) => ({
        query: readQuery(request.query as Readonly<Record<string, unknown>>, route.search),
        // Verbs read what was sent; the schema only documents it.
        body: request.body,
      }),
      answer: async (asked, { method }, reply) => {
        const { naked, filter } = asked.query;
        const { edited } = route;
        const editing = await Editing.begin(deps, { method, ...(edited === undefined ? {} : { edited }) }, asked);
        const picked = pick(await route.handle({ ...asked, conditional: editing.conditional }), filter);
        reply.code(route.status ?? 200);
        const etag = editing.etag();
        if (etag !== undefined) reply.header("etag", etag);
        return naked ? picked : deps.form.success(picked);
      },
    }),
  };
}
