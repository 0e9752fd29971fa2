/** What someone listens to. */
export interface FilterEntry<F> {
  /** A resource, or what resources lie in. */
  readonly scope: string;
  /** An event name, or `*` for all. */
  readonly event: string;
  /** `undefined`: every event of the scope and name. */
  readonly filter: F | undefined;
}

/** An event that happened. */
export interface FilterPlace {
  /** The resource, and what it lies in; the order is that of the result. */
  readonly scopes: readonly string[];
  readonly event: string;
}

const everyEvent = "*";

/**
 * Many filters, looked up by scope and event name: right for the usual few rules of a bucket. `T` is compared as a Map compares keys: use
 * strings or numbers, or always the same object.
 */
export class FilterIndex<T, F> {
  readonly #entries = new Map<T, FilterEntry<F>>();
  /** Scope → event name → id. Empty maps are removed, so deleted scopes cost nothing. */
  readonly #scopes = new Map<string, Map<string, Map<T, F | undefined>>>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds, or replaces what was put under `id` before. */
  put(id: T, entry: FilterEntry<F>): void {
    this.delete(id);
    this.#entries.set(id, entry);
    const events = this.#scopes.get(entry.scope) ?? new Map<string, Map<T, F | undefined>>();
    const listeners = events.get(entry.event) ?? new Map<T, F | undefined>();
    this.#scopes.set(entry.scope, events.set(entry.event, listeners.set(id, entry.filter)));
  }

  /** Nothing happens when there is none. */
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

  /**
   * Who may want it, with the filters that are still to be asked: no id is in more than one of these maps. They are the index's own, so
   * changes show.
   */
  listeners({ scopes, event }: FilterPlace): readonly ReadonlyMap<T, F | undefined>[] {
    const found: Map<T, F | undefined>[] = [];
    for (const scope of scopes) {
      const events = this.#scopes.get(scope);
      if (events === undefined) continue;
      for (const listeners of [events.get(event), events.get(everyEvent)]) {
        // The same scope or name may be given twice.
        if (listeners !== undefined && !found.includes(listeners)) found.push(listeners);
      }
    }
    return found;
  }
}
