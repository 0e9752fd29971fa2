import { type Static, Type } from "typebox";
import type { Principal } from "../../domain/access.ts";
import { SignalboxError } from "../../errors.ts";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import type { ResolverAsker } from "../../platform/host/operations/asker.ts";
import {
  findResolver,
  putResolver,
  type ResolverContext,
  removeResolver,
} from "../../platform/host/operations/resolver.ts";
import { everyTenant, type Resolver } from "../../store/resolvers.ts";
import { instant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

/** Where a platform is asked what became of operations whose end it did not report. */

const shownResolver = named(
  "Resolver",
  Type.Object({
    url: Type.String(),
    all_tenants: Type.Boolean({ description: "Whether it is that of all tenants that have no other." }),
    created_at: instant,
    updated_at: instant,
    signing_secret: Type.Optional(
      Type.String({ description: "`whsec_…` of Standard Webhooks: shown once, when it is made." }),
    ),
  }),
);

const query = Type.Object({
  all_tenants: Type.Optional(
    Type.Enum(["true", "false"], {
      description:
        "`true`: that of all tenants that have no other, for a token of all tenants. Unset: the tenant's own.",
    }),
  ),
});

function show({ tenant, url, createdMs, updatedMs }: Resolver): Static<typeof shownResolver> {
  return {
    url,
    all_tenants: tenant === everyTenant,
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}

/** Whose is meant, by a caller who may change it: what it says counts for operations of any type. */
function placeOf(caller: Principal, { all_tenants: all }: Static<typeof query>): string {
  if (caller.host?.eventTypes !== undefined) {
    throw new SignalboxError(
      "forbidden",
      "your token is restricted to some event types, and a resolver answers for all: use one that is not",
    );
  }
  if (all !== "true") return caller.tenant;
  judgeHost(caller, { allTenants: true });
  return everyTenant;
}

export function resolverRoutes(context: ResolverContext & { readonly asker: Pick<ResolverAsker, "wake"> }): Route[] {
  const common = { role: "host", tag: "operations", path: "/host/v1/resolve/", query } as const;
  return [
    route({
      ...common,
      method: "PUT",
      operationId: "putResolver",
      summary: "Sets where the platform is asked what became of operations that it reported no end of",
      description:
        "A signed GET with `operation_id` and `tenant`. What waits for want of a resolver is asked about at once. A change keeps the signing secret, unless a new one is asked for; the one before it signs too for a day then.",
      body: Type.Object(
        {
          url: Type.String({ minLength: 1, maxLength: 2_048, description: "http or https, within the egress rules." }),
          new_secret: Type.Optional(Type.Boolean({ default: false })),
        },
        { additionalProperties: false },
      ),
      message: "Resolver set",
      data: shownResolver,
      handle: async ({ caller, query: asked, body: { url, new_secret: newSecret = false } }) => {
        const { resolver, signingSecret } = await putResolver(context, placeOf(caller, asked), { url, newSecret });
        context.asker.wake();
        return { ...show(resolver), ...(signingSecret === undefined ? {} : { signing_secret: signingSecret }) };
      },
    }),
    route({
      ...common,
      method: "GET",
      operationId: "getResolver",
      summary: "Shows where the platform is asked what became of operations",
      message: "Resolver retrieved",
      data: shownResolver,
      handle: async ({ caller, query: asked }) => show(await findResolver(context, placeOf(caller, asked))),
    }),
    route({
      ...common,
      method: "DELETE",
      operationId: "removeResolver",
      summary: "Asks the platform no more",
      description: "Operations of a tenant are asked about at the resolver of all tenants then, if there is one.",
      message: "Resolver removed",
      data: Type.Object({}),
      handle: async ({ caller, query: asked }) => {
        await removeResolver(context, placeOf(caller, asked));
        return {};
      },
    }),
  ];
}
