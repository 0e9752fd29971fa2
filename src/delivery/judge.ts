import type { Attempt, DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import { lineOf } from "../domain/pace.ts";
import { nextStep } from "../domain/retry.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AttemptResult } from "../targets/target.ts";

interface Moment {
  readonly nowMs: number;
  readonly random: () => number;
  readonly patienceMs: number;
  /** Of the subscription, when the attempt began. */
  readonly revision: number;
}

interface Judgement {
  readonly record: DeliveryRecord;
  /** The receiver wants no more: the subscription is to be paused. */
  readonly pause: boolean;
}

/** What an attempt's end makes of its delivery. Pure: `nowMs` is when it ended, `random` gives 0 ≤ x < 1. */
export function judge(
  subscription: Subscription,
  due: DueDelivery,
  result: AttemptResult,
  { nowMs, random, patienceMs, revision }: Moment,
): Judgement {
  const { event, attempts, tries, patientMs } = due;
  const { outcome } = result;
  const made = {
    sequence: event.sequence,
    subscription: subscription.number,
    tenant: event.tenant,
    attempts: attempts + 1,
    tries: tries + 1,
    ...lineOfDue(due),
    ...(due.isNew === true ? { isNew: true as const } : {}),
    attempt: attemptMade(result, attempts + 1, revision),
    ...(result.invocation === undefined ? {} : { invocation: result.invocation }),
  };
  const { once } = subscription;
  const ofOnce = once === undefined ? {} : { once };
  const over = due.line === undefined ? ofOnce : { ...ofOnce, releasedMs: nowMs };
  const patient = patientMs === undefined ? {} : { patientMs };
  const next = nextStep(subscription.policy, {
    outcome,
    attempt: tries + 1,
    nowMs,
    random,
    patience: { sinceMs: patientMs ?? nowMs, mostMs: patienceMs },
  });
  if (subscription.deletedMs !== undefined && next.kind !== "done" && next.kind !== "wait") {
    // It was deleted during the attempt: there is nothing to send it to again.
    return { record: { ...made, ...over, status: "dead", reason: "subscription_deleted" }, pause: false };
  }
  switch (next.kind) {
    case "done":
      return { record: { ...made, ...over, status: "delivered" }, pause: false };
    case "wait":
      return { record: { ...unmade(subscription, due), ...patient, ...waiting(next.dueMs, nowMs) }, pause: false };
    case "retry":
      return { record: { ...made, ...patient, ...waiting(next.dueMs, nowMs) }, pause: false };
    case "patience":
      // Its tries are for what goes wrong.
      return { record: { ...made, tries, patientMs: patientMs ?? nowMs, ...waiting(next.dueMs, nowMs) }, pause: false };
    case "pause":
      // Not the delivery's fault: on resume it has as many tries as before.
      return { record: { ...made, tries, ...patient, ...waiting(nowMs, nowMs) }, pause: true };
    case "dead":
      return { record: { ...made, ...over, status: "dead", reason: next.reason }, pause: false };
    default:
      return next satisfies never;
  }
}

/** Nothing was tried, and nothing is counted. */
function unmade({ number }: Subscription, due: DueDelivery) {
  const { event, attempts, tries } = due;
  const { sequence, tenant } = event;
  return { sequence, subscription: number, tenant, status: "waiting", attempts, tries, ...lineOfDue(due) } as const;
}

function lineOfDue({ line }: DueDelivery): Pick<DeliveryRecord, "line"> {
  return line === undefined ? {} : { line };
}

function waiting(dueMs: number, nowMs: number) {
  return { status: "waiting", dueMs, waitMs: dueMs - nowMs } as const;
}

function attemptMade(
  { outcome, startedMs, durationMs, status, message, snippet, wire, batch }: AttemptResult,
  number: number,
  revision: number,
): Attempt {
  return {
    number,
    startedMs,
    durationMs,
    revision,
    ...(status === undefined ? {} : { status }),
    ...(outcome.kind === "delivered" ? {} : { reason: outcome.reason }),
    ...(message === undefined ? {} : { message }),
    ...(snippet === undefined || snippet === "" ? {} : { snippet }),
    ...(wire === undefined ? {} : { wire }),
    ...(batch === undefined ? {} : { batch }),
  };
}

/**
 * A first attempt that was put off: it is due at once, or when it has waited for others to go with; or as soon after that as it is the
 * first in its line.
 */
export function parkedRecord(
  event: Event,
  { number, face, pace }: Subscription,
  nowMs: number,
  dueMs = nowMs,
): DeliveryRecord {
  const { sequence, tenant } = event;
  const line = pace?.ordered === true ? { line: lineOf(event, face) } : {};
  const untried = { sequence, subscription: number, tenant, status: "waiting", attempts: 0, tries: 0 } as const;
  const wait = dueMs === nowMs ? {} : { waitMs: dueMs - nowMs };
  return { ...untried, dueMs, ...wait, parked: true, ...line };
}

/** A first attempt that goes on, for long already: after a crash it is due at once. It stands in no line, whatever its owner has said since it began. */
export function longRecord(event: Event, { number }: Subscription, nowMs: number): DeliveryRecord {
  const { sequence, tenant } = event;
  return { sequence, subscription: number, tenant, status: "waiting", attempts: 0, tries: 0, dueMs: nowMs };
}

/** A delivery whose subscription is gone, or may no longer receive it. */
export function buriedRecord(
  subscription: Subscription,
  due: DueDelivery,
  {
    reason,
    nowMs,
  }: { readonly reason: "subscription_deleted" | "not_visible" | "not_matched"; readonly nowMs: number },
): DeliveryRecord {
  const { once } = subscription;
  return {
    ...unmade(subscription, due),
    status: "dead",
    reason,
    ...(once === undefined ? {} : { once }),
    ...(due.line === undefined ? {} : { releasedMs: nowMs }),
  };
}
