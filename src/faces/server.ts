import type { FastifyInstance } from "fastify";
import { loginRoute, sessionPath } from "./api/sessions/log-in.ts";
import { loginsPath, loginsRoute } from "./api/sessions/logins.ts";
import { dashboardLoginRoutes } from "./dashboard/login-routes.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import type { ApiContext } from "./http/api-context.ts";
import { appOf, methodsOf } from "./http/app.ts";
import { leaveBodies } from "./http/bytes.ts";
import { fastifyRoute } from "./http/fastify-route.ts";
import { linkPages } from "./mail/link-pages.ts";
import { notificationsForm } from "./notifications/envelope.ts";
import { notificationsFace, v2Prefixes } from "./notifications/face.ts";
import type { DocumentedRoute } from "./openapi-document.ts";
import { apiRoutes } from "./routes.ts";
import { systemRoutes } from "./system.ts";

/** The API of our own, not yet listening. */
export function apiServer(context: ApiContext): FastifyInstance {
  const faceForm = notificationsForm();
  const routes = apiRoutes(context);
  const methodsAt = methodsOf([...routes, ...openPaths]);
  const forms = v2Prefixes.map((prefix) => [prefix, faceForm] as const);
  const app = appOf(context, { methodsAt, document: "/openapi.json", forms });
  const documented: DocumentedRoute[] = [];
  app.addHook("onRoute", (route) => void documented.push(route));
  app.register(async (scope) => {
    for (const route of routes) if (route.bytes !== "in") scope.route(fastifyRoute(context, route));
    loginRoute(scope, context);
    loginsRoute(scope, context);
    systemRoutes(scope, context, documented);
  });
  app.register(async (scope) => {
    leaveBodies(scope);
    for (const route of routes) if (route.bytes === "in") scope.route(fastifyRoute(context, route));
  });
  linkPages(app, context);
  if (context.config.dashboard === "on") {
    dashboardRoutes(app, context);
    dashboardLoginRoutes(app, context);
  }
  notificationsFace(app, { ...context, form: faceForm, methodsAt: methodsOf });
  return app;
}

const openPaths = [
  ...["/healthz", "/readyz", "/metrics", "/openapi.json"].map((path) => ({ method: "GET", path })),
  { method: "POST", path: sessionPath },
  { method: "GET", path: loginsPath },
];
