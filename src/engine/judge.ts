import type { Attempt, DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
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
  const { once } = subscription;
  const ofOnce = once === undefined ? {} : { once };
  const next = nextStep(subscription.policy, { outcome, attempt: tries + 1, nowMs, random });
  switch (next.kind) {
    case "done":
      return { record: { ...made, ...ofOnce, status: "delivered" }, pause: false };
    case "wait":
      return { record: { ...unmade(subscription, { event, attempts, tries }), dueMs: next.dueMs }, pause: false };
    case "retry":
      return { record: { ...made, status: "waiting", dueMs: next.dueMs }, pause: false };
    case "pause":
      // Not the delivery's fault: on resume it has as many tries as before.
      return { record: { ...made, status: "waiting", dueMs: nowMs, tries }, pause: true };
    case "dead":
      return { record: { ...made, ...ofOnce, status: "dead", reason: next.reason }, pause: false };
    default:
      return next satisfies never;
  }
}

/** Nothing was tried, and nothing is counted. */
function unmade({ number }: Subscription, { event, attempts, tries }: DueDelivery) {
  const { sequence, tenant } = event;
  return { sequence, subscription: number, tenant, status: "waiting", attempts, tries } as const;
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

/** A first attempt that was put off: it is due at once. */
export function parkedRecord({ sequence, tenant }: Event, subscription: number, nowMs: number): DeliveryRecord {
  return { sequence, subscription, tenant, status: "waiting", attempts: 0, tries: 0, dueMs: nowMs, parked: true };
}

/** A delivery that nobody is left to receive, or nobody who may. */
export function buriedRecord(
  subscription: Subscription,
  due: DueDelivery,
  reason: "subscription_deleted" | "not_visible" | "not_matched",
): DeliveryRecord {
  const { once } = subscription;
  return { ...unmade(subscription, due), status: "dead", reason, ...(once === undefined ? {} : { once }) };
}
