import type { FastifyInstance } from "fastify";
import { appOf, methodsOf } from "../http/app.ts";
import { type Constant, constant, sendConstant } from "../http/constant.ts";
import { fastifyRoute } from "../http/fastify-route.ts";
import { readJsonForms } from "../http/json-body.ts";
import type { DocumentHead } from "../http/openapi.ts";
import { type DocumentedRoute, documentOf } from "../openapi-document.ts";
import { authenticateHost } from "./auth.ts";
import type { HostContext } from "./context.ts";
import { hostRoutes } from "./routes.ts";

/** The host interface: what a platform's own services reach, on a listener of its own. */

const documentPath = "/host/openapi.json";

const head: DocumentHead = {
  openapi: "3.1.0",
  info: {
    title: "Signalbox host interface",
    version: "1",
    description:
      "For the services of a platform, in whatever language: events, operations, resources and users. Answers are `{ success, message, data }`; errors add `code`, on which to match, and perhaps `fields`. Paths answer alike with and without a final slash. Tokens are those of the role `host`, which work nowhere else.",
  },
  tags: [
    { name: "events", description: "Events of the platform, and what came of them." },
    { name: "resources", description: "What the platform keeps itself, so that its users can subscribe to it." },
    { name: "users", description: "The platform's users." },
    { name: "operations", description: "What the platform does between hooks and the event that tells of it." },
    { name: "declarations", description: "The platform's own event types, and kinds of resources." },
  ],
  components: {
    securitySchemes: {
      token: {
        type: "http",
        scheme: "bearer",
        description: "A token of the role `host`, of `POST /api/cloud/tokens/`.",
      },
    },
  },
};

/** Not yet listening. It has no route of the API, and no caller of the API reaches it. */
export function hostServer(context: HostContext): FastifyInstance {
  const routes = hostRoutes(context);
  const methodsAt = methodsOf([...routes, { method: "GET", path: documentPath }]);
  const app = appOf(context, { methodsAt, document: documentPath });
  const documented: DocumentedRoute[] = [];
  app.addHook("onRoute", (route) => void documented.push(route));
  readJsonForms(
    app,
    routes.flatMap(({ forms }) => Object.keys(forms?.types ?? {})),
  );
  app.register(async (scope) => {
    for (const route of routes) scope.route(fastifyRoute(context, route, (asked) => authenticateHost(context, asked)));
    let document: Promise<Constant> | undefined;
    const made = async (): Promise<Constant> => {
      const text = await context.slices.run(
        "anonymous",
        documentOf(documented, { head, publicUrl: undefined, examples: {} }),
      );
      return constant("application/json; charset=utf-8", text);
    };
    scope.get(documentPath, {
      schema: { hide: true },
      handler: async (request, reply) => {
        document ??= made();
        return sendConstant(request, reply, await document);
      },
    });
  });
  return app;
}
