import { deliveryUuid } from "../domain/ids.ts";
import { nameForSubscription } from "../domain/notifications/names.ts";
import { targetFactsOf } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { EndedAttempt } from "./outcome-event.ts";

/**
 * One line for each attempt that failed, and one for each delivery that became a dead letter: ids, names and reasons, never what was
 * sent or answered. What succeeds is not logged: it is counted and listed.
 */
export function logOutcome(log: Log, { subscription, event, record }: EndedAttempt): void {
  const { attempt, reason, dueMs } = record;
  const failed = attempt?.reason;
  if (failed === undefined && reason === undefined) return;
  const { tenant, uuid, target } = subscription;
  const about = {
    tenant,
    subscription: uuid,
    target: targetFactsOf(target).logged(target),
    deliveryId: deliveryUuid(event.sequence, uuid),
    eventId: event.id,
    event: nameForSubscription(event, subscription),
  };
  if (attempt !== undefined && failed !== undefined) {
    const { number, status, durationMs } = attempt;
    const again = dueMs === undefined ? {} : { nextAttemptAt: new Date(dueMs).toISOString() };
    const made = { attempt: number, durationMs, ...(status === undefined ? {} : { status }), ...again };
    log.info({ ...about, ...made, reason: failed }, "an attempt failed");
  }
  if (reason === undefined) return;
  const dead = { ...about, attempts: record.attempts, reason };
  // The owner who deletes a subscription knows what that does to what waits: no news, however much there is.
  if (reason === "subscription_deleted") log.info(dead, "a delivery ended as its subscription was deleted");
  else log.warn(dead, "a delivery is a dead letter");
}
