import type { Face } from "../domain/event.ts";
import {
  type Filter,
  type FilterError,
  parseFilter,
  type ReadField,
  storedFilterLimits,
} from "../domain/filter/index.ts";
import { filterable } from "./event-scopes.ts";

/** Memory for compiled filters, of all tenants together and of one of them. */
const mostBytes = 64 * 1024 * 1024;
const mostBytesOfTenant = 24 * 1024 * 1024;
/** A filter that is compiled is measured again after so many uses: the states of its patterns grow with the texts that they meet. */
const usesPerMeasure = 64;

/** What is known of one that cannot be read. */
const unreadableBytes = 1_000;

interface FilterCacheLimits {
  readonly bytes: number;
  readonly bytesOfTenant: number;
}

/**
 * Stored filters of all tenants that were asked of late, compiled, as many as memory is given for: those that were not asked for longest are let
 * go. Equal texts of a tenant are one filter.
 */
export class FilterCache {
  readonly #limits: FilterCacheLimits;
  /** Compiled ones, by tenant, face and text. */
  readonly #known = new Map<string, StoredFilter>();
  /** The same, those that may go first in front. */
  readonly #compiled = new Set<StoredFilter>();
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;

  constructor(limits: Partial<FilterCacheLimits> = {}) {
    this.#limits = { bytes: mostBytes, bytesOfTenant: mostBytesOfTenant, ...limits };
  }

  /** What one tenant may have compiled at once. */
  get mostBytesOfTenant(): number {
    return this.#limits.bytesOfTenant;
  }

  /** Of compiled filters, about: of all tenants, or of one. */
  bytes(tenant?: string): number {
    return tenant === undefined ? this.#bytes : (this.#bytesOf.get(tenant) ?? 0);
  }

  /** Compiled when it is first asked, and kept from then on while there is memory for it. */
  get(place: { readonly tenant: string; readonly face: Face }, text: string): StoredFilter {
    return this.#known.get(keyOf(place, text)) ?? new StoredFilter(place, text, this);
  }

  /** Called by a filter with what it takes now. Lets others go when that is too much. */
  measured(filter: StoredFilter, bytes: number): void {
    this.#add(filter, bytes - filter.bytes);
    this.#compiled.delete(filter);
    this.#compiled.add(filter);
    const { tenant } = filter;
    this.#known.set(keyOf(filter, filter.text), filter);
    if (this.bytes(tenant) > this.#limits.bytesOfTenant) {
      this.#shrink(
        filter,
        (other) => other.tenant === tenant,
        () => this.bytes(tenant) > this.#limits.bytesOfTenant,
      );
    }
    if (this.#bytes > this.#limits.bytes)
      this.#shrink(
        filter,
        () => true,
        () => this.#bytes > this.#limits.bytes,
      );
  }

  #shrink(kept: StoredFilter, mayGo: (filter: StoredFilter) => boolean, goesOn: () => boolean): void {
    for (const filter of this.#compiled) {
      if (!goesOn()) return;
      if (filter !== kept && mayGo(filter)) this.#drop(filter);
    }
  }

  #drop(filter: StoredFilter): void {
    if (!this.#compiled.delete(filter)) return;
    const key = keyOf(filter, filter.text);
    // Two may have been compiled while neither was known.
    if (this.#known.get(key) === filter) this.#known.delete(key);
    this.#add(filter, -filter.bytes);
    filter.forget();
  }

  #add(filter: StoredFilter, bytes: number): void {
    filter.bytes += bytes;
    this.#bytes += bytes;
    const ofTenant = this.bytes(filter.tenant) + bytes;
    if (ofTenant === 0) this.#bytesOf.delete(filter.tenant);
    else this.#bytesOf.set(filter.tenant, ofTenant);
  }
}

function keyOf({ tenant, face }: { readonly tenant: string; readonly face: Face }, text: string): string {
  return `${tenant}\0${face}\0${text}`;
}

/** A filter that was accepted once. It matches nothing when it cannot be read any more. */
export class StoredFilter {
  readonly tenant: string;
  readonly face: Face;
  readonly text: string;
  /** Kept by the cache: what it takes compiled. */
  bytes = 0;
  readonly #cache: FilterCache;
  #filter: Filter | undefined;
  #error: FilterError | undefined;
  #uses = 0;

  constructor({ tenant, face }: { readonly tenant: string; readonly face: Face }, text: string, cache: FilterCache) {
    this.tenant = tenant;
    this.face = face;
    this.text = text;
    this.#cache = cache;
  }

  /** Why it cannot be read: an older version allowed more. Known once it was asked. */
  get error(): FilterError | undefined {
    return this.#error;
  }

  /** Instructions of its costly patterns; 0 as well when it is not compiled. */
  get program(): number {
    return this.#filter?.program ?? 0;
  }

  /** Whether it is compiled, and one event costs next to nothing. */
  get isQuick(): boolean {
    return this.#error !== undefined || this.#filter?.isQuick === true;
  }

  matches(read: ReadField): boolean {
    return this.#asked()?.matches(read) === true;
  }

  *matchesInSteps(read: ReadField, visits: number): Generator<void, boolean, void> {
    const filter = this.#asked();
    return filter !== undefined && (yield* filter.matchesInSteps(read, visits));
  }

  /** Called by the cache: others need the memory. A match under way goes on with what it has. */
  forget(): void {
    this.#filter = undefined;
  }

  #asked(): Filter | undefined {
    if (this.#error !== undefined) return undefined;
    const filter = this.#filter ?? this.#compile();
    if (filter === undefined) return undefined;
    this.#uses += 1;
    if (this.#uses % usesPerMeasure === 1) this.#cache.measured(this, filter.bytes());
    return filter;
  }

  #compile(): Filter | undefined {
    const parsed = parseFilter(this.text, filterable[this.face].fields, storedFilterLimits);
    if (parsed.kind === "error") {
      this.#error = parsed.error;
      this.#cache.measured(this, unreadableBytes);
      return undefined;
    }
    this.#filter = parsed.filter;
    this.#uses = 0;
    return parsed.filter;
  }
}
