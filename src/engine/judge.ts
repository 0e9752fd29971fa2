import type { Attempt, DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import { nextStep } from "../domain/retry.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AttemptResult } from "../targets/target.ts";

export interface Judgement {
  readonly record: DeliveryRecord;
  /** The receiver wants no more: the subscription is to be paused. */
  readonly pause: boolean;
}

/** What an attempt's end makes of its delivery. Pure: `nowMs` is when it ended, `random` gives 0 ≤ x < 1. */
export function judge(
  subscription: Subscription,
  { event, attempts, tries }: DueDelivery,
  result: AttemptResult,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): Judgement {
  const { outcome } = result;
  const made = {
    sequence: event.sequence,
    subscription: subscription.number,
    tenant: event.tenant,
    attempts: attempts + 1,
    tries: tries + 1,
    attempt: attemptMade(result, attempts + 1),
    ...(result.invocation === undefined ? {} : { invocation: result.invocation }),
  };
  const next = nextStep(subscription.policy, { outcome, attempt: tries + 1, nowMs, random });
  switch (next.kind) {
    case "done":
      return { record: { ...made, status: "delivered" }, pause: false };
    case "retry":
      return { record: { ...made, status: "waiting", dueMs: next.dueMs }, pause: false };
    case "pause":
      // Not the delivery's fault: on resume it has as many tries as before.
      return { record: { ...made, status: "waiting", dueMs: nowMs, tries }, pause: true };
    case "dead":
      return { record: { ...made, status: "dead", reason: next.reason }, pause: next.reason === "gone" };
    default:
      return next satisfies never;
  }
}

function attemptMade(
  { outcome, startedMs, durationMs, status, message, snippet }: AttemptResult,
  number: number,
): Attempt {
  return {
    number,
    startedMs,
    durationMs,
    ...(status === undefined ? {} : { status }),
    ...(outcome.kind === "delivered" ? {} : { reason: outcome.reason }),
    ...(message === undefined ? {} : { message }),
    ...(snippet === undefined || snippet === "" ? {} : { snippet }),
  };
}

/** A delivery that nobody is left to receive. */
export function deletedRecord(subscription: Subscription, { event, attempts, tries }: DueDelivery): DeliveryRecord {
  return {
    sequence: event.sequence,
    subscription: subscription.number,
    tenant: event.tenant,
    status: "dead",
    reason: "subscription_deleted",
    attempts,
    tries,
  };
}
