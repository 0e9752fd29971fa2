import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { FedEvent, ToldSettlement } from "../store/feed.ts";
import type { Deliverer } from "./deliver.ts";
import type { FirstDelivery, FirstOutcomes } from "./first-delivery.ts";
import type { JoinedSettlements } from "./joined-settlements.ts";
import type { OutboundContext } from "./outbound-context.ts";

type HandOverContext = Pick<OutboundContext, "feed" | "store" | "meter" | "clock" | "log"> & {
  readonly deliverer: Deliverer;
};

/** An event, with the subscriptions that want it and may get it. */
export interface MatchedEvent {
  readonly item: FedEvent;
  readonly wanted: readonly Subscription[];
  /** Whose filter cannot be read: it is kept for them. */
  readonly unreadable: readonly Subscription[];
}

/** The last part of dispatch: from knowing who wants an event to its end. */
export class HandOver {
  readonly #context: HandOverContext;
  /** Sequences of events that were set aside and whose outcomes are awaited: they are still aside. */
  readonly #underWay = new Set<number>();

  constructor(context: HandOverContext) {
    this.#context = context;
  }

  isUnderWay(sequence: number): boolean {
    return this.#underWay.has(sequence);
  }

  /** Events with who wants them. Resolves when each is with the deliverer; what comes of them is settled as it comes. */
  async over(matched: readonly MatchedEvent[]): Promise<void> {
    const { feed, meter, deliverer } = this.#context;
    await takeOneShots(this.#context, matched);
    const unwanted: FedEvent[] = [];
    for (const { item } of matched) if (item.aside === true) this.#underWay.add(item.event.sequence);
    for (const { item, wanted: all, unreadable } of matched) {
      const { event, bytes } = item;
      const wanted = takesAny(event, all) ? all.filter((subscription) => !isTaking(event, subscription)) : all;
      if (wanted.length === 0 && unreadable.length === 0) {
        unwanted.push(item);
        continue;
      }
      meter.matched(wanted.length);
      const end = item.aside === true ? { durable: () => this.#done(event) } : { sequence: event.sequence };
      const outcomes = new EventOutcomes(deliverer.outcomes, wanted.length + unreadable.length, end);
      const size = { bytes, among: wanted.length };
      for (const subscription of wanted) deliverer.first(event, subscription, size, outcomes);
      for (const subscription of unreadable) deliverer.keep(event, subscription, outcomes);
    }
    const done: number[] = [];
    for (const { aside, event } of unwanted) {
      if (aside === true) this.#done(event);
      else done.push(event.sequence);
    }
    if (done.length > 0) void feed.settle({ records: [], done });
  }

  /** One that was set aside. All that came of it is durable. */
  #done({ sequence }: Event): void {
    const { store, log } = this.#context;
    store
      .commit({ changes: [{ do: "event.done", sequences: [sequence] }] })
      // It comes again after the next start, and what is recorded of it is not sent again.
      .then(() => this.#underWay.delete(sequence))
      .catch((thrown: unknown) => {
        log.error({ error: asError(thrown).message }, "an event that was set aside stays there until the next start");
      });
  }
}

/** An event that was sent to one subscription only does not use that up. */
function isTaking(event: Event, { once }: Subscription): boolean {
  return once === true && event.addressee === undefined;
}

function takesAny(event: Event, wanted: readonly Subscription[]): boolean {
  return wanted.some((subscription) => isTaking(event, subscription));
}

/** Subscriptions that one change of the store names at the most. */
const takenTogether = 500;

/**
 * Events take the one-shot subscriptions that they meet, in their order, in one commit that holds what each of these now waits for: so
 * exactly one event gets it, and after a crash just that one is sent. Which one it was, the store says when it is claimed.
 */
async function takeOneShots(
  { store, deliverer, clock, meter }: Omit<HandOverContext, "feed" | "log">,
  matched: readonly MatchedEvent[],
): Promise<void> {
  if (!matched.some(({ item, wanted }) => takesAny(item.event, wanted))) return;
  const takes = matched.flatMap(({ item: { event }, wanted }) => {
    const numbers = wanted.filter((subscription) => isTaking(event, subscription)).map(({ number }) => number);
    const { tenant, sequence } = event;
    const parts = Array.from({ length: Math.ceil(numbers.length / takenTogether) }, (_, part) =>
      numbers.slice(part * takenTogether, (part + 1) * takenTogether),
    );
    return parts.map((subscriptions) => ({ tenant, sequence, subscriptions }));
  });
  const dueMs = clock.steady();
  await store.commit({ changes: takes.map((take) => ({ do: "subscription.take", ...take, dueMs })) });
  const taken = new Set(takes.flatMap(({ subscriptions }) => subscriptions));
  meter.matched(taken.size);
  await deliverer.due([...taken]);
}

/** How an event ends: as one of the feed, or otherwise, once all of its first outcomes are durable. */
type End = { readonly sequence: number } | { readonly durable: () => void };

/** Settles each first outcome as it comes, and the event with the last of them. */
class EventOutcomes implements FirstOutcomes {
  readonly #settlements: JoinedSettlements;
  readonly #end: End;
  #left: number;
  /** Because the process stops: the event stays undone and comes again. */
  #cancelled = false;

  constructor(settlements: JoinedSettlements, count: number, end: End) {
    this.#settlements = settlements;
    this.#left = count;
    this.#end = end;
  }

  ended(record: DeliveryRecord | undefined, first: FirstDelivery): void {
    this.#left -= 1;
    if (record === undefined) {
      this.#cancelled = true;
      return;
    }
    const end = this.#left === 0 && !this.#cancelled ? this.#end : undefined;
    this.#settlements.take(new FirstOutcome(record, first, end));
  }
}

/** What first came of a delivery, on its way into the store: there is one for each, so no closure and no promise. */
class FirstOutcome implements ToldSettlement {
  readonly records: readonly DeliveryRecord[];
  readonly done: readonly number[];
  readonly #record: DeliveryRecord;
  readonly #first: FirstDelivery;
  readonly #end: End | undefined;

  constructor(record: DeliveryRecord, first: FirstDelivery, end: End | undefined) {
    this.records = [record];
    this.done = end !== undefined && "sequence" in end ? [end.sequence] : [];
    this.#record = record;
    this.#first = first;
    this.#end = end;
  }

  settled(durable: boolean): void {
    if (!durable) return;
    this.#first.durable(this.#record);
    // Settlements become durable in their order.
    if (this.#end !== undefined && "durable" in this.#end) this.#end.durable();
  }
}
