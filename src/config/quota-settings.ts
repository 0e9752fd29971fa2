import { type Static, Type } from "typebox";
import { type QuotaName, type Quotas, quotaNames } from "../domain/quotas.ts";

/** What a tenant may have unless its operator says otherwise for it. */

const says = (about: string, unit: "" | "bytes" = "") => ({ description: about, unit, secret: false });
/** There is no word for "no limit": this is more than there will ever be. */
const most = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export const quotaSettings = {
  quotaBytes: Type.Integer({
    default: 2 ** 40,
    ...most,
    ...says(
      "Bytes of objects and of parts of open uploads that a tenant may have; 0, here and below, is none.",
      "bytes",
    ),
  }),
  quotaObjects: Type.Integer({ default: 10_000_000, ...most, ...says("Objects that a tenant may have.") }),
  quotaBuckets: Type.Integer({ default: 1_000, ...most, ...says("Buckets that a tenant may have.") }),
  quotaPrincipals: Type.Integer({
    default: 10_000,
    ...most,
    minimum: 1,
    ...says("Principals that a tenant may have."),
  }),
  quotaOpenUploads: Type.Integer({
    default: 10_000,
    ...most,
    ...says("Multipart uploads that a tenant may have open at once."),
  }),
  quotaSubscriptions: Type.Integer({
    default: 250_000,
    ...most,
    ...says("Subscriptions, of all faces, that a tenant may have."),
  }),
  quotaFunctions: Type.Integer({ default: 1_000, ...most, ...says("Functions that a tenant may have.") }),
  quotaOpenOperations: Type.Integer({
    default: 10_000,
    ...most,
    ...says("Operations of the host interface that a tenant may have open at once: neither committed nor aborted."),
  }),
  quotaEventsPerSecond: Type.Integer({
    default: 10_000,
    ...most,
    ...says("Events a second that a tenant may make, and twice as many at once."),
  }),
};

const keys = {
  bytes: "quotaBytes",
  objects: "quotaObjects",
  buckets: "quotaBuckets",
  principals: "quotaPrincipals",
  open_uploads: "quotaOpenUploads",
  subscriptions: "quotaSubscriptions",
  functions: "quotaFunctions",
  open_operations: "quotaOpenOperations",
  events_per_second: "quotaEventsPerSecond",
} as const satisfies Record<QuotaName, keyof typeof quotaSettings>;

type QuotaSettings = { readonly [K in keyof typeof quotaSettings]: Static<(typeof quotaSettings)[K]> };

/** The quotas that the settings say. */
export function quotasOf(settings: QuotaSettings): Quotas {
  const entries = quotaNames.map((name) => [name, settings[keys[name]]] as const);
  return Object.fromEntries(entries) as Record<QuotaName, number>;
}
