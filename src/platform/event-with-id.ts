import type { Context } from "../context.ts";
import type { Event } from "../domain/event.ts";
import { parseSequence, timeOfUuidV7 } from "../domain/ids.ts";
import type { RecentEvents } from "../store/store.ts";
import { inTurn } from "./search.ts";

/** Events by an id. There is no index by it, which each commit would pay for: ids tell when they were made. */

export type FindContext = Pick<Context, "slices" | "store">;

/** An event is committed so long after its id was made at the most, and before, as the clock may have been set. */
export const slackMs = 60_000;
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
export async function firstEventsOf(
  deps: FindContext,
  wanted: Wanted,
  isWanted: (event: Event) => boolean,
): Promise<Event[]> {
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

/** @param id of the event, or its sequence. */
export async function eventWithId(deps: FindContext, tenant: string, id: string): Promise<Event | undefined> {
  const sequence = parseSequence(id);
  if (sequence !== undefined) return deps.store.events.get(sequence);
  const madeMs = timeOfUuidV7(id);
  if (madeMs === undefined) return undefined;
  const isIt = (event: Event): boolean => event.id === id;
  const later = { tenant, id, sinceMs: madeMs, untilMs: madeMs + slackMs };
  const [found] = await firstEventsOf(deps, later, isIt);
  if (found !== undefined) return found;
  const [earlier] = await firstEventsOf(deps, { tenant, id, sinceMs: madeMs - slackMs, untilMs: madeMs }, isIt);
  return earlier;
}
