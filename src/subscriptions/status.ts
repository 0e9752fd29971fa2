import type { Subscription } from "../domain/subscription.ts";

export const subscriptionStatuses = ["active", "paused", "inactive", "unconfirmed", "complete", "failed"] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/**
 * What becomes of an event that happens now, in one word. `complete` and `failed`: a one-shot subscription has had its event, and this
 * came of it; while its delivery is under way it is still `active`.
 */
export function statusOf({
  outcome,
  endedMs,
  enabled,
  unconfirmed,
  paused,
}: Pick<Subscription, "outcome" | "endedMs" | "enabled" | "unconfirmed" | "paused">): SubscriptionStatus {
  if (outcome !== undefined) return outcome;
  if (endedMs !== undefined || !enabled) return "inactive";
  if (unconfirmed === true) return "unconfirmed";
  return paused === undefined ? "active" : "paused";
}
