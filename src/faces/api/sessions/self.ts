import { type Static, Type } from "typebox";
import { apiRole, type Principal, roles } from "../../../domain/access.ts";
import type { LiveSession, Proof } from "../../../platform/access/sessions.ts";
import { packageVersion } from "../../../version.ts";
import type { ApiContext } from "../../http/api-context.ts";
import { instant, nullable, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";

/** Who the caller is, and what a page that acts for it has to know of this server. */

const limit = Type.Integer();

export const shownSelf = named(
  "Self",
  Type.Object({
    principal: Type.String({ description: "Of an operator in another tenant: `operator:` and its name." }),
    role: Type.Enum([...roles]),
    tenant: Type.String({ description: "That it acts in." }),
    user: nullable(Type.String({ description: "Uuid of the user that it is linked to." })),
    kind: Type.Enum(["session", "token", "jwt", "function"], { description: "By what it proved who it is." }),
    session: nullable(
      Type.Object({
        id: Type.String(),
        expires_at: instant,
        idle_until: Type.String({ format: "date-time", description: "It ends then unless it is used." }),
      }),
    ),
    tenants: Type.Object({
      choose: Type.Boolean({ description: "Whether it may act in others, by `X-Signalbox-Tenant`." }),
    }),
    version: Type.String(),
    public_url: Type.String(),
    mail: Type.Enum(["smtp", "kept"], { description: "Whether mail is sent, or kept and listed." }),
    limits: Type.Object({
      max_body_bytes: limit,
      max_rules_per_bucket: limit,
      max_hooks_per_event: limit,
      max_functions_per_event: limit,
      max_subscriptions_per_user: limit,
    }),
  }),
);

export function showSelf(
  { config, publicUrl, keptMails }: Pick<ApiContext, "config" | "publicUrl" | "keptMails">,
  caller: Principal,
  proof: Proof,
): Static<typeof shownSelf> {
  return {
    principal: caller.name,
    role: apiRole(caller.role),
    tenant: caller.tenant,
    user: caller.user ?? null,
    kind: proof.kind,
    session: proof.kind === "session" ? showOwn(proof.live) : null,
    tenants: { choose: caller.role === "operator" && proof.kind !== "function" },
    version: packageVersion,
    public_url: publicUrl(),
    mail: keptMails === undefined ? "smtp" : "kept",
    limits: {
      max_body_bytes: config.maxBodyBytes,
      max_rules_per_bucket: config.maxRulesPerBucket,
      max_hooks_per_event: config.maxHooksPerEvent,
      max_functions_per_event: config.maxFunctionsPerEvent,
      max_subscriptions_per_user: config.maxSubscriptionsPerUser,
    },
  };
}

function showOwn({ known, expiresMs, idleUntilMs }: LiveSession): NonNullable<Static<typeof shownSelf>["session"]> {
  return { id: known.session.uuid, expires_at: shownInstant(expiresMs), idle_until: shownInstant(idleUntilMs) };
}
