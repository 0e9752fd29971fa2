import { type Event, type Face, faces } from "../domain/event.ts";
import { FilterIndex, type ReadField } from "../domain/filter/index.ts";
import { isListening, type Subscription } from "../domain/subscription.ts";
import { filterable, indexScopeOf, isAboutItself, reaches, subscriptionsInScope } from "./event-scopes.ts";
import type { FilterCache, StoredFilter } from "./filter-cache.ts";

/** A subscription that gets an event if its filter agrees. */
export interface MatchCandidate {
  readonly subscription: Subscription;
  readonly filter: StoredFilter | undefined;
  readonly read: ReadField;
}

/** One after the other: plain calls, since this runs for each event, and may be left and taken up again. */
export interface MatchCandidates {
  /** `undefined` when there are no more. */
  next(): MatchCandidate | undefined;
}

interface Source {
  readonly face: Face;
  readonly read: ReadField;
  readonly entries: MapIterator<[number, StoredFilter | undefined]>;
}

class IndexCandidates implements MatchCandidates {
  readonly #sources: readonly Source[];
  readonly #byNumber: ReadonlyMap<number, Subscription>;
  readonly #event: Event;
  #at = 0;

  constructor(sources: readonly Source[], byNumber: ReadonlyMap<number, Subscription>, event: Event) {
    this.#sources = sources;
    this.#byNumber = byNumber;
    this.#event = event;
  }

  next(): MatchCandidate | undefined {
    for (let source = this.#sources[this.#at]; source !== undefined; source = this.#sources[this.#at]) {
      const { value } = source.entries.next();
      if (value === undefined) {
        this.#at += 1;
        continue;
      }
      const subscription = this.#byNumber.get(value[0]);
      if (subscription === undefined || subscription.fromRevision > this.#event.revision) continue;
      if (isAboutItself(this.#event, subscription)) continue;
      if (source.face === "lifecycle" && !reaches(this.#event, subscription)) continue;
      return { subscription, filter: value[1], read: source.read };
    }
    return undefined;
  }
}

/** The subscriptions of one tenant that may still meet an event, as of a revision of it. */
export class TenantIndex {
  /** All that changed up to this revision of the tenant is in here. */
  revision: number;
  readonly #cache: FilterCache;
  readonly #byNumber = new Map<number, Subscription>();
  readonly #filters = new Map<number, StoredFilter>();
  readonly #indexes = new Map<Face, FilterIndex<number, StoredFilter>>();
  /** Live ones of the lifecycle face by event type, with their filters, oldest first. */
  readonly #hooks = new Map<string, Map<number, StoredFilter | undefined>>();

  constructor(revision: number, cache: FilterCache) {
    this.revision = revision;
    this.#cache = cache;
  }

  get(number: number): Subscription | undefined {
    return this.#byNumber.get(number);
  }

  /** Takes in a state of a subscription, in place of the one before. What can meet nothing any more is let go. */
  put(subscription: Subscription): void {
    const { number, face, event } = subscription;
    const before = this.#byNumber.get(number);
    const filterBefore = this.#filters.get(number);
    if (before !== undefined) {
      this.#indexes.get(before.face)?.delete(number);
      this.#hooks.get(before.event)?.delete(number);
      this.#byNumber.delete(number);
      this.#filters.delete(number);
    }
    const { deletedMs, endedMs, taken } = subscription;
    if (deletedMs === undefined && endedMs === undefined && taken === undefined) {
      this.#byNumber.set(number, subscription);
      if (isListening(subscription)) {
        const filter = this.#filterOf(subscription);
        this.#indexOf(face).put(number, { scope: indexScopeOf(subscription), event, filter });
        if (face === "lifecycle") {
          this.#hooks.set(event, (this.#hooks.get(event) ?? new Map<number, StoredFilter>()).set(number, filter));
        }
      }
    }
    // After the new one is taken: an equal text stays compiled.
    if (filterBefore !== undefined) this.#cache.release(filterBefore);
  }

  /** It is not asked any more: gives its filters back. */
  end(): void {
    for (const filter of this.#filters.values()) this.#cache.release(filter);
    this.#filters.clear();
  }

  #filterOf({ number, tenant, face, filter: text }: Subscription): StoredFilter | undefined {
    if (text === undefined) return undefined;
    const filter = this.#cache.take({ tenant, face }, text);
    this.#filters.set(number, filter);
    return filter;
  }

  #indexOf(face: Face): FilterIndex<number, StoredFilter> {
    let index = this.#indexes.get(face);
    if (index === undefined) {
      index = new FilterIndex<number, StoredFilter>();
      this.#indexes.set(face, index);
    }
    return index;
  }

  /** Those that have been there as they are now since the event's commit, and get it if their filters agree. Each once. */
  candidates(event: Event): MatchCandidates {
    const sources: Source[] = [];
    for (const face of faces) {
      const index = this.#indexes.get(face);
      if (index === undefined) continue;
      const maps = subscriptionsInScope(index, face, event);
      if (maps.length === 0) continue;
      const read = filterable[face].read(event);
      for (const map of maps) sources.push({ face, read, entries: map.entries() });
    }
    return new IndexCandidates(sources, this.#byNumber, event);
  }

  /** Of the lifecycle face, to an event type. */
  hooks(type: string): { readonly subscription: Subscription; readonly filter: StoredFilter | undefined }[] {
    return [...(this.#hooks.get(type) ?? [])].flatMap(([number, filter]) => {
      const subscription = this.#byNumber.get(number);
      return subscription === undefined ? [] : [{ subscription, filter }];
    });
  }
}
