import { defaultRequestedRetries, type RequestedRetries } from "../domain/requested-retries.ts";
import type { RetryPolicy } from "../domain/retry.ts";
import { type Subscription, targetFactsOf } from "../domain/subscription.ts";
import { targetKindOf } from "./target-kinds/target-kinds.ts";

/** What a subscription is called, and how it stands, in the words of the notifications face. */

export const notificationStatuses = ["ACTIVE", "INACTIVE", "COMPLETE", "FAILED"] as const;
type NotificationStatus = (typeof notificationStatuses)[number];

/** `ACTIVE` also while it was taken and the outcome is open. */
export function notificationStatusOf(subscription: Subscription): NotificationStatus {
  const { enabled, unconfirmed, outcome, deletedMs, endedMs } = subscription;
  if (deletedMs !== undefined) return "INACTIVE";
  if (outcome !== undefined) return outcome === "complete" ? "COMPLETE" : "FAILED";
  return enabled && unconfirmed === undefined && endedMs === undefined ? "ACTIVE" : "INACTIVE";
}

/** As it may be shown: without a password. What runs a function has no url: `function:7`, which none can be. */
export function urlOf({ target }: Pick<Subscription, "target">): string {
  return targetFactsOf(target).shown(target);
}

/** What was asked for; of a subscription that was made through another face, what comes nearest to its policy. */
export function retryOf({
  retry,
  policy,
  target,
}: Pick<Subscription, "retry" | "policy" | "target">): RequestedRetries {
  if (retry !== undefined) return retry;
  return targetKindOf(target).retries === undefined ? nearest(policy) : defaultRequestedRetries;
}

const mostSeconds = 86_400;
const mostRetries = 1440;

function nearest({ maxRetries, scheduleMs }: RetryPolicy): RequestedRetries {
  const retryLimit = Math.min(maxRetries, mostRetries);
  if (retryLimit === 0) return { ...defaultRequestedRetries, retryStrategy: "NONE", retryLimit };
  const seconds = (ms = 0): number => Math.min(Math.ceil(ms / 1000), mostSeconds);
  const retryDelay = seconds(scheduleMs[0]);
  const retryRate = seconds(scheduleMs.at(-1));
  const retryStrategy = retryDelay === 0 ? "IMMEDIATE" : "DELAYED";
  return { ...defaultRequestedRetries, retryStrategy, retryLimit, retryRate, retryDelay };
}
