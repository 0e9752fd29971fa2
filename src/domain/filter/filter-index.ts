import type { Filter } from "./filter.ts";
import type { ReadField } from "./tree.ts";

/** What someone listens to. */
export interface FilterEntry {
  /** A resource, or what resources lie in. */
  readonly scope: string;
  /** An event name, or `*` for all. */
  readonly event: string;
  /** `undefined`: every event of the scope and name. */
  readonly filter: Filter | undefined;
}

/** An event that happened. */
export interface FilterQuery {
  /** The resource, and what it lies in; the order is that of the result. */
  readonly scopes: readonly string[];
  readonly event: string;
  readonly read: ReadField;
}

/** Many filters, asked at once. `T` is compared as a Map compares keys: use strings or numbers, or always the same object. */
export interface FilterIndex<T> {
  /** Adds, or replaces what was put under `id` before. */
  put(id: T, entry: FilterEntry): void;
  /** Nothing happens when there is none. */
  delete(id: T): void;
  /** Who wants the event: each id once. */
  match(query: FilterQuery): T[];
  readonly size: number;
}

const everyEvent = "*";

/** Looks up scope and event name, then asks each filter there: right for the usual few rules of a bucket. */
export function scopedFilterIndex<T>(): FilterIndex<T> {
  return new ScopedFilterIndex<T>();
}

class ScopedFilterIndex<T> implements FilterIndex<T> {
  readonly #entries = new Map<T, FilterEntry>();
  /** Scope → event name → id. Empty maps are removed, so deleted scopes cost nothing. */
  readonly #scopes = new Map<string, Map<string, Map<T, Filter | undefined>>>();

  get size(): number {
    return this.#entries.size;
  }

  put(id: T, entry: FilterEntry): void {
    this.delete(id);
    this.#entries.set(id, entry);
    const events = this.#scopes.get(entry.scope) ?? new Map<string, Map<T, Filter | undefined>>();
    const listeners = events.get(entry.event) ?? new Map<T, Filter | undefined>();
    this.#scopes.set(entry.scope, events.set(entry.event, listeners.set(id, entry.filter)));
  }

  delete(id: T): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const events = this.#scopes.get(entry.scope);
    const listeners = events?.get(entry.event);
    listeners?.delete(id);
    if (listeners?.size === 0) events?.delete(entry.event);
    if (events?.size === 0) this.#scopes.delete(entry.scope);
  }

  match({ scopes, event, read }: FilterQuery): T[] {
    const found: T[] = [];
    for (const scope of new Set(scopes)) {
      const events = this.#scopes.get(scope);
      if (events === undefined) continue;
      for (const name of new Set([event, everyEvent])) {
        for (const [id, filter] of events.get(name) ?? []) {
          if (filter === undefined || filter.matches(read)) found.push(id);
        }
      }
    }
    return found;
  }
}
