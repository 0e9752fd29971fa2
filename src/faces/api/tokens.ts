import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { everyRole, type HostScope } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { eventTypesForm, kindsForm, mostInScope } from "../../domain/host-scope.ts";
import type { Uuid } from "../../domain/ids.ts";
import { invalidField, notFound } from "../../errors.ts";
import { parseTokenUuid } from "../../platform/access/identities.ts";
import { actingS, createActingToken } from "../../platform/access/on-behalf.ts";
import { createToken, listTokens, revokeToken } from "../../platform/access/tokens.ts";
import type { KnownToken } from "../../store/records.ts";
import { Cursors } from "../http/cursors.ts";
import {
  instant,
  label,
  nextCursor,
  nullable,
  paging,
  principalName,
  readInstant,
  shownInstant,
  shownOptional,
} from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const longestLifeS = 10 * 366 * 86_400;

const newTokenBody = Type.Object(
  {
    principal: Type.Optional(principalName),
    on_behalf_of: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 150,
        description:
          "In place of `principal`: name of a user to act for, for 15 minutes unless it is said otherwise, and an hour at the most.",
      }),
    ),
    role: Type.Optional(
      Type.Enum([...everyRole], {
        description:
          "Needed for a new principal; a principal has one role. `host`: a service of the platform, whose tokens work on the host interface and nowhere else.",
      }),
    ),
    label: Type.Optional(label),
    expires_in_s: Type.Optional(
      Type.Integer({ minimum: 1, maximum: longestLifeS, description: "Unset: it does not expire." }),
    ),
    expires_at: Type.Optional(instant),
    all_tenants: Type.Optional(
      Type.Boolean({
        description: "Of a host: whether it acts in every tenant. Only operators give that. Unset: in its own.",
      }),
    ),
    event_types: Type.Optional(
      Type.Array(
        Type.String({
          pattern: eventTypesForm,
          "x-remedy": "must be the name of an event type, or how names begin and *",
        }),
        {
          minItems: 1,
          maxItems: mostInScope,
          description: "Of a host: the lifecycle event types that it may publish, such as `POST_ORDER_*`. Unset: all.",
        },
      ),
    ),
    kinds: Type.Optional(
      Type.Array(Type.String({ pattern: kindsForm, "x-remedy": "must be the name of a kind" }), {
        minItems: 1,
        maxItems: mostInScope,
        description: "Of a host: the kinds of resources that it may register and raise events on. Unset: all.",
      }),
    ),
  },
  { additionalProperties: false },
);

const shownToken = named(
  "Token",
  Type.Object({
    id: Type.String(),
    principal: Type.String(),
    role: Type.Enum([...everyRole]),
    label: Type.String(),
    status: Type.Enum(["active", "expired", "revoked"]),
    created_at: instant,
    expires_at: nullable(instant),
    revoked_at: nullable(instant),
    made_by: nullable(Type.String({ description: "Who acts with it for the principal." })),
    all_tenants: Type.Boolean(),
    event_types: nullable(Type.Array(Type.String())),
    kinds: nullable(Type.Array(Type.String())),
  }),
);

function show({ token, principal }: KnownToken, nowMs: number): Static<typeof shownToken> {
  const expired = token.expiresMs !== undefined && token.expiresMs <= nowMs;
  return {
    id: token.uuid,
    principal: principal.name,
    role: principal.role,
    label: token.label,
    status: token.revokedMs !== undefined ? "revoked" : expired ? "expired" : "active",
    created_at: shownInstant(token.createdMs),
    expires_at: shownOptional(token.expiresMs),
    revoked_at: shownOptional(token.revokedMs),
    made_by: token.madeBy ?? null,
    all_tenants: token.host?.allTenants === true,
    event_types: shownNames(token.host?.eventTypes),
    kinds: shownNames(token.host?.kinds),
  };
}

function shownNames(names: readonly string[] | undefined): string[] | null {
  return names === undefined ? null : [...names];
}

function readScope(body: Static<typeof newTokenBody>): { readonly host?: HostScope } {
  const { all_tenants: allTenants, event_types: eventTypes, kinds } = body;
  if (allTenants === undefined && eventTypes === undefined && kinds === undefined) return {};
  return { host: { allTenants: allTenants === true, ...defined({ eventTypes, kinds }) } };
}

function readExpiry(body: Static<typeof newTokenBody>, nowMs: number): { readonly expiresMs?: number } {
  const { expires_in_s: seconds, expires_at: at } = body;
  if (seconds !== undefined && at !== undefined)
    throw invalidField("expires_at", "goes without expires_in_s: give one");
  if (seconds !== undefined) return { expiresMs: nowMs + seconds * 1000 };
  if (at === undefined) return {};
  const expiresMs = readInstant("expires_at", at);
  if (expiresMs <= nowMs) throw invalidField("expires_at", "must lie in the future");
  return { expiresMs };
}

/** When a token ends by which another acts for a user. */
function readActing(body: Static<typeof newTokenBody>, nowMs: number): number {
  const { role, all_tenants: allTenants, event_types: eventTypes, kinds } = body;
  if (role !== undefined) throw invalidField("role", "goes without on_behalf_of: the token has the role of its user");
  if (allTenants !== undefined || eventTypes !== undefined || kinds !== undefined) {
    throw invalidField("on_behalf_of", "goes without what only hosts' tokens have");
  }
  const { expiresMs = nowMs + actingS.default * 1_000 } = readExpiry(body, nowMs);
  if (expiresMs <= nowMs + actingS.longest * 1_000) return expiresMs;
  throw invalidField(
    body.expires_at === undefined ? "expires_in_s" : "expires_at",
    `must end within ${actingS.longest} seconds: ask for another token then`,
  );
}

/** Tokens, and with the first one of a name its principal. */
export function tokenRoutes(deps: Pick<Context, "clock" | "log" | "store" | "vault">): Route[] {
  const { store, vault, clock } = deps;
  const path = "/api/cloud/tokens/";
  const common = { role: "admin", tag: "identities" } as const;
  const cursors = new Cursors<Uuid>(vault, "tokens");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the tenant's tokens, newest first",
      query: Type.Object(paging),
      message: "Tokens retrieved",
      data: Type.Object({ tokens: Type.Array(shownToken), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const { tokens, next } = await listTokens(store, caller, page);
        return {
          tokens: tokens.map((token) => show(token, clock.now())),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Makes a token, and its principal when there is none by that name",
      description:
        "Admins make tokens of every role but operator; only operators make those, and hosts' of all tenants.",
      body: newTokenBody,
      status: 201,
      message: "Token created; keep it, it is not shown again",
      data: Type.Object({ ...shownToken.properties, token: Type.String({ description: "Shown only now." }) }),
      handle: async ({ caller, body }) => {
        const nowMs = clock.now();
        const { principal, role, label: text = "", on_behalf_of: username } = body;
        if ((principal === undefined) === (username === undefined)) {
          throw invalidField("principal", "or on_behalf_of: give one of the two");
        }
        if (username !== undefined) {
          const acting = { username, label: text, expiresMs: readActing(body, nowMs) };
          const made = await createActingToken(deps, caller, acting);
          return { ...show(made, nowMs), token: made.text };
        }
        if (principal === undefined) throw new TypeError("it was looked for above");
        const input = { principal, label: text, ...defined({ role }), ...readExpiry(body, nowMs), ...readScope(body) };
        const made = await createToken(deps, caller, input);
        return { ...show(made, nowMs), token: made.text };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Revokes a token at once",
      params: Type.Object({ id: Type.String() }),
      message: "Token revoked",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        const uuid = parseTokenUuid(params.id);
        if (uuid === undefined) throw notFound(`token '${params.id}'`);
        await revokeToken(deps, caller, uuid);
        return {};
      },
    }),
  ];
}
