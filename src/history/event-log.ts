import type { Context } from "../context.ts";
import { filterable } from "../delivery/event-scopes.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event, Face } from "../domain/event.ts";
import type { Filter } from "../domain/filter/index.ts";
import { parseUuid } from "../domain/ids.ts";
import { viewerOf } from "../domain/visibility.ts";
import { invalidField } from "../errors.ts";
import { inTurn } from "../platform/search.ts";
import { findBucket } from "../storage/buckets.ts";
import type { DeliveryCounts, RecentEvents } from "../store/store.ts";
import { EventSight } from "./event-sight.ts";
import { readingWhere } from "./where.ts";

/** What happened, whether anybody wanted it or not: for who sees it (`event-sight.ts`). */

interface EventQuery {
  /** A filter as subscriptions of `face` have it. */
  readonly where?: string;
  readonly face?: Face;
  /** Name of the event on that face; on any, without one. */
  readonly event?: string;
  /** Uuid of what changed, or of what that lies in. */
  readonly resource?: string;
  /** By name. */
  readonly bucket?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** `none`: no delivery that the caller knows of was made of it. */
  readonly deliveries?: "none" | "some";
}

export interface LoggedEvent {
  readonly event: Event;
  /** Of subscriptions that the caller knows of. */
  readonly counts: DeliveryCounts;
}

interface LoggedEvents {
  /** Newest first. */
  readonly events: readonly LoggedEvent[];
  /** Sequence before which to look further, and about when that was. */
  readonly next?: number;
  readonly searchedToMs?: number;
}

type LogContext = Pick<Context, "slices" | "store">;

/** Read together: some 2 ms. */
const readTogether = 100;
/** Windows of the store's, of 1,000 events of all tenants, that one answer looks through. */
const mostWindows = 100;
/** Events of the tenant that one answer reads, and of those, resources whose sight has to be asked for. */
const mostRead = 10_000;
const mostSights = 500;
/** Milliseconds of the loop that the filter may take for one answer: a costly one searches less far. */
const mostFilterMs = 250;
/** Visits of instructions up to the next interruption: a millisecond. */
const visitsAtOnce = 250_000;
/** Events whose deliveries are counted in one turn. */
const countedTogether = 10;

/**
 * A page may be short, and empty, while there is a `next`: what one answer looks through is bounded.
 *
 * @throws SignalboxError `invalid_filter` about `where`; `invalid_request`; `not_found` for a bucket that the caller does not see;
 * `too_many_requests`.
 */
export async function listEvents(
  deps: LogContext,
  caller: Principal,
  query: EventQuery,
  page: { readonly after?: number; readonly max: number; readonly signal: AbortSignal },
): Promise<LoggedEvents> {
  const { max, signal } = page;
  const search = await searchOf(deps, caller, query, signal);
  const found: LoggedEvent[] = [];
  let place = page.after;
  while (!signal.aborted) {
    const { read, next, isOver } = await readOn(deps, search, place);
    const wanted = await counted(deps, caller, await fitting(deps.slices, search, read, signal));
    for (const one of wanted) {
      if (!hasWanted(query, one.counts)) continue;
      found.push(one);
      if (found.length === max) return goingOn(deps, found, one.event.sequence);
    }
    place = next;
    if (place === undefined) return { events: found };
    if (isOver) break;
  }
  return place === undefined ? { events: found } : goingOn(deps, found, place);
}

async function goingOn({ store }: LogContext, events: readonly LoggedEvent[], next: number): Promise<LoggedEvents> {
  return { events, next, ...defined({ searchedToMs: (await store.events.get(next))?.timeMs }) };
}

interface Search {
  readonly query: Parameters<LogContext["store"]["events"]["recent"]>[0];
  readonly names: Pick<EventQuery, "event" | "face">;
  readonly filter?: Filter;
  readonly face: Face;
  readonly sight: EventSight;
  /** What is left of what one answer may look through. */
  readonly left: { windows: number; events: number; sights: number; filterMs: number };
}

async function searchOf(
  deps: LogContext,
  caller: Principal,
  { where, face, event, resource, bucket, sinceMs, untilMs }: EventQuery,
  signal: AbortSignal,
): Promise<Search> {
  const { tenant } = caller;
  if (where !== undefined && face === undefined) {
    throw invalidField("face", "is required with where: what a filter may ask differs from face to face");
  }
  const about = resource === undefined ? undefined : parseUuid(resource);
  if (resource !== undefined && about === undefined) {
    throw invalidField("resource", "must be a resource's uuid, such as 0001409758089943-5056a550b8-0001-002");
  }
  const scope = bucket === undefined ? undefined : (await findBucket(deps.store, caller, bucket, "read")).uuid;
  const filter =
    where === undefined ? undefined : await deps.slices.run(tenant, readingWhere(where, face ?? "objects"), signal);
  const name = face === undefined ? undefined : event;
  return {
    query: { tenant, ...defined({ scope, about, face, name, sinceMs, untilMs }) },
    names: defined({ event, face }),
    face: face ?? "objects",
    ...defined({ filter }),
    sight: new EventSight(deps.store, caller),
    left: { windows: mostWindows, events: mostRead, sights: mostSights, filterMs: mostFilterMs },
  };
}

interface ReadOn {
  readonly read: readonly Event[];
  readonly next: number | undefined;
  /** As much was looked through as one answer may. */
  readonly isOver: boolean;
}

async function readOn({ slices, store }: LogContext, search: Search, after: number | undefined): Promise<ReadOn> {
  const { query, left } = search;
  const page = { max: readTogether, ...defined({ after }) };
  const found: RecentEvents = await inTurn({ slices }, query.tenant, () => store.events.recent(query, page));
  // A full page may have more behind it in the same window.
  const isFull = found.events.length >= readTogether;
  left.events -= found.events.length;
  if (!isFull) left.windows -= 1;
  const isOver = left.windows <= 0 || left.events <= 0 || left.filterMs <= 0 || left.sights <= 0;
  return { read: found.events, next: isFull ? found.events.at(-1)?.sequence : found.next, isOver };
}

/** Those that fit the filter and that the caller sees. */
async function fitting(
  slices: LogContext["slices"],
  search: Search,
  events: readonly Event[],
  signal: AbortSignal,
): Promise<readonly Event[]> {
  const { filter, names, query, sight, left } = search;
  const named = events.filter((event) => hasName(event, names) && sight.seesAtOnce(event) !== false);
  const matching =
    filter === undefined || named.length === 0
      ? named
      : await slices.run(query.tenant, matchInSteps(named, search, filter), signal);
  const seen: Event[] = [];
  for (const event of matching) {
    let sees = sight.seesAtOnce(event);
    if (sees === undefined) {
      left.sights -= 1;
      sees = await inTurn({ slices }, query.tenant, () => sight.sees(event));
    }
    if (sees) seen.push(event);
  }
  return seen;
}

function hasName({ names }: Event, { event, face }: Pick<EventQuery, "event" | "face">): boolean {
  return event === undefined || face !== undefined || Object.values(names).includes(event);
}

function* matchInSteps(
  events: readonly Event[],
  { face, left }: Search,
  filter: Filter,
): Generator<void, readonly Event[], void> {
  const found: Event[] = [];
  for (const event of events) {
    const steps = filter.matchesInSteps(filterable[face].read(event), visitsAtOnce);
    for (;;) {
      const sinceMs = performance.now();
      const step = steps.next();
      left.filterMs -= performance.now() - sinceMs;
      if (step.done === true) {
        if (step.value) found.push(event);
        break;
      }
      yield;
    }
    yield;
  }
  return found;
}

/** Each with what became of it. */
async function counted(deps: LogContext, caller: Principal, events: readonly Event[]): Promise<readonly LoggedEvent[]> {
  const { tenant } = caller;
  const viewer = viewerOf(caller);
  const all: LoggedEvent[] = [];
  for (let from = 0; from < events.length; from += countedTogether) {
    const some = events.slice(from, from + countedTogether);
    const query = { tenant, sequences: some.map(({ sequence }) => sequence), ...defined({ viewer }) };
    const counts = await inTurn(deps, tenant, () => deps.store.deliveries.countsOfEvents(query));
    for (const [index, event] of some.entries()) {
      const of = counts[index];
      if (of !== undefined) all.push({ event, counts: of });
    }
  }
  return all;
}

function hasWanted({ deliveries }: EventQuery, { waiting, delivered, dead, paused }: DeliveryCounts): boolean {
  const isSent = waiting + delivered + dead + paused > 0;
  return deliveries === undefined || (deliveries === "some") === isSent;
}
