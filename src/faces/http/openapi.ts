import type { FastifySchema } from "fastify";
import { Type } from "typebox";
import { hostRole, type Role } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { idempotencyHeader } from "./answer.ts";
import { bytesBody } from "./bytes.ts";
import { failureSchema, successSchema } from "./envelope.ts";
import { ifMatchHeader } from "./if-match.ts";
import type { Route } from "./route.ts";

/** The API as OpenAPI: one schema checks, types and documents each route. */

const tags = [
  ["rules", "Notification rules of a bucket: which of its events go to which webhook."],
  ["subscriptions", "Who wants which events, where to: every face, every kind of target."],
  [
    "notifications",
    "A webhook or an e-mail when a resource changes, once or for ever. Answers have an envelope of their own.",
  ],
  ["mails", "E-mail that was kept because there is no mail server."],
  ["live", "What happens, as it happens."],
  ["deliveries", "What was sent, what was not, and sending it again."],
  ["buckets", "Buckets, what is in them, and who may reach them."],
  ["events", "Event types, the functions that are subscribed to them, and what those decided."],
  ["apps", "Apps, to which functions belong."],
  ["functions", "Functions: a tenant's own code, its versions, and how it ran."],
  ["users", "Users: whom the tenant's platform knows. Hooks come before each change, functions run afterwards."],
  ["identities", "Tenants, principals, tokens, S3 key pairs, and logins of browsers."],
  ["system", "For who runs Signalbox."],
] as const;

/** A document but for its paths. */
export interface DocumentHead {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly components: { readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** Of the API. */
export const documentHead: DocumentHead = {
  openapi: "3.1.0",
  info: {
    title: "Signalbox",
    version: "1",
    description:
      "Answers are `{ success, message, data }`; errors add `code`, on which to match, and perhaps `fields`. Paths answer alike with and without a final slash. What a caller may not see is 404.",
  },
  tags: tags.map(([name, description]) => ({ name, description })),
  components: {
    securitySchemes: {
      session: {
        type: "apiKey",
        in: "cookie",
        name: "signalbox_session_{server}",
        description:
          "Of `POST /api/cloud/session/`, which says its whole name: it ends in eight hex digits of the server's public URL, and begins with `__Host-` over https. Counts where there is no `Authorization`. What does more than read needs `Sec-Fetch-Site: same-origin` or an `Origin` of the server's own.",
      },
      token: { type: "http", scheme: "bearer", description: "A token of `/api/cloud/tokens/`." },
    },
  },
};

/** Chooses the tenant; an operator's only. */
export const tenantHeader = Type.Object({
  "x-signalbox-tenant": Type.Optional(
    Type.String({ description: "The tenant to act in. For operators, whose default is `default`." }),
  ),
});

const hostTenantHeader = Type.Object({
  "x-signalbox-tenant": Type.Optional(
    Type.String({
      description: "The tenant to act in, of a token of all tenants. Unset: `default`, or the only one there is.",
    }),
  ),
});

function tenantHeaderOf(role: Role): typeof tenantHeader {
  return role === hostRole ? hostTenantHeader : tenantHeader;
}

const idempotencyKey = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: "^[\\x21-\\x7e]+$",
    description:
      "Of your choice, new for each new request. Made again under the same key, the request is not done again: within a day the first answer is given again, with the header `idempotency-replayed: true`. Failures (5xx) are not remembered.",
  }),
);

export const ifMatch = Type.Optional(
  Type.String({
    description:
      "The `ETag` of the state that the change was made for, or `*` for whatever is there. When another edit came since: 412 `precondition_failed`, and `data` holds `changed_by`, `changed_at` and the present `etag`. Judged in the commit. Without it the last edit counts.",
  }),
);

export const etagHeader = {
  ETag: {
    description: "Of the last edit. Another one after every edit, by whichever route or face; send it as `If-Match`.",
    schema: { type: "string" },
  },
};

type RouteSchema = FastifySchema & Readonly<Record<`x-${string}`, string>>;

/** What is documented alike of every route that takes a token. */
export function callerSchema({
  path,
  summary,
  description,
  tag,
  role,
  params,
}: Pick<Route, "path" | "summary" | "description" | "tag" | "role" | "params">): RouteSchema {
  const names = [...path.matchAll(/:([A-Za-z_]+)/g)].map(([, name = ""]) => name);
  const documented = params ?? Type.Object(Object.fromEntries(names.map((name) => [name, Type.String()])));
  return {
    summary,
    description: `${description === undefined ? "" : `${description}\n\n`}Needs the role ${role}.`,
    tags: [tag],
    security: role === hostRole ? [{ token: [] }] : [{ token: [] }, { session: [] }],
    "x-signalbox-role": role,
    headers: tenantHeaderOf(role),
    ...(names.length === 0 ? {} : { params: documented }),
  };
}

export function schemaOf(route: Route): RouteSchema {
  const { operationId, summary, query, body, data, status = 200, idempotent, bytes, verbatim } = route;
  const sendsBytes = bytes === "out" || bytes === "events";
  const headers = {
    ...tenantHeaderOf(route.role).properties,
    ...(idempotent === true && { [idempotencyHeader]: idempotencyKey }),
    ...(route.edited !== undefined && route.method !== "GET" && { [ifMatchHeader]: ifMatch }),
  };
  const hasEtag = (route.edited !== undefined || route.made !== undefined) && !endsIt(route);
  return {
    ...defined({ operationId }),
    ...callerSchema(route),
    headers: Type.Object(headers),
    ...defined({ querystring: query, body }),
    ...(route.forms !== undefined && { forms: route.forms.types }),
    ...(bytes === "in" && { body: bytesBody, consumes: ["*/*"] }),
    ...(bytes === "out" && { produces: "*/*" }),
    ...(bytes === "events" && { produces: "text/event-stream" }),
    response: {
      [status]: {
        description: summary,
        ...(hasEtag && { headers: etagHeader }),
        ...(sendsBytes || verbatim === true ? data : successSchema(data)),
      },
      "4XX": { description: "Nothing was changed.", ...failureSchema },
      "5XX": { description: "Try again, when `code` says so.", ...failureSchema },
    },
  };
}

/** What is deleted has no `ETag` any more, unless the answer still shows it. */
function endsIt({ method, data }: Route): boolean {
  return method === "DELETE" && Object.keys((data as { readonly properties?: object }).properties ?? {}).length === 0;
}
