import type { Event, Face } from "../domain/event.ts";
import { readParamField } from "../domain/filter/index.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction, type Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { Candidate, Candidates, Crowd } from "./crowd.ts";
import { Crowds, type Past } from "./crowds.ts";
import { FilterShelf } from "./filter-shelf.ts";
import { beginHearing, type Hearing, listOf } from "./hearing.ts";
import type { Matching } from "./matching.ts";
import { filterable, hears } from "./places.ts";

/** Subscriptions that changed since an event: with more, it is asked about apart from the batch that it is in. */
const mostPastOfBatch = 200;

/** As of a revision of the tenant's subscriptions. */
interface Pasts {
  readonly revision: number;
  readonly pasts: readonly Past[];
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
  readonly #crowds: Crowds;
  readonly #shelf: FilterShelf;
  readonly #matching: Matching | undefined;
  /** Numbers of subscriptions whose filter is known to be unreadable. */
  readonly #told = new Set<number>();
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, Pasts>();
  /** By the sequence of the event, of the batch at hand only. */
  #addressed = new Map<number, readonly Subscription[]>();

  /**
   * @param only the face that it is asked about; every face by default.
   * @param matching how filters are asked that cost much; without it they are asked at once.
   */
  constructor(store: Store, log: Log, only?: Face, matching?: Matching) {
    this.#store = store;
    this.#log = log;
    this.#only = only;
    this.#matching = matching;
    this.#shelf = matching?.shelf ?? new FilterShelf();
    this.#crowds = new Crowds(store, this.#shelf, only);
  }

  /** Whether the tenant's subscriptions have been read: the first time may take seconds. */
  knows(tenant: string): boolean {
    return this.#crowds.known(tenant) !== undefined;
  }

  /** Must be awaited before {@link of} is asked about any of `events`. */
  async freshen(events: readonly Event[]): Promise<void> {
    if (this.#past.size > 0) this.#past = new Map();
    if (this.#addressed.size > 0) this.#addressed = new Map();
    for (const event of events) {
      const crowd = await this.#crowds.of(event.tenant);
      if (event.revision > crowd.revision) await this.#crowds.refresh(event.tenant, crowd);
    }
    for (const event of events) {
      if (event.addressee !== undefined) this.#addressed.set(event.sequence, await this.#addressees(event));
      const key = `${event.tenant}/${event.revision}`;
      const crowd = await this.#crowds.of(event.tenant);
      const { revision } = crowd;
      if (event.revision >= revision || this.#past.get(key)?.revision === revision) continue;
      const pasts = await this.#crowds.pastAt(crowd, event, mostPastOfBatch);
      if (pasts !== undefined) this.#past.set(key, { revision, pasts });
    }
  }

  /** {@link freshen} and {@link of} for one event, also while others ask. */
  async hear(event: Event): Promise<Subscription[]> {
    const hearing = await this.begin(event);
    await this.#matching?.finish(event.tenant, hearing);
    const heard = whole(hearing);
    this.#tell(hearing.unreadable);
    return heard;
  }

  /** {@link freshen} and {@link ask} for one event, also while others ask. */
  async begin(event: Event): Promise<Hearing> {
    if (event.addressee !== undefined) return heardBy(await this.#addressees(event));
    const crowd = await this.#crowds.of(event.tenant);
    for (;;) {
      if (event.revision > crowd.revision || !this.#crowds.isSettled(crowd)) {
        await this.#crowds.refresh(event.tenant, crowd);
        continue;
      }
      const { revision } = crowd;
      const past = event.revision < revision ? await this.#crowds.pastAt(crowd, event, Number.MAX_SAFE_INTEGER) : [];
      if (past === undefined || crowd.revision !== revision || !this.#crowds.isSettled(crowd)) continue;
      return this.#hearing(crowd, event, past);
    }
  }

  /** The subscriptions, as they are now, that were live at the event's commit and match it. Each once. */
  of(event: Event): readonly Subscription[] {
    const hearing = this.ask(event);
    if (hearing === undefined) throw new TypeError("an audience was asked about more than it was freshened for");
    const heard = whole(hearing);
    this.#tell(hearing.unreadable);
    return heard;
  }

  /**
   * As much of {@link of} as takes a moment. `undefined` when it takes more to know than {@link freshen} does: too much has changed since
   * the event, or changed since. Then {@link begin} tells.
   */
  ask(event: Event): Hearing | undefined {
    const crowd = this.#crowds.known(event.tenant);
    if (crowd === undefined) throw new TypeError("an audience was asked before it was freshened");
    if (event.addressee !== undefined) return heardBy(this.#addressed.get(event.sequence) ?? []);
    if (!this.#crowds.isSettled(crowd)) return undefined;
    if (event.revision >= crowd.revision) return this.#hearing(crowd, event, []);
    const past = this.#past.get(`${event.tenant}/${event.revision}`);
    return past?.revision === crowd.revision ? this.#hearing(crowd, event, past.pasts) : undefined;
  }

  #hearing(crowd: Crowd, event: Event, pasts: readonly Past[]): Hearing {
    const hearing = beginHearing(this.#candidates(crowd, event, pasts), {
      snapshot: this.#only !== undefined,
      ledger: this.#matching?.ledger,
    });
    if (hearing.spentMs > 0) this.#matching?.charge(event.tenant, hearing.spentMs);
    return hearing;
  }

  /** Once of each subscription. */
  #tell(unreadable: readonly Subscription[]): void {
    for (const { number, uuid, tenant } of unreadable) {
      if (this.#told.has(number)) continue;
      this.#told.add(number);
      this.#log.warn({ tenant, subscription: uuid }, "a stored filter cannot be read any more: it matches nothing");
    }
  }

  #candidates(crowd: Crowd, event: Event, pasts: readonly Past[]): Candidates {
    const candidates = crowd.candidates(event);
    if (pasts.length === 0 || event.revision >= crowd.revision) return candidates;
    const before = pasts.values().flatMap((past) => this.#pastCandidate(past, event));
    return { next: () => candidates.next() ?? before.next().value ?? undefined };
  }

  /** Whatever it is subscribed to, as long as it is there: somebody asked for just that. */
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
    const crowd = await this.#crowds.of(tenant);
    await this.#crowds.refresh(tenant, crowd);
    const read = readParamField(params);
    const candidates = crowd.hooks(type).map((hook) => ({ ...hook, read }));
    const hearing = beginHearing(listOf(candidates), { snapshot: true, ledger: this.#matching?.ledger });
    this.#matching?.charge(tenant, hearing.spentMs);
    await this.#matching?.finishSoon(tenant, hearing);
    const wanted = new Set(whole(hearing));
    const unreadable = new Set(hearing.unreadable);
    this.#tell(hearing.unreadable);
    return candidates.flatMap(({ subscription }) => {
      if (!runsFunction(subscription)) return [];
      const hook = { subscription, wanted: wanted.has(subscription) };
      return [unreadable.has(subscription) ? { ...hook, unreadable: true } : hook];
    });
  }

  *#pastCandidate({ version, now }: Past, event: Event): Generator<Candidate, void, void> {
    const { face, filter: text } = version;
    if (this.#only !== undefined && face !== this.#only) return;
    if (!hears(event, version, now)) return;
    const candidate = { subscription: now, read: filterable[face].read(event) };
    if (text === undefined) {
      yield { ...candidate, filter: undefined };
      return;
    }
    const filter = this.#shelf.take({ tenant: event.tenant, face }, text);
    try {
      yield { ...candidate, filter };
    } finally {
      this.#shelf.release(filter);
    }
  }
}

function heardBy(subscriptions: readonly Subscription[]): Hearing {
  return { found: [...subscriptions], unreadable: [], spentMs: 0 };
}

/** All of them: what has not been asked yet is asked at once. */
function whole({ found, rest }: Hearing): Subscription[] {
  if (rest !== undefined) while (rest.next().done !== true);
  return found;
}
