import type { Event, Face } from "../domain/event.ts";
import { type Filter, parseFilter, readParamField } from "../domain/filter/index.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction, type Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { PastVersion, Store } from "../store/store.ts";
import { Crowd } from "./crowd.ts";
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
  readonly #crowds = new Map<string, Crowd>();
  readonly #loading = new Map<string, Promise<Crowd>>();
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, readonly Past[]>();
  /** By the sequence of the event, of the batch at hand only. */
  #addressed = new Map<number, readonly Subscription[]>();

  /** @param only the face that it is asked about; every face unless told. */
  constructor(store: Store, log: Log, only?: Face) {
    this.#store = store;
    this.#log = log;
    this.#only = only;
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
    if (event.addressee !== undefined) return this.#addressees(event);
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
    const crowd = this.#crowds.get(event.tenant);
    if (crowd === undefined) throw new TypeError("an audience was asked before it was freshened");
    if (event.addressee !== undefined) return this.#addressed.get(event.sequence) ?? [];
    return this.#hearing(crowd, event, this.#past.get(`${event.tenant}/${event.revision}`) ?? []);
  }

  #hearing(crowd: Crowd, event: Event, pasts: readonly Past[]): Subscription[] {
    const found = crowd.hearing(event);
    if (event.revision >= crowd.revision) return found;
    return [...found, ...pasts.filter((past) => this.#matched(past, event)).map(({ now }) => now)];
  }

  /** Whatever it is subscribed to, as long as it is there: somebody asked for just that. */
  async #addressees({ tenant, addressee }: Event): Promise<Subscription[]> {
    const found = addressee === undefined ? undefined : await this.#store.subscriptions.get(addressee);
    return found === undefined || found.tenant !== tenant || found.deletedMs !== undefined ? [] : [found];
  }

  /**
   * The live subscriptions of the lifecycle face to an event type, as of now, by (number). `wanted` is whether the filter agrees to
   * the params.
   */
  async hooks(
    tenant: string,
    type: string,
    params: Params,
  ): Promise<{ readonly subscription: FunctionSubscription; readonly wanted: boolean }[]> {
    const crowd = await this.#crowd(tenant);
    await this.#refresh(tenant, crowd);
    const read = readParamField(params);
    return crowd.hooks(type).flatMap(({ subscription, filter }) => {
      if (!runsFunction(subscription)) return [];
      return [{ subscription, wanted: filter === undefined || filter.matches(read) }];
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

  #matched({ version, now }: Past, event: Event): boolean {
    const { face, scope, event: wanted } = version;
    if (this.#only !== undefined && face !== this.#only) return false;
    const heard = placesOf(event, face).some(
      ({ scopes, name }) => (face === "lifecycle" || scopes.includes(scope)) && (wanted === "*" || wanted === name),
    );
    if (!heard || (face === "lifecycle" && !reaches(event, now))) return false;
    const filter = this.#filter(face, version.filter);
    return filter === undefined || filter.matches(filterable[face].read(event));
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
    const crowd = new Crowd(revision, (face, text) => this.#filter(face, text));
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

  #filter(face: Face, text: string | undefined): Filter | undefined {
    if (text === undefined) return undefined;
    const parsed = parseFilter(text, filterable[face].fields);
    if (parsed.kind === "ok") return parsed.filter;
    // It was accepted once: an older version allowed more. Rather too much is told than too little.
    this.#log.error(
      { face, line: parsed.error.line, column: parsed.error.column },
      "a stored filter no longer parses: it matches all",
    );
    return undefined;
  }
}
