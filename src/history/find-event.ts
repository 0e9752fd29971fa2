import { managesTenant, type Principal } from "../domain/access.ts";
import type { Event } from "../domain/event.ts";
import { lifecycleOf } from "../domain/lifecycle.ts";
import { notFound } from "../errors.ts";
import { eventWithId, type FindContext, firstEventsOf, slackMs } from "../platform/event-with-id.ts";
import type { Decision } from "../store/records.ts";
import { EventSight } from "./event-sight.ts";

/** One event, by its id; and the events of an operation. */

/**
 * @param id of the event, or its sequence.
 * @throws SignalboxError `not_found` when there is none that the caller sees; `too_many_requests`.
 */
export async function findEvent(deps: FindContext, caller: Principal, id: string): Promise<Event> {
  const event = await eventWithId(deps, caller.tenant, id);
  if (event === undefined || !(await new EventSight(deps.store, caller).sees(event))) {
    throw notFound(`event '${id.slice(0, 64)}'`);
  }
  return event;
}

/** The operation that an event came of, when hooks were asked about it; for who may see decisions. */
export async function decisionOf(
  { store }: FindContext,
  caller: Principal,
  event: Event,
): Promise<Decision | undefined> {
  return managesTenant(caller) ? store.operations.decision(event.tenant, lifecycleOf(event).operation) : undefined;
}

/** The events that an operation raised within a minute of its decision. A host may carry one out later. */
export function eventsOf(deps: FindContext, { tenant, operation, timeMs, durationMs }: Decision): Promise<Event[]> {
  const untilMs = timeMs + durationMs + slackMs;
  return firstEventsOf(deps, { tenant, id: operation, sinceMs: timeMs - 1_000, untilMs }, () => true);
}
