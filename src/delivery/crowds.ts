import type { Event, Face } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import { Steps } from "../pace/steps.ts";
import type { PastVersion, Store, Subscriptions } from "../store/store.ts";
import { Crowd } from "./crowd.ts";
import type { FilterShelf } from "./filter-shelf.ts";

/** Subscriptions that are read and taken in at one go: some two milliseconds. */
const pageSize = 200;

/** How a subscription matched before, and what it is now. */
export interface Past {
  readonly version: PastVersion;
  readonly now: Subscription;
}

/**
 * The subscriptions of each tenant, read page by page and kept as new as they are asked for. Between two pages others get their turn of the
 * loop: a tenant may have any number, and change all of them between two events.
 */
export class Crowds {
  readonly #subscriptions: Subscriptions;
  readonly #only: Face | undefined;
  readonly #shelf: FilterShelf;
  readonly #steps = new Steps();
  readonly #whole = new Map<string, Crowd>();
  readonly #loading = new Map<string, Promise<Crowd>>();
  /** Crowds that are being brought up to a revision in several steps, and are of none until then. */
  readonly #refreshing = new Map<Crowd, Promise<void>>();

  /** @param only the face whose subscriptions count; `undefined`: of all. */
  constructor(store: Pick<Store, "subscriptions">, shelf: FilterShelf, only: Face | undefined) {
    this.#subscriptions = store.subscriptions;
    this.#shelf = shelf;
    this.#only = only;
  }

  /** The tenant's, if they have been read. */
  known(tenant: string): Crowd | undefined {
    return this.#whole.get(tenant);
  }

  /** Whether it is that of its revision. */
  isSettled(crowd: Crowd): boolean {
    return !this.#refreshing.has(crowd);
  }

  of(tenant: string): Promise<Crowd> | Crowd {
    const known = this.#whole.get(tenant) ?? this.#loading.get(tenant);
    if (known !== undefined) return known;
    const loading = this.#load(tenant).finally(() => this.#loading.delete(tenant));
    this.#loading.set(tenant, loading);
    return loading;
  }

  /** Brings it up to what is committed now. Settled when this resolves, unless others have begun anew. */
  async refresh(tenant: string, crowd: Crowd): Promise<void> {
    for (;;) {
      const before = this.#refreshing.get(crowd);
      if (before !== undefined) {
        await before;
        continue;
      }
      const since = { revision: crowd.revision, number: Number.MAX_SAFE_INTEGER };
      const page = await this.#subscriptions.changedSince(tenant, since, pageSize);
      // Others were faster.
      if (!this.isSettled(crowd) || crowd.revision !== since.revision) {
        if (this.isSettled(crowd) && crowd.revision >= page.revision) return;
        continue;
      }
      this.#take(crowd, page.changed);
      if (page.changed.length < pageSize) {
        crowd.revision = page.revision;
        return;
      }
      const all = this.#refreshRest(tenant, crowd, page.changed)
        .catch((thrown: unknown) => {
          // It is of no revision: it has to be read anew.
          this.#whole.delete(tenant);
          crowd.end();
          throw thrown;
        })
        .finally(() => this.#refreshing.delete(crowd));
      this.#refreshing.set(crowd, all);
      await all;
      return;
    }
  }

  async #refreshRest(tenant: string, crowd: Crowd, first: readonly Subscription[]): Promise<void> {
    let last = first.at(-1);
    while (last !== undefined) {
      const { revision, number } = last;
      const page = await this.#steps.next(async () => {
        const found = await this.#subscriptions.changedSince(tenant, { revision, number }, pageSize);
        this.#take(crowd, found.changed);
        return found;
      });
      // What changed again meanwhile has a later revision, and comes again: the last page is of one instant with all before it.
      if (page.changed.length < pageSize) {
        crowd.revision = page.revision;
        return;
      }
      last = page.changed.at(-1);
    }
  }

  #take(crowd: Crowd, changed: readonly Subscription[]): void {
    for (const subscription of changed) {
      if (this.#only === undefined || subscription.face === this.#only) crowd.put(subscription);
    }
  }

  /**
   * How the subscriptions that matched at the event's commit, and have changed since, stood then. Of one revision of the crowd: to be asked
   * anew when that has become another.
   *
   * @param max `undefined` instead, should there be more.
   */
  async pastAt(crowd: Crowd, { tenant, revision }: Event, max: number): Promise<readonly Past[] | undefined> {
    const found: Past[] = [];
    const upTo = crowd.revision;
    let after: PastVersion | undefined;
    do {
      const last: PastVersion | undefined = after;
      const read = async (): Promise<readonly PastVersion[]> => {
        const place = last === undefined ? {} : { after: { revision: last.toRevision, number: last.number } };
        const versions = await this.#subscriptions.pastAt(tenant, { revision, upTo }, { ...place, max: pageSize });
        for (const version of versions) {
          const now = crowd.get(version.number) ?? (await this.#subscriptions.byNumber(version.number));
          if (now !== undefined) found.push({ version, now });
        }
        return versions;
      };
      const page = last === undefined ? await read() : await this.#steps.next(read);
      if (found.length > max || (found.length === max && page.length === pageSize)) return undefined;
      after = page.length < pageSize ? undefined : page.at(-1);
    } while (after !== undefined);
    return found;
  }

  /** Page by page, and then what changed meanwhile. No one sees it before it is whole. */
  async #load(tenant: string): Promise<Crowd> {
    const now = { revision: Number.MAX_SAFE_INTEGER, number: 0 };
    const { revision } = await this.#subscriptions.changedSince(tenant, now, 1);
    const crowd = new Crowd(revision, this.#shelf);
    const of = { tenant, ...(this.#only === undefined ? {} : { face: this.#only }) };
    for (let after: number | undefined = 0; after !== undefined; ) {
      const from: number = after;
      after = await this.#steps.next(async () => {
        const page = await this.#subscriptions.listening(of, { after: from, max: pageSize });
        for (const subscription of page) crowd.put(subscription);
        return page.length < pageSize ? undefined : page.at(-1)?.number;
      });
    }
    await this.refresh(tenant, crowd);
    this.#whole.set(tenant, crowd);
    return crowd;
  }
}
