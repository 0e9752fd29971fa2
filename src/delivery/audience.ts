import type { Event, Face } from "../domain/event.ts";
import { readParamField } from "../domain/filter/index.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction, type Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { beginMatch, type EventMatch, inOrder } from "./event-match.ts";
import { FilterCache } from "./filter-cache.ts";
import type { MatchCandidates, MatchedSubscription } from "./match-candidates.ts";
import type { Matcher } from "./matcher.ts";
import { PastCandidates } from "./past-candidates.ts";
import type { TenantIndex } from "./tenant-index.ts";
import { type PastSubscription, TenantIndexes } from "./tenant-indexes.ts";

/** Subscriptions that changed since an event: with more, it is asked about apart from the batch that it is in. */
const mostPastOfBatch = 200;

/** Who an event is for. */
interface KnownMatch {
  readonly wanted: readonly Subscription[];
  /** Those whose filter cannot be read any more: whether they match is unknown. */
  readonly unreadable: readonly Subscription[];
}

/** As of a revision of the tenant's subscriptions. */
interface Pasts {
  readonly revision: number;
  readonly pasts: readonly PastSubscription[];
}

/**
 * Who wants an event: an index for each tenant, as new as the events that it is asked about. An event meets the subscriptions
 * that were live at its commit, whatever has become of them since: `freshen` brings the index up to the newest event of a batch
 * and fetches, for those events that are older than the index, how the subscriptions that changed since stood at their commit.
 */
export class Audience {
  readonly #store: Store;
  readonly #log: Log;
  readonly #only: Face | undefined;
  readonly #indexes: TenantIndexes;
  readonly #filters: FilterCache;
  readonly #matching: Matcher | undefined;
  /** Numbers of subscriptions whose filter is known to be unreadable. */
  readonly #warned = new Set<number>();
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, Pasts>();
  /** By the sequence of the event, of the batch at hand only. */
  #addressed = new Map<number, readonly Subscription[]>();

  /**
   * @param only the face that it is asked about; every face by default.
   * @param matching how filters are asked that cost much; without it they are asked at once.
   */
  constructor(store: Store, log: Log, only?: Face, matching?: Matcher) {
    this.#store = store;
    this.#log = log;
    this.#only = only;
    this.#matching = matching;
    this.#filters = matching?.filters ?? new FilterCache();
    this.#indexes = new TenantIndexes(store, this.#filters, only);
  }

  /** Whether the tenant's subscriptions have been read: the first time may take seconds. */
  knows(tenant: string): boolean {
    return this.#indexes.known(tenant) !== undefined;
  }

  /** Must be awaited before {@link of} is asked about any of `events`. */
  async freshen(events: readonly Event[]): Promise<void> {
    if (this.#past.size > 0) this.#past = new Map();
    if (this.#addressed.size > 0) this.#addressed = new Map();
    for (const event of events) {
      const index = await this.#indexes.of(event.tenant);
      if (event.revision > index.revision) await this.#indexes.refresh(event.tenant, index);
    }
    for (const event of events) {
      if (event.addressee !== undefined) this.#addressed.set(event.sequence, await this.#addressees(event));
      const key = `${event.tenant}/${event.revision}`;
      const index = await this.#indexes.of(event.tenant);
      const { revision } = index;
      if (event.revision >= revision || this.#past.get(key)?.revision === revision) continue;
      const pasts = await this.#indexes.pastAt(index, event, mostPastOfBatch);
      if (pasts !== undefined) this.#past.set(key, { revision, pasts });
    }
  }

  /** {@link freshen} and {@link of} for one event, also while others ask. */
  async match(event: Event): Promise<readonly Subscription[]> {
    const match = await this.begin(event);
    await this.#matching?.finish(event.tenant, match);
    return (await this.known(match)).wanted;
  }

  /** The subscriptions of a match, as they are now: all that is left is asked at once. */
  known(match: EventMatch): KnownMatch | Promise<KnownMatch> {
    finish(match);
    const { found, unreadable } = match;
    if (unreadable.length > 0) return this.#allKnown(match);
    const wanted = this.#subscriptions(found);
    if (wanted instanceof Promise) return wanted.then((some) => ({ wanted: some, unreadable: [] }));
    return { wanted, unreadable: [] };
  }

  async #allKnown({ found, unreadable }: EventMatch): Promise<KnownMatch> {
    const [wanted, unread] = [await this.#subscriptions(found), await this.#subscriptions(unreadable)];
    this.#tell(unread);
    return { wanted, unreadable: unread };
  }

  #subscriptions(matched: readonly MatchedSubscription[]): Subscription[] | Promise<Subscription[]> {
    const ordered = inOrder(matched);
    const atHand = ordered.flatMap(({ subscription }) => subscription ?? []);
    if (atHand.length === ordered.length) return atHand;
    const numbers = ordered.map(({ number }) => number);
    if (atHand.length === 0) return this.#indexes.subscriptions(numbers);
    return this.#beside(numbers, atHand);
  }

  async #beside(numbers: readonly number[], atHand: readonly Subscription[]): Promise<Subscription[]> {
    const known = new Map(atHand.map((subscription) => [subscription.number, subscription]));
    const others = await this.#indexes.subscriptions(numbers.filter((number) => !known.has(number)));
    for (const subscription of others) known.set(subscription.number, subscription);
    return numbers.flatMap((number) => known.get(number) ?? []);
  }

  /** {@link freshen} and {@link ask} for one event, also while others ask. */
  async begin(event: Event): Promise<EventMatch> {
    if (event.addressee !== undefined) return matchOf(await this.#addressees(event));
    const index = await this.#indexes.of(event.tenant);
    for (;;) {
      if (event.revision > index.revision || !this.#indexes.isSettled(index)) {
        await this.#indexes.refresh(event.tenant, index);
        continue;
      }
      const { revision } = index;
      const past = event.revision < revision ? await this.#indexes.pastAt(index, event, Number.MAX_SAFE_INTEGER) : [];
      if (past === undefined || index.revision !== revision || !this.#indexes.isSettled(index)) continue;
      return this.#match(index, event, past);
    }
  }

  /** The subscriptions, as they are now, that were live at the event's commit and match it. Each once. */
  async of(event: Event): Promise<readonly Subscription[]> {
    const match = this.ask(event);
    if (match === undefined) throw new TypeError("an audience was asked about more than it was freshened for");
    return (await this.known(match)).wanted;
  }

  /**
   * As much of {@link of} as takes a moment. `undefined` when it takes more to know than {@link freshen} does: too much has changed since
   * the event, or changed since. Then {@link begin} tells.
   */
  ask(event: Event): EventMatch | undefined {
    const index = this.#indexes.known(event.tenant);
    if (index === undefined) throw new TypeError("an audience was asked before it was freshened");
    if (event.addressee !== undefined) return matchOf(this.#addressed.get(event.sequence) ?? []);
    if (!this.#indexes.isSettled(index)) return undefined;
    if (event.revision >= index.revision) return this.#match(index, event, []);
    const past = this.#past.get(`${event.tenant}/${event.revision}`);
    return past?.revision === index.revision ? this.#match(index, event, past.pasts) : undefined;
  }

  #match(index: TenantIndex, event: Event, pasts: readonly PastSubscription[]): EventMatch {
    const match = beginMatch(this.#candidates(index, event, pasts), this.#matching?.accounting);
    if (match.spentMs > 0) this.#matching?.charge(event.tenant, match.spentMs);
    return match;
  }

  /** Once of each subscription. */
  #tell(unreadable: readonly Subscription[]): void {
    for (const { number, uuid, tenant } of unreadable) {
      if (this.#warned.has(number)) continue;
      this.#warned.add(number);
      this.#log.warn({ tenant, subscription: uuid }, "a stored filter cannot be read any more: it matches nothing");
    }
  }

  #candidates(index: TenantIndex, event: Event, pasts: readonly PastSubscription[]): MatchCandidates {
    const candidates = index.candidates(event);
    if (pasts.length === 0 || event.revision >= index.revision) return candidates;
    return new PastCandidates(candidates, { pasts, event, only: this.#only, filters: this.#filters });
  }

  /** Whatever it is subscribed to, as long as it is there: its owner asked for just that. */
  async #addressees({ tenant, addressee }: Event): Promise<Subscription[]> {
    const found = addressee === undefined ? undefined : await this.#store.subscriptions.get(addressee);
    return found === undefined || found.tenant !== tenant || found.deletedMs !== undefined ? [] : [found];
  }

  /**
   * The live subscriptions of the lifecycle face to an event type, as of now, by (number). `wanted` is whether the filter agrees to
   * the params; `unreadable` that it can't be read any more.
   *
   * @throws SignalboxError `too_many_requests` when the filters that the tenant asks cost more than its share, for seconds.
   */
  async hooks(
    tenant: string,
    type: string,
    params: Params,
  ): Promise<
    { readonly subscription: FunctionSubscription; readonly wanted: boolean; readonly unreadable?: boolean }[]
  > {
    const index = await this.#indexes.of(tenant);
    await this.#indexes.refresh(tenant, index);
    const { numbers, candidates } = index.hooks(type, readParamField(params));
    if (numbers.length === 0) return [];
    const match = beginMatch(candidates, this.#matching?.accounting);
    if (match.spentMs > 0) this.#matching?.charge(tenant, match.spentMs);
    const all = await this.#indexes.subscriptions(numbers);
    await this.#matching?.finishSoon(tenant, match);
    finish(match);
    const wanted = new Set(match.found.map(({ number }) => number));
    const unreadable = new Set(match.unreadable.map(({ number }) => number));
    this.#tell(all.filter(({ number }) => unreadable.has(number)));
    return all.filter(runsFunction).map((subscription) => {
      const hook = { subscription, wanted: wanted.has(subscription.number) };
      return unreadable.has(subscription.number) ? { ...hook, unreadable: true } : hook;
    });
  }
}

function matchOf(subscriptions: readonly Subscription[]): EventMatch {
  const found = subscriptions.map((subscription) => ({ number: subscription.number, rank: 0, subscription }));
  return { found, unreadable: [], spentMs: 0 };
}

/** What has not been asked yet is asked at once. */
function finish({ rest }: EventMatch): void {
  if (rest !== undefined) while (rest.next().done !== true);
}
