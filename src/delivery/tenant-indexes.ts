import type { Event, Face } from "../domain/event.ts";
import type { FilterText } from "../domain/filter/index.ts";
import type { Subscription } from "../domain/subscription.ts";
import { Steps } from "../pace/steps.ts";
import type { ListeningState, PastVersion, Store, Subscriptions } from "../store/store.ts";
import type { FilterCache } from "./filter-cache.ts";
import { indexedAnew, indexedAtOnce } from "./indexed-filter.ts";
import { KnownSubscriptions } from "./known-subscriptions.ts";
import { TenantIndex } from "./tenant-index.ts";

/** Subscriptions that are read and taken in at once: some two milliseconds. */
const pageSize = 200;

/** How a subscription matched before, and what it is now. */
export interface PastSubscription {
  readonly version: PastVersion;
  readonly now: Subscription;
}

/**
 * The subscriptions of each tenant, read page by page and kept as new as they are asked for. Between two pages others get their turn of the
 * loop: a tenant may have any number, and change all of them between two events.
 */
export class TenantIndexes {
  readonly #store: Pick<Store, "subscriptions" | "commit">;
  readonly #subscriptions: Subscriptions;
  readonly #known: KnownSubscriptions;
  readonly #only: Face | undefined;
  readonly #filters: FilterCache;
  readonly #steps = new Steps();
  readonly #whole = new Map<string, TenantIndex>();
  readonly #loading = new Map<string, Promise<TenantIndex>>();
  /** Indexes that are being brought up to a revision in several steps, and are of none until then. */
  readonly #refreshing = new Map<TenantIndex, Promise<void>>();

  /** @param only the face whose subscriptions count; `undefined`: of all. */
  constructor(store: Pick<Store, "subscriptions" | "commit">, filters: FilterCache, only: Face | undefined) {
    this.#store = store;
    this.#subscriptions = store.subscriptions;
    this.#known = new KnownSubscriptions(store.subscriptions, this.#steps);
    this.#filters = filters;
    this.#only = only;
  }

  /** Whole subscriptions, as new as the index of their tenant or newer. */
  subscriptions(numbers: readonly number[]): Subscription[] | Promise<Subscription[]> {
    return this.#known.of(numbers);
  }

  /** The tenant's, if they have been read. */
  known(tenant: string): TenantIndex | undefined {
    return this.#whole.get(tenant);
  }

  /** Whether it is that of its revision. */
  isSettled(index: TenantIndex): boolean {
    return !this.#refreshing.has(index);
  }

  of(tenant: string): Promise<TenantIndex> | TenantIndex {
    const known = this.#whole.get(tenant) ?? this.#loading.get(tenant);
    if (known !== undefined) return known;
    const loading = this.#load(tenant).finally(() => this.#loading.delete(tenant));
    this.#loading.set(tenant, loading);
    return loading;
  }

  /** Brings it up to what is committed now. Settled when this resolves, unless others have begun anew. */
  async refresh(tenant: string, index: TenantIndex): Promise<void> {
    for (;;) {
      const before = this.#refreshing.get(index);
      if (before !== undefined) {
        await before;
        continue;
      }
      const since = { revision: index.revision, number: Number.MAX_SAFE_INTEGER };
      const page = await this.#subscriptions.changedSince(tenant, since, pageSize);
      // Others were faster.
      if (!this.isSettled(index) || index.revision !== since.revision) {
        if (this.isSettled(index) && index.revision >= page.revision) return;
        continue;
      }
      this.#take(index, page.changed);
      if (page.changed.length < pageSize) {
        index.revision = page.revision;
        return;
      }
      const all = this.#refreshRest(tenant, index, page.changed)
        .catch((thrown: unknown) => {
          // It is of no revision: it has to be read anew.
          this.#whole.delete(tenant);
          throw thrown;
        })
        .finally(() => this.#refreshing.delete(index));
      this.#refreshing.set(index, all);
      await all;
      return;
    }
  }

  async #refreshRest(tenant: string, index: TenantIndex, first: readonly ListeningState[]): Promise<void> {
    let last = first.at(-1);
    while (last !== undefined) {
      const { revision, number } = last;
      const page = await this.#steps.next(async () => {
        const found = await this.#subscriptions.changedSince(tenant, { revision, number }, pageSize);
        this.#take(index, found.changed);
        return found;
      });
      // What changed again meanwhile has a later revision, and comes again: the last page is of one instant with all before it.
      if (page.changed.length < pageSize) {
        index.revision = page.revision;
        return;
      }
      last = page.changed.at(-1);
    }
  }

  #take(index: TenantIndex, changed: readonly ListeningState[]): void {
    for (const state of changed) {
      this.#known.forget(state.number);
      if (this.#only === undefined || state.face === this.#only) index.put(indexedAtOnce(state) ?? indexedAnew(state));
    }
  }

  /**
   * How the subscriptions that matched at the event's commit, and have changed since, stood then. Of one revision of the index: to be asked
   * anew when that has become another.
   *
   * @param max `undefined` instead, should there be more.
   */
  async pastAt(
    index: TenantIndex,
    { tenant, revision }: Event,
    max: number,
  ): Promise<readonly PastSubscription[] | undefined> {
    const found: PastSubscription[] = [];
    const upTo = index.revision;
    let after: PastVersion | undefined;
    do {
      const last: PastVersion | undefined = after;
      const read = (): Promise<readonly PastVersion[]> => {
        const place = last === undefined ? {} : { after: { revision: last.toRevision, number: last.number } };
        return this.#subscriptions.pastAt(tenant, { revision, upTo }, { ...place, max: pageSize });
      };
      const page = last === undefined ? await read() : await this.#steps.next(read);
      const whole = await this.#known.of([...new Set(page.map(({ number }) => number))]);
      const now = new Map(whole.map((subscription) => [subscription.number, subscription]));
      for (const version of page) {
        const subscription = now.get(version.number);
        if (subscription !== undefined) found.push({ version, now: subscription });
      }
      if (found.length > max || (found.length === max && page.length === pageSize)) return undefined;
      after = page.length < pageSize ? undefined : page.at(-1);
    } while (after !== undefined);
    return found;
  }

  /** Page by page, and then what changed meanwhile. No one sees it before it is whole. */
  async #load(tenant: string): Promise<TenantIndex> {
    const now = { revision: Number.MAX_SAFE_INTEGER, number: 0 };
    const { revision } = await this.#subscriptions.changedSince(tenant, now, 1);
    const index = new TenantIndex(tenant, revision, this.#filters);
    const unread: ListeningState[] = [];
    const of = { tenant, ...(this.#only === undefined ? {} : { face: this.#only }) };
    for (let after: number | undefined = 0; after !== undefined; ) {
      const from: number = after;
      after = await this.#steps.next(async () => {
        const page = await this.#subscriptions.listening(of, { after: from, max: pageSize });
        for (const state of page) {
          const indexed = indexedAtOnce(state);
          if (indexed === undefined) unread.push(state);
          else index.put(indexed);
        }
        return page.length < pageSize ? undefined : page.at(-1)?.number;
      });
      if (unread.length > 0) await this.#readFilters(index, unread.splice(0));
    }
    await this.refresh(tenant, index);
    this.#whole.set(tenant, index);
    return index;
  }

  /** Of another version: each takes as long as its filter takes to compile. The next start need not. */
  async #readFilters(index: TenantIndex, states: readonly ListeningState[]): Promise<void> {
    const made: { number: number; filter: FilterText; access: string }[] = [];
    for (const state of states) {
      await this.#steps.next(async () => {
        const indexed = indexedAnew(state);
        index.put(indexed);
        const { number, filter } = state;
        if (filter !== undefined) made.push({ number, filter, access: indexed.made });
      });
    }
    // Should it fail, the next start makes them again.
    await this.#store.commit({ changes: [{ do: "subscription.access", made }] }).catch(() => undefined);
  }
}
