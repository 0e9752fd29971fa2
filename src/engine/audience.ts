import type { Event, Face } from "../domain/event.ts";
import { faces } from "../domain/event.ts";
import type { FieldCatalog, Filter, ReadField } from "../domain/filter/index.ts";
import {
  type FilterIndex,
  objectFields,
  parseFilter,
  readObjectField,
  scopedFilterIndex,
} from "../domain/filter/index.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { PastVersion, Store } from "../store/store.ts";

/** What the filters of a face may ask, and how an event answers. A face without filters has no entry. */
const filterable: Readonly<
  Partial<Record<Face, { readonly fields: FieldCatalog; readonly read: (event: Event) => ReadField }>>
> = {
  objects: { fields: objectFields, read: readObjectField },
};

interface Crowd {
  /** All that changed up to this revision of the tenant is in the index. */
  revision: number;
  readonly byNumber: Map<number, Subscription>;
  readonly indexes: Map<Face, FilterIndex<number>>;
}

/**
 * Who wants an event: an index for each tenant, as new as the events that it is asked about. An event meets the subscriptions
 * that were live at its commit, whatever has become of them since: `freshen` brings the index up to the newest event of a batch
 * and fetches, for those events that are older than the index, how the subscriptions that changed since stood at their commit.
 */
export class Audience {
  readonly #store: Store;
  readonly #log: Log;
  readonly #crowds = new Map<string, Crowd>();
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, readonly PastVersion[]>();

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Must be awaited before {@link of} is asked about any of `events`. */
  async freshen(events: readonly Event[]): Promise<void> {
    if (this.#past.size > 0) this.#past = new Map();
    for (const event of events) {
      const crowd = this.#crowd(event.tenant);
      if (event.revision > crowd.revision) await this.#refresh(event.tenant, crowd);
    }
    for (const event of events) {
      const key = `${event.tenant}/${event.revision}`;
      if (event.revision === this.#crowd(event.tenant).revision || this.#past.has(key)) continue;
      this.#past.set(key, await this.#store.subscriptions.pastAt(event.tenant, event.revision));
    }
  }

  /** The subscriptions, as they are now, that were live at the event's commit and match it. Each once. */
  of(event: Event): Subscription[] {
    const crowd = this.#crowd(event.tenant);
    const scopes = event.scope === undefined ? [event.resource] : [event.resource, event.scope];
    const found: Subscription[] = [];
    for (const face of faces) {
      const name = event.names[face];
      const index = crowd.indexes.get(face);
      if (name === undefined || index === undefined) continue;
      const read = filterable[face]?.read(event) ?? (() => undefined);
      for (const number of index.match({ scopes, event: name, read })) {
        const subscription = crowd.byNumber.get(number);
        if (subscription !== undefined && subscription.fromRevision <= event.revision) found.push(subscription);
      }
    }
    if (event.revision < crowd.revision) {
      for (const past of this.#past.get(`${event.tenant}/${event.revision}`) ?? []) {
        const subscription = crowd.byNumber.get(past.number);
        if (subscription !== undefined && this.#matched(past, event)) found.push(subscription);
      }
    }
    return found;
  }

  #matched(past: PastVersion, event: Event): boolean {
    if (past.scope !== event.resource && past.scope !== event.scope) return false;
    const name = event.names[past.face];
    if (name === undefined || (past.event !== "*" && past.event !== name)) return false;
    const filter = this.#filter(past.face, past.filter);
    return filter === undefined || filter.matches(filterable[past.face]?.read(event) ?? (() => undefined));
  }

  #crowd(tenant: string): Crowd {
    let crowd = this.#crowds.get(tenant);
    if (crowd === undefined) {
      crowd = { revision: 0, byNumber: new Map(), indexes: new Map() };
      this.#crowds.set(tenant, crowd);
    }
    return crowd;
  }

  async #refresh(tenant: string, crowd: Crowd): Promise<void> {
    const { revision, changed } = await this.#store.subscriptions.changedSince(tenant, crowd.revision);
    for (const subscription of changed) {
      crowd.byNumber.set(subscription.number, subscription);
      const live = subscription.enabled && subscription.deletedMs === undefined && subscription.endedMs === undefined;
      let index = crowd.indexes.get(subscription.face);
      if (index === undefined) {
        index = scopedFilterIndex<number>();
        crowd.indexes.set(subscription.face, index);
      }
      index.delete(subscription.number);
      if (!live) continue;
      const filter = this.#filter(subscription.face, subscription.filter);
      index.put(subscription.number, { scope: subscription.scope, event: subscription.event, filter });
    }
    crowd.revision = revision;
  }

  #filter(face: Face, text: string | undefined): Filter | undefined {
    const language = filterable[face];
    if (text === undefined || language === undefined) return undefined;
    const parsed = parseFilter(text, language.fields);
    if (parsed.kind === "ok") return parsed.filter;
    // It was accepted once: an older version allowed more. Rather too much is told than too little.
    this.#log.error(
      { face, line: parsed.error.line, column: parsed.error.column },
      "a stored filter no longer parses: it matches all",
    );
    return undefined;
  }
}
