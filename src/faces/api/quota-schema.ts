import { type Static, type TSchema, Type } from "typebox";
import { type QuotaName, type QuotaState, quotaNames } from "../../domain/quotas.ts";
import { named } from "../http/named.ts";

/** Quotas as the API tells and takes them. */

const name = Type.Enum([...quotaNames]);

export const shownQuotas = Type.Array(
  named(
    "Quota",
    Type.Object({
      name,
      limit: Type.Integer(),
      used: Type.Integer({ description: "Of events_per_second: in about the last second." }),
      source: Type.Enum(["default", "tenant"], {
        description: "Whether the limit is the installation's or this tenant's own.",
      }),
    }),
  ),
  { description: "What the tenant may have and has. What a write would make more of than `limit` is refused." },
);

export function showQuotas(states: readonly QuotaState[]): Static<typeof shownQuotas> {
  return states.map(({ name, limit, used, own }) => ({ name, limit, used, source: own ? "tenant" : "default" }));
}

const limit = Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()], {
  description: "0 is none at all, null the installation's default again.",
});

/** What is to be changed, by name. */
export const quotaPatch = Type.Object(
  Object.fromEntries(quotaNames.map((one): [string, TSchema] => [one, Type.Optional(limit)])) as unknown as Record<
    QuotaName,
    ReturnType<typeof Type.Optional<typeof limit>>
  >,
  { additionalProperties: false, minProperties: 1 },
);
