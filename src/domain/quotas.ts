import { SignalboxError } from "../errors.ts";

/** What a tenant may have of the installation. */

/** In the order in which they are listed. */
export const quotaNames = [
  /** Of objects and of parts of uploads that are open; of a copy as much as of its source, whatever the disk shares. */
  "bytes",
  "objects",
  "buckets",
  "principals",
  /** Multipart uploads that are neither completed nor aborted. */
  "open_uploads",
  /** Of all faces; those that may still meet an event. */
  "subscriptions",
  "functions",
  /** Begun over the host interface with an intent, and neither committed nor aborted. */
  "open_operations",
  /** Accepted from callers, whatever they come of. */
  "events_per_second",
] as const;

export type QuotaName = (typeof quotaNames)[number];

/** All but the rate, which no table counts. */
export type CountedQuota = Exclude<QuotaName, "events_per_second">;

/** How much of each; 0 is none at all. */
export type Quotas = Readonly<Record<QuotaName, number>>;

/** No bound but what numbers can count: for stores that are opened without an installation around them. */
export const noQuotas: Quotas = Object.fromEntries(
  quotaNames.map((name) => [name, Number.MAX_SAFE_INTEGER]),
) as unknown as Quotas;

/** A tenant's quota as it stands. */
export interface QuotaState {
  readonly name: QuotaName;
  readonly limit: number;
  readonly used: number;
  /** The limit was set for this tenant; otherwise it is the installation's. */
  readonly own: boolean;
}

/** What a write would have gone beyond. */
export interface Exceeded {
  readonly tenant: string;
  readonly quota: CountedQuota;
  readonly limit: number;
  /** Before the write. */
  readonly used: number;
  /** What there would be after it. */
  readonly wanted: number;
}

const remedies: Readonly<Record<CountedQuota, string>> = {
  bytes: "delete objects or abort uploads",
  objects: "delete some",
  buckets: "delete one",
  principals: "end one",
  open_uploads: "complete or abort some",
  subscriptions: "delete some",
  functions: "delete one",
  open_operations: "commit or abort some",
};

/** @returns SignalboxError `quota_exceeded`, whose data are `quota`, `limit`, `used` and `wanted`. */
export function quotaExceeded({ tenant, quota, limit, used, wanted }: Exceeded): SignalboxError {
  const message =
    `the tenant '${tenant}' may have ${limit} ${quota}, has ${used}, and this would make it ${wanted}: ` +
    `${remedies[quota]}, or ask the operator for a larger quota`;
  return new SignalboxError("quota_exceeded", message, { data: { quota, limit, used, wanted } });
}

/** @returns SignalboxError `too_many_requests`, whose data are `quota`, `limit`, `used` (in the last second) and `retry_after_ms`. */
export function tooManyEvents(
  tenant: string,
  { limit, used, retryAfterMs }: { readonly limit: number; readonly used: number; readonly retryAfterMs: number },
): SignalboxError {
  const message =
    `the tenant '${tenant}' may make ${limit} events_per_second and made ${used} in the last one: ` +
    `${limit === 0 ? "" : `try again in ${retryAfterMs} ms, `}spread them out, or ask the operator for a larger quota`;
  const data = { quota: "events_per_second", limit, used, retry_after_ms: retryAfterMs };
  return new SignalboxError("too_many_requests", message, { data });
}
