import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import type { ApiContext } from "../../http/api-context.ts";
import { failureSchema, success, successSchema } from "../../http/envelope.ts";
import { named } from "../../http/named.ts";

/** `GET /api/cloud/logins/`: at which issuers a browser can log in. Asked before one is known. */

export const loginsPath = "/api/cloud/logins/";

const shownLogin = named(
  "Login",
  Type.Object({
    id: Type.String(),
    label: Type.String(),
    url: Type.String({
      description:
        "Where a browser begins; `?to=` and a place of the dashboard, relative to `/dashboard/`, is where it comes out.",
    }),
  }),
);

/** @param scope registers what it documents. */
export function loginsRoute(
  scope: FastifyInstance,
  { browserLogins, config, publicUrl }: Pick<ApiContext, "browserLogins" | "config" | "publicUrl">,
): void {
  scope.route({
    method: "GET",
    url: loginsPath,
    schema: {
      operationId: "listLogins",
      tags: ["identities"],
      summary: "Lists at which issuers a browser can log in to the dashboard",
      description: "As the settings say; none where there is no dashboard. Needs no credentials.",
      response: {
        200: {
          description: "What there is.",
          ...successSchema(Type.Object({ logins: Type.Array(shownLogin) })),
        },
        "4XX": { description: "Nothing was changed.", ...failureSchema },
        "5XX": { description: "Try again, when `code` says so.", ...failureSchema },
      },
    },
    validatorCompiler: () => (value) => ({ value }),
    serializerCompiler: () => (data) => JSON.stringify(data),
    handler: async (_request, reply) => {
      const offered = config.dashboard === "on" ? browserLogins.offered : [];
      const logins = offered.map(({ id, label }) => ({ id, label, url: `${publicUrl()}/dashboard/login/${id}` }));
      return reply.send(success("Logins retrieved", { logins }));
    },
  });
}
