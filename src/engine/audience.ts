import { type Event, type Face, faces } from "../domain/event.ts";
import type { FieldCatalog, Filter, ReadField } from "../domain/filter/index.ts";
import {
  type FilterIndex,
  objectFields,
  paramFields,
  parseFilter,
  readObjectField,
  readParamField,
  scopedFilterIndex,
} from "../domain/filter/index.ts";
import { lifecycleOf, type Params } from "../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction, type Subscription } from "../domain/subscription.ts";
import type { Log } from "../log.ts";
import type { PastVersion, Store } from "../store/store.ts";

/** What the filters of a face may ask, and how an event answers. A face without filters has no entry. */
const filterable: Readonly<
  Partial<Record<Face, { readonly fields: FieldCatalog; readonly read: (event: Event) => ReadField }>>
> = {
  objects: { fields: objectFields, read: readObjectField },
  lifecycle: { fields: paramFields, read: (event) => readParamField(lifecycleOf(event).params) },
};

/** Functions are found by name alone, and then by the event's app: there are few of them for each event type. */
const everywhere = "*";

/** Where the index of its face keeps a subscription. */
function placeOf({ face, scope }: Pick<Subscription, "face" | "scope">): string {
  return face === "lifecycle" ? everywhere : scope;
}

/** An event with an app reaches that app's functions, one without those of the whole tenant. */
function reaches(event: Event, { scope, target }: Pick<Subscription, "scope" | "target">): boolean {
  const { app, only } = lifecycleOf(event);
  if (app !== undefined && app.uuid !== scope) return false;
  return only === undefined || (target.kind === "function" && only.includes(target.function));
}

interface Crowd {
  /** All that changed up to this revision of the tenant is in the index. */
  revision: number;
  readonly byNumber: Map<number, Subscription>;
  readonly indexes: Map<Face, FilterIndex<number>>;
  /** Live subscriptions of functions by event type, with their filters, oldest first. */
  readonly hooks: Map<string, Map<number, Filter | undefined>>;
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
  /** By tenant and revision; of the batch at hand only. */
  #past = new Map<string, readonly PastVersion[]>();

  /** @param only the face that it is asked about; every face unless told. */
  constructor(store: Store, log: Log, only?: Face) {
    this.#store = store;
    this.#log = log;
    this.#only = only;
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

  /** {@link freshen} and {@link of} for one event, also while others ask. */
  async hear(event: Event): Promise<Subscription[]> {
    for (;;) {
      await this.freshen([event]);
      const crowd = this.#crowd(event.tenant);
      const { revision } = crowd;
      const past =
        event.revision < revision ? await this.#store.subscriptions.pastAt(event.tenant, event.revision) : [];
      if (crowd.revision === revision) return this.#hearing(event, past);
    }
  }

  /** The subscriptions, as they are now, that were live at the event's commit and match it. Each once. */
  of(event: Event): Subscription[] {
    return this.#hearing(event, this.#past.get(`${event.tenant}/${event.revision}`) ?? []);
  }

  #hearing(event: Event, pastVersions: readonly PastVersion[]): Subscription[] {
    const crowd = this.#crowd(event.tenant);
    const places = event.scope === undefined ? [event.resource] : [event.resource, event.scope];
    const found: Subscription[] = [];
    for (const face of faces) {
      const name = event.names[face];
      const index = crowd.indexes.get(face);
      if (name === undefined || index === undefined) continue;
      const read = filterable[face]?.read(event) ?? (() => undefined);
      const scopes = face === "lifecycle" ? [everywhere] : places;
      for (const number of index.match({ scopes, event: name, read })) {
        const subscription = crowd.byNumber.get(number);
        if (subscription === undefined || subscription.fromRevision > event.revision) continue;
        if (face !== "lifecycle" || reaches(event, subscription)) found.push(subscription);
      }
    }
    if (event.revision < crowd.revision) {
      for (const past of pastVersions) {
        const subscription = crowd.byNumber.get(past.number);
        if (subscription !== undefined && this.#matched(past, subscription, event)) found.push(subscription);
      }
    }
    return found;
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
    const crowd = this.#crowd(tenant);
    await this.#refresh(tenant, crowd);
    const listening = crowd.hooks.get(type);
    if (listening === undefined) return [];
    const read = readParamField(params);
    return [...listening].flatMap(([number, filter]) => {
      const subscription = crowd.byNumber.get(number);
      if (subscription === undefined || !runsFunction(subscription)) return [];
      return [{ subscription, wanted: filter === undefined || filter.matches(read) }];
    });
  }

  #matched(past: PastVersion, now: Subscription, event: Event): boolean {
    if (
      past.face === "lifecycle" ? !reaches(event, now) : past.scope !== event.resource && past.scope !== event.scope
    ) {
      return false;
    }
    const name = event.names[past.face];
    if (name === undefined || (past.event !== "*" && past.event !== name)) return false;
    const filter = this.#filter(past.face, past.filter);
    return filter === undefined || filter.matches(filterable[past.face]?.read(event) ?? (() => undefined));
  }

  #crowd(tenant: string): Crowd {
    let crowd = this.#crowds.get(tenant);
    if (crowd === undefined) {
      crowd = { revision: 0, byNumber: new Map(), indexes: new Map(), hooks: new Map() };
      this.#crowds.set(tenant, crowd);
    }
    return crowd;
  }

  async #refresh(tenant: string, crowd: Crowd): Promise<void> {
    const { revision, changed } = await this.#store.subscriptions.changedSince(tenant, crowd.revision);
    for (const subscription of changed) {
      if (this.#only !== undefined && subscription.face !== this.#only) continue;
      const before = crowd.byNumber.get(subscription.number);
      crowd.byNumber.set(subscription.number, subscription);
      const live = subscription.enabled && subscription.deletedMs === undefined && subscription.endedMs === undefined;
      let index = crowd.indexes.get(subscription.face);
      if (index === undefined) {
        index = scopedFilterIndex<number>();
        crowd.indexes.set(subscription.face, index);
      }
      const { number, event } = subscription;
      index.delete(number);
      if (before !== undefined) crowd.hooks.get(before.event)?.delete(number);
      if (!live) continue;
      const filter = this.#filter(subscription.face, subscription.filter);
      index.put(number, { scope: placeOf(subscription), event, filter });
      if (subscription.face === "lifecycle") {
        crowd.hooks.set(event, (crowd.hooks.get(event) ?? new Map<number, Filter | undefined>()).set(number, filter));
      }
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
