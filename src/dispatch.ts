import { type Clock, sleep } from "./clock.ts";
import type { Deliverer, FirstOutcome } from "./deliver.ts";
import type { DeliveryRecord } from "./domain/delivery.ts";
import type { Event } from "./domain/event.ts";
import type { Subscription } from "./domain/subscription.ts";
import type { Audience } from "./engine/audience.ts";
import type { Sight } from "./engine/sight.ts";
import { asError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Meter } from "./meter.ts";
import type { FedEvent, Feed } from "./store/feed.ts";
import type { DeliveryPlace, Store } from "./store/store.ts";

export interface DispatchDeps {
  readonly feed: Feed;
  readonly store: Store;
  readonly audience: Audience;
  readonly sight: Sight;
  readonly deliverer: Deliverer;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly log: Log;
}

/** Events taken from the feed at once, at the most: no more than one target has slots for, should all go there. */
const batch = 64;
/** Events that come faster than outcomes are bounded by the deliverer's room; between batches others get their turn of the loop. */
const turnMs = 4;
/** After something failed that should not have: the same events come again when the process starts anew. */
const pauseMs = 1_000;

/**
 * Takes committed events in batches, asks who wants them, and hands each (event, subscription) to the deliverer, which
 * attempts it at once or parks it. An event is done when each of those first outcomes is recorded. Takes no more than the
 * deliverer has room for, so a flood waits in the store, not in memory. Runs until `signal` aborts.
 */
export async function dispatch(deps: DispatchDeps, signal: AbortSignal): Promise<void> {
  let sinceMs = performance.now();
  while (!signal.aborted) {
    if (performance.now() - sinceMs > turnMs) {
      await new Promise(setImmediate);
      sinceMs = performance.now();
    }
    const room = await deps.deliverer.room(signal);
    if (room === 0) continue;
    const fed = await deps.feed.next(Math.min(room, batch), signal);
    for (;;) {
      try {
        await dispatchBatch(deps, fed);
        break;
      } catch (thrown) {
        deps.log.error({ error: asError(thrown).message, events: fed.length }, "could not dispatch; trying again");
        await sleep(deps.clock, pauseMs, signal);
        if (signal.aborted) return;
      }
    }
  }
}

async function dispatchBatch(deps: DispatchDeps, fed: readonly FedEvent[]): Promise<void> {
  await deps.audience.freshen(fed.map(({ event }) => event));
  const recorded = await recordedAmong(deps.store, fed);
  const heard: { readonly event: Event; readonly bytes: number; readonly wanted: readonly Subscription[] }[] = [];
  for (const { event, bytes } of fed) {
    const wanted = deps.audience
      .of(event)
      .filter((subscription) => !recorded.has(`${event.sequence}/${subscription.number}`));
    heard.push({ event, bytes, wanted: wanted.length === 0 ? wanted : await deps.sight.among(event, wanted) });
  }
  await takeOneShots(deps, heard);
  const unwanted: number[] = [];
  for (const { event, bytes, wanted: all } of heard) {
    const wanted = all.filter((subscription) => !isTaking(event, subscription));
    if (wanted.length === 0) {
      unwanted.push(event.sequence);
      continue;
    }
    deps.meter.matched(wanted.length);
    collect(
      deps.feed,
      event,
      wanted.map((subscription) => deps.deliverer.first(event, subscription, { bytes, among: wanted.length })),
    );
  }
  if (unwanted.length > 0) void deps.feed.settle({ records: [], done: unwanted });
}

/** An event that was sent to one subscription only does not use that up. */
function isTaking(event: Event, { once }: Subscription): boolean {
  return once === true && event.addressee === undefined;
}

/** Subscriptions that one change of the store names at the most. */
const takenTogether = 500;

/**
 * Events take the one-shot subscriptions that they meet, in their order, in one commit that holds what each of these now waits for: so
 * exactly one event gets it, and after a crash just that one is sent. Which one it was, the store tells whoever claims.
 */
async function takeOneShots(
  { store, deliverer, clock, meter }: DispatchDeps,
  heard: readonly { readonly event: Event; readonly wanted: readonly Subscription[] }[],
): Promise<void> {
  const takes = heard.flatMap(({ event, wanted }) => {
    const numbers = wanted.filter((subscription) => isTaking(event, subscription)).map(({ number }) => number);
    const { tenant, sequence } = event;
    const parts = Array.from({ length: Math.ceil(numbers.length / takenTogether) }, (_, part) =>
      numbers.slice(part * takenTogether, (part + 1) * takenTogether),
    );
    return parts.map((subscriptions) => ({ tenant, sequence, subscriptions }));
  });
  if (takes.length === 0) return;
  const dueMs = clock.now();
  await store.commit({ changes: takes.map((take) => ({ do: "subscription.take", ...take, dueMs })) });
  const taken = new Set(takes.flatMap(({ subscriptions }) => subscriptions));
  meter.matched(taken.size);
  await deliverer.due([...taken]);
}

/** Settles each first outcome as it comes, and the event with the last of them. */
function collect(feed: Feed, event: Event, outcomes: readonly FirstOutcome[]): void {
  let left = outcomes.length;
  let cancelled = false;
  for (const { record, durable } of outcomes) {
    const settle = (made: DeliveryRecord | undefined): void => {
      left -= 1;
      // Cancelled because the process stops: the event stays undone and comes again.
      if (made === undefined) cancelled = true;
      const done = left === 0 && !cancelled ? [event.sequence] : [];
      if (made === undefined) return;
      void feed.settle({ records: [made], done }).then(() => durable(made));
    };
    if (record instanceof Promise) void record.then(settle);
    else settle(record);
  }
}

/** Deliveries of which is asked at once whether they are recorded: an event may have been sent to a hundred thousand. */
const recordedTogether = 2_000;

/** What is recorded already of events that come again after a crash. */
async function recordedAmong(store: Store, fed: readonly FedEvent[]): Promise<ReadonlySet<string>> {
  const recorded = new Set<string>();
  const again = fed.filter((item) => item.again).map(({ event }) => event.sequence);
  const [from] = again;
  const to = again.at(-1);
  if (from === undefined || to === undefined) return recorded;
  for (let after: DeliveryPlace | undefined; ; ) {
    const page = { max: recordedTogether, ...(after === undefined ? {} : { after }) };
    const places = await store.deliveries.recorded({ from, to }, page);
    for (const { sequence, subscription } of places) recorded.add(`${sequence}/${subscription}`);
    after = places.at(-1);
    if (places.length < recordedTogether) return recorded;
    await new Promise(setImmediate);
  }
}
