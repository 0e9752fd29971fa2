import type { Event, Face } from "../domain/event.ts";
import { readParamField } from "../domain/filter/index.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction, type Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { PastVersion, Store } from "../store/store.ts";
import { type Candidate, type Candidates, Crowd } from "./crowd.ts";
import { FilterShelf } from "./filter-shelf.ts";
import { beginHearing, type Hearing, listOf } from "./hearing.ts";
import type { Matching } from "./matching.ts";
import { filterable, placesOf, reaches } from "./places.ts";

/** Read at once when a tenant is first asked about: between two pages others get their turn of the loop. */
const pageSize = 500;

/** How a subscription matched before, and what it is now. */
interface Past {
  readonly version: PastVersion;
  readonly now: Subscription;
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
  readonly #shelf: FilterShelf;
  readonly #matching: Matching | undefined;
  readonly #crowds = new Map<string, Crowd>();
  readonly #loading = new Map<string, Promise<Crowd>>();
  /** Numbers of subscriptions whose filter is known to be unreadable. */
  readonly #told = new Set<number>();
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, readonly Past[]>();
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
  }

  /** Whether the tenant's subscriptions have been read: the first time may take seconds. */
  knows(tenant: string): boolean {
    return this.#crowds.has(tenant);
  }

  /** Must be awaited before {@link of} is asked about any of `events`. */
  async freshen(events: readonly Event[]): Promise<void> {
    if (this.#past.size > 0) this.#past = new Map();
    if (this.#addressed.size > 0) this.#addressed = new Map();
    for (const event of events) {
      const crowd = await this.#crowd(event.tenant);
      if (event.revision > crowd.revision) await this.#refresh(event.tenant, crowd);
    }
    for (const event of events) {
      if (event.addressee !== undefined) this.#addressed.set(event.sequence, await this.#addressees(event));
      const key = `${event.tenant}/${event.revision}`;
      const crowd = await this.#crowd(event.tenant);
      if (event.revision === crowd.revision || this.#past.has(key)) continue;
      this.#past.set(key, await this.#pastAt(crowd, event));
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
    const crowd = await this.#crowd(event.tenant);
    for (;;) {
      if (event.revision > crowd.revision) await this.#refresh(event.tenant, crowd);
      const { revision } = crowd;
      const past = event.revision < revision ? await this.#pastAt(crowd, event) : [];
      if (crowd.revision === revision) return this.#hearing(crowd, event, past);
    }
  }

  /** The subscriptions, as they are now, that were live at the event's commit and match it. Each once. */
  of(event: Event): readonly Subscription[] {
    const hearing = this.ask(event);
    const heard = whole(hearing);
    this.#tell(hearing.unreadable);
    return heard;
  }

  /** As much of {@link of} as takes a moment. */
  ask(event: Event): Hearing {
    const crowd = this.#crowds.get(event.tenant);
    if (crowd === undefined) throw new TypeError("an audience was asked before it was freshened");
    if (event.addressee !== undefined) return heardBy(this.#addressed.get(event.sequence) ?? []);
    return this.#hearing(crowd, event, this.#past.get(`${event.tenant}/${event.revision}`) ?? []);
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
    const crowd = await this.#crowd(tenant);
    await this.#refresh(tenant, crowd);
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

  async #pastAt(crowd: Crowd, { tenant, revision }: Event): Promise<readonly Past[]> {
    const found: Past[] = [];
    for (const version of await this.#store.subscriptions.pastAt(tenant, revision)) {
      const now = crowd.get(version.number) ?? (await this.#store.subscriptions.byNumber(version.number));
      if (now !== undefined) found.push({ version, now });
    }
    return found;
  }

  *#pastCandidate({ version, now }: Past, event: Event): Generator<Candidate, void, void> {
    const { face, scope, event: wanted, filter: text } = version;
    if (this.#only !== undefined && face !== this.#only) return;
    const heard = placesOf(event, face).some(
      ({ scopes, name }) => (face === "lifecycle" || scopes.includes(scope)) && (wanted === "*" || wanted === name),
    );
    if (!heard || (face === "lifecycle" && !reaches(event, now))) return;
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

  #crowd(tenant: string): Promise<Crowd> | Crowd {
    const known = this.#crowds.get(tenant) ?? this.#loading.get(tenant);
    if (known !== undefined) return known;
    const loading = this.#load(tenant).finally(() => this.#loading.delete(tenant));
    this.#loading.set(tenant, loading);
    return loading;
  }

  /** Page by page, and then what changed meanwhile. Nobody sees it before it is whole. */
  async #load(tenant: string): Promise<Crowd> {
    const { subscriptions } = this.#store;
    const { revision } = await subscriptions.changedSince(tenant, Number.MAX_SAFE_INTEGER);
    const crowd = new Crowd(revision, this.#shelf);
    const of = { tenant, ...(this.#only === undefined ? {} : { face: this.#only }) };
    for (let after = 0; ; ) {
      const page = await subscriptions.listening(of, { after, max: pageSize });
      for (const subscription of page) crowd.put(subscription);
      if (page.length < pageSize) break;
      after = page.at(-1)?.number ?? after;
      await new Promise(setImmediate);
    }
    await this.#refresh(tenant, crowd);
    this.#crowds.set(tenant, crowd);
    return crowd;
  }

  async #refresh(tenant: string, crowd: Crowd): Promise<void> {
    const { revision, changed } = await this.#store.subscriptions.changedSince(tenant, crowd.revision);
    for (const subscription of changed) {
      if (this.#only === undefined || subscription.face === this.#only) crowd.put(subscription);
    }
    crowd.revision = revision;
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
