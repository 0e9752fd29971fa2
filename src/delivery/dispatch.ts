import { sleep } from "../clock.ts";
import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import { type DispatchMarks, noMarks } from "../store/dispatch-marks.ts";
import type { FedEvent } from "../store/feed.ts";
import type { DeliveryPlace, Store } from "../store/store.ts";
import type { Audience } from "./audience.ts";
import type { Deliverer } from "./deliver.ts";
import type { EventMatch } from "./event-match.ts";
import { HandOver, type MatchedEvent } from "./hand-over.ts";
import type { Matcher } from "./matcher.ts";
import type { OutboundContext } from "./outbound-context.ts";
import { pauseUnreadable } from "./pause-unreadable.ts";
import type { PoisonRedrives } from "./poisoned.ts";
import { PoisonSuspects } from "./poisoned.ts";
import { TenantQueues } from "./tenant-queues.ts";

/** Parts of the engine that are made for dispatch, once, and used there alone: so the Context has none of them. */
interface DispatchDeps extends OutboundContext {
  readonly audience: Audience;
  readonly deliverer: Deliverer;
  /** How filters are asked that cost much; without it, at once. */
  readonly matching?: Matcher;
  /** By default nothing is kept, so no event is ever found to kill processes. */
  readonly marks?: DispatchMarks;
  /** Tells when an event that had been set aside was redriven. */
  readonly again?: PoisonRedrives;
}

/** Events taken from the feed at once, at the most: no more than one target has slots for, should all go there. */
const batch = 64;
/** After something failed that should not have: the same events come again when the process starts anew. */
const pauseMs = 1_000;
/** Events that come faster than outcomes are bounded by the deliverer's room; after this others get their turn of the loop. */
const turnMs = 4;

/**
 * Takes committed events in batches, asks who wants them, and hands each (event, subscription) to the deliverer, which
 * attempts it at once or parks it. An event is done when each of those first outcomes is recorded. Takes no more than the
 * deliverer has room for, so a flood waits in the store, not in memory. Runs until `signal` aborts.
 *
 * An event whose filters take longer than a moment goes to its tenant's line, and so do those that follow of its tenant; what finds no
 * room there is set aside in the store. So no tenant waits for another's filters, and the order within a tenant stays.
 */
export async function dispatch(deps: DispatchDeps, signal: AbortSignal): Promise<void> {
  const dispatcher = new Dispatcher(deps, signal);
  await dispatcher.run();
}

class Dispatcher {
  readonly #deps: DispatchDeps;
  readonly #signal: AbortSignal;
  readonly #suspects: PoisonSuspects;
  readonly #queues: TenantQueues;
  readonly #hands: HandOver;

  constructor(deps: DispatchDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#hands = new HandOver(deps);
    this.#suspects = new PoisonSuspects(deps.marks ?? noMarks);
    this.#queues = new TenantQueues({
      counted: (tenant, more) => deps.matching?.accounting.waiting(tenant, more),
      dispatch: (fed) => this.#untilDone([fed], () => this.#alone(fed)),
      stored: async (tenant, after, max) => {
        for (let from = after; ; ) {
          const some = await deps.store.aside.list({ tenant, state: "waiting" }, { after: from, max });
          const fresh = some.filter(({ event }) => !this.#hands.isUnderWay(event.sequence));
          if (some.length === 0 || fresh.length > 0) {
            return fresh.map(({ event, bytes }): FedEvent => ({ event, again: true, bytes, aside: true }));
          }
          from = some.at(-1)?.event.sequence ?? from;
        }
      },
    });
    deps.again?.listen((tenant) => {
      this.#queues.addStored(tenant);
      this.#queues.go();
    });
  }

  async run(): Promise<void> {
    const { deliverer, feed, store, log, clock, meter } = this.#deps;
    const signal = this.#signal;
    await this.#untilDone([], async () => {
      const poisoned = await this.#suspects.setAside(store, log, clock.now());
      if (poisoned > 0) meter.aside?.("poisoned", poisoned);
      for (const tenant of await store.aside.tenants()) this.#queues.addStored(tenant);
      return true;
    });
    this.#queues.go();
    let sinceMs = performance.now();
    while (!signal.aborted) {
      if (performance.now() - sinceMs > turnMs) {
        await new Promise(setImmediate);
        sinceMs = performance.now();
      }
      const room = await deliverer.room(signal);
      if (room === 0) continue;
      const fed = await feed.next(Math.min(room, batch), signal);
      for (const part of this.#parts(fed)) {
        if (!(await this.#untilDone(part, () => this.#batch(part)))) break;
      }
    }
    await this.#queues.idle();
  }

  /** Again and again, should it fail. False when the process stops before. */
  async #untilDone(fed: readonly FedEvent[], work: () => Promise<boolean>): Promise<boolean> {
    const { log, clock } = this.#deps;
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        log.error({ error: asError(thrown).message, events: fed.length }, "could not dispatch; trying again");
        await sleep(clock, pauseMs, this.#signal);
        if (this.#signal.aborted) return false;
      }
    }
  }

  /** Who may have killed a process is a part of its own. */
  *#parts(fed: readonly FedEvent[]): Generator<readonly FedEvent[], void, void> {
    let part: FedEvent[] = [];
    for (const item of fed) {
      if (!item.again || !this.#suspects.has(item.event.sequence)) {
        part.push(item);
        continue;
      }
      if (part.length > 0) yield part;
      part = [];
      yield [item];
    }
    if (part.length > 0) yield part;
  }

  async #batch(part: readonly FedEvent[]): Promise<boolean> {
    const fed = await this.#apart(await this.#notAside(part));
    const [first, last] = [fed[0], fed.at(-1)];
    if (first !== undefined && last !== undefined) {
      const unmark = this.#suspects.mark(first.event.sequence, last.event.sequence);
      try {
        await this.#together(fed);
      } finally {
        unmark();
      }
    }
    this.#queues.go();
    return true;
  }

  /** Those of a process before that were set aside, and the process died before that was all. */
  async #notAside(fed: readonly FedEvent[]): Promise<readonly FedEvent[]> {
    const { store, feed } = this.#deps;
    const again = fed.filter((item) => item.again);
    const [first, last] = [again[0], again.at(-1)];
    if (first === undefined || last === undefined) return fed;
    const aside = await store.aside.among(first.event.sequence, last.event.sequence);
    if (aside.size === 0) return fed;
    void feed.settle({ records: [], done: [...aside].filter((sequence) => fed.some(isOf(sequence))) });
    return fed.filter(({ event }) => !aside.has(event.sequence));
  }

  /** Those of tenants without a line; the others join theirs, or are set aside. */
  async #apart(fed: readonly FedEvent[]): Promise<readonly FedEvent[]> {
    const { audience } = this.#deps;
    const apart = fed.filter(({ event }) => this.#queues.has(event.tenant) || !audience.knows(event.tenant));
    if (apart.length === 0) return fed;
    await this.#join(apart);
    return fed.filter((item) => !apart.includes(item));
  }

  /** At the end of their tenants' lines: in memory as far as there is room. */
  async #join(fed: readonly FedEvent[]): Promise<void> {
    const { store, feed, clock, meter } = this.#deps;
    const aside = new Map<string, number[]>();
    for (const item of fed) {
      const { tenant, sequence } = item.event;
      const stored = aside.get(tenant);
      if (stored !== undefined) stored.push(sequence);
      else if (this.#queues.hasRoom(tenant)) this.#queues.add(item);
      else aside.set(tenant, [sequence]);
    }
    if (aside.size === 0) return;
    const atMs = clock.now();
    const changes = [...aside].map(
      ([tenant, sequences]) => ({ do: "event.aside", tenant, sequences, state: "waiting", atMs }) as const,
    );
    // What is in memory already must not join again, should this fail.
    await this.#untilDone(fed, async () => {
      await store.commit({ changes });
      return true;
    });
    for (const [tenant, sequences] of aside) {
      this.#queues.addStored(tenant);
      meter.aside?.("waiting", sequences.length);
      void feed.settle({ records: [], done: sequences });
    }
  }

  /** Events that ask cheap filters, of many tenants, in their order. */
  async #together(fed: readonly FedEvent[]): Promise<void> {
    const { audience, store } = this.#deps;
    await audience.freshen(fed.map(({ event }) => event));
    const recorded = await recordedAmong(store, fed);
    const matched: MatchedEvent[] = [];
    const apart: FedEvent[] = [];
    const slow = new Set<string>();
    let sinceMs = performance.now();
    for (const item of fed) {
      const { event } = item;
      const match = slow.has(event.tenant) ? undefined : audience.ask(event);
      if (match === undefined || match.rest !== undefined) {
        slow.add(event.tenant);
        apart.push(item);
        continue;
      }
      matched.push(await this.#seenOnly(item, match, recorded));
      if (match.spentMs === 0 || performance.now() - sinceMs < turnMs) continue;
      await new Promise(setImmediate);
      sinceMs = performance.now();
    }
    await this.#hands.over(matched);
    if (apart.length > 0) await this.#join(apart);
  }

  /** One event of a tenant's line. */
  async #alone(item: FedEvent): Promise<boolean> {
    const { audience, matching, store, deliverer } = this.#deps;
    const { event } = item;
    const { sequence, tenant } = event;
    const wrap = <T>(step: () => T): T => {
      const unmark = this.#suspects.mark(sequence, sequence);
      try {
        return step();
      } finally {
        unmark();
      }
    };
    const unmarkBegin = this.#suspects.mark(sequence, sequence);
    const match = await audience.begin(event).finally(unmarkBegin);
    const rest = match.rest;
    if (rest !== undefined) {
      this.#deps.meter.slowMatch?.();
      if (matching === undefined) while (rest.next().done !== true);
      else if (!(await matching.finish(tenant, match, this.#signal, wrap))) return false;
    }
    if ((await deliverer.room(this.#signal)) === 0) return false;
    const unmark = this.#suspects.mark(sequence, sequence);
    try {
      const recorded = await recordedAmong(store, [item]);
      await this.#hands.over([await this.#seenOnly(item, match, recorded)]);
    } finally {
      unmark();
    }
    return true;
  }

  /** Without subscriptions that may not see the event. A subscription whose filter cannot be read gets what it may want once it is resumed. */
  async #seenOnly(item: FedEvent, match: EventMatch, recorded: ReadonlySet<string>): Promise<MatchedEvent> {
    const { publish, sight, audience } = this.#deps;
    const { event } = item;
    const known = audience.known(match);
    const { wanted: found, unreadable } = known instanceof Promise ? await known : known;
    if (unreadable.length > 0 && publish !== undefined) pauseUnreadable({ ...this.#deps, publish }, unreadable);
    const isNew = ({ number }: Subscription): boolean => !recorded.has(`${event.sequence}/${number}`);
    const wanted = recorded.size === 0 ? found : found.filter(isNew);
    return {
      item,
      wanted: wanted.length === 0 ? wanted : await sight.among(event, wanted),
      // One that is for one event only stays for one that it is known to want.
      unreadable: unreadable.filter((one) => one.once !== true && isNew(one)),
    };
  }
}

function isOf(sequence: number): (fed: FedEvent) => boolean {
  return ({ event }) => event.sequence === sequence;
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
