import type { Context } from "../context.ts";
import { managesTenant, type Principal } from "../domain/access.ts";
import type { Event } from "../domain/event.ts";
import { parseSequence, timeOfUuidV7 } from "../domain/ids.ts";
import { lifecycleOf } from "../domain/lifecycle.ts";

import { notFound } from "../errors.ts";
import { inTurn } from "../platform/search.ts";
import type { Decision } from "../store/records.ts";
import type { RecentEvents } from "../store/store.ts";
import { EventSight } from "./event-sight.ts";

/** One event, by its id; and the events of an operation. There is no index by id, which each commit would pay for: ids tell when they were made. */

type FindContext = Pick<Context, "slices" | "store">;

/** An event is committed so long after its id was made at the most, and before, as the clock may have been set. */
const slackMs = 60_000;
/** Windows of the store's, of 1,000 events of all tenants, that one answer looks through. */
const mostWindows = 200;

interface Wanted {
  readonly tenant: string;
  /** Of an event, or of an operation. */
  readonly id: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The first that are found: those of one operation are committed together, as a rule. */
async function firstOf(deps: FindContext, wanted: Wanted, isWanted: (event: Event) => boolean): Promise<Event[]> {
  let after: number | undefined;
  for (let windows = 0; windows < mostWindows; windows += 1) {
    const read = (): Promise<RecentEvents> => deps.store.events.ofOperation(wanted, after);
    const { events, next } = await inTurn(deps, wanted.tenant, read);
    const found = events.filter(isWanted);
    if (found.length > 0 || next === undefined) return found;
    after = next;
  }
  return [];
}

/**
 * @param id of the event, or its sequence.
 * @throws SignalboxError `not_found` when there is none that the caller sees; `too_many_requests`.
 */
export async function findEvent(deps: FindContext, caller: Principal, id: string): Promise<Event> {
  const event = await withId(deps, caller.tenant, id);
  if (event === undefined || !(await new EventSight(deps.store, caller).sees(event))) {
    throw notFound(`event '${id.slice(0, 64)}'`);
  }
  return event;
}

async function withId(deps: FindContext, tenant: string, id: string): Promise<Event | undefined> {
  const sequence = parseSequence(id);
  if (sequence !== undefined) return deps.store.events.get(sequence);
  const madeMs = timeOfUuidV7(id);
  if (madeMs === undefined) return undefined;
  const isIt = (event: Event): boolean => event.id === id;
  const later = { tenant, id, sinceMs: madeMs, untilMs: madeMs + slackMs };
  const [found] = await firstOf(deps, later, isIt);
  if (found !== undefined) return found;
  const [earlier] = await firstOf(deps, { tenant, id, sinceMs: madeMs - slackMs, untilMs: madeMs }, isIt);
  return earlier;
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
  return firstOf(deps, { tenant, id: operation, sinceMs: timeMs - 1_000, untilMs }, () => true);
}
