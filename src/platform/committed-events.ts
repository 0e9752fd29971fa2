import type { Context } from "../context.ts";
import type { Event, Json, NewEvent } from "../domain/event.ts";
import { SignalboxError } from "../errors.ts";
import { shardCount } from "../store/cluster.ts";
import type { Condition, Unit } from "../store/unit.ts";

/** The events of a commit, found again by a request that is made again because it was not answered. */

/** What else belongs into a commit, given by what its events are found: what is remembered of the request. */
export type AlsoOfEvents = (events: Json) => Pick<Unit, "conditions" | "changes">;

interface CommittedEvents {
  /** In their order. */
  readonly ids: readonly string[];
  readonly atMs: number;
}

/** Sequences follow the clock as far as this. */
const aroundMs = 60_000;

/** @param atMs now, before the commit. */
export function committedEvents(events: readonly NewEvent[], atMs: number): Json {
  return { ids: events.map(({ id }) => id), atMs } satisfies CommittedEvents;
}

/** @throws SignalboxError `conflict` when what does not hold is that nothing is remembered of the request: another process has carried it out. */
export function carriedOutElsewhere(condition: Condition): void {
  if (condition.if !== "remembered.absent") return;
  throw new SignalboxError("conflict", "the same request was carried out meanwhile");
}

/**
 * The events of a commit, in their order.
 *
 * @param remembered of {@link committedEvents}.
 * @throws SignalboxError `not_found` when they are no longer kept.
 */
export async function findCommitted(
  { store: { events } }: Pick<Context, "store">,
  tenant: string,
  remembered: Json,
): Promise<Event[]> {
  const { ids, atMs } = remembered as unknown as CommittedEvents;
  const found: Event[] = [];
  for (const id of ids) {
    const last = found.at(-1);
    // Those of one commit follow each other, in one part of the log or in one of several.
    const next = last === undefined ? undefined : await events.get(last.sequence + 1);
    const behind = last === undefined || next?.id === id ? next : await events.get(last.sequence + shardCount);
    const event =
      behind?.id === id
        ? behind
        : await findEvent(events, { tenant, id, sinceMs: atMs - aroundMs, untilMs: atMs + aroundMs });
    if (event === undefined) {
      throw new SignalboxError("not_found", "the request was carried out, and its events are no longer kept");
    }
    found.push(event);
  }
  return found;
}

type Lookup = Parameters<Context["store"]["events"]["ofOperation"]>[0];

async function findEvent(events: Context["store"]["events"], lookup: Lookup): Promise<Event | undefined> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = await events.ofOperation(lookup, after);
    const event = page.events.find(({ id }) => id === lookup.id);
    if (event !== undefined) return event;
    after = page.next;
  }
  return undefined;
}
