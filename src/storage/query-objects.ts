import type { Context } from "../context.ts";
import { MatchBudget } from "../delivery/match-budget.ts";
import { keyPrefixOf, SortOrder } from "../domain/filter/index.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import type { ListedObject } from "../store/records.ts";
import { BoundedHeap } from "./bounded-heap.ts";
import { type Cursor, type ListPlace, seekPast, startOf } from "./list-objects.ts";
import {
  type Entry,
  type FoundObjects,
  type KeyQuery,
  KeyWalk,
  mostSortedVisits,
  type ObjectQuery,
  type QueryPlace,
  type SortedPlace,
  sortInto,
  visitsPerObject,
  type WalkMeter,
} from "./query-walk.ts";

export type { FoundObjects, ObjectQuery, QueryPlace } from "./query-walk.ts";

/**
 * Lists of what a filter wants of a bucket. The bucket is walked in the order of its keys, so many objects for one request, a few in
 * each turn of the loop: what is not found by then is for the next request, which goes on where this one stopped. In another order
 * all that the filter may want has to be seen before the first is known, so there the number of objects is what is bounded.
 */

/** Costs are counted in visits of instructions of a pattern, some 4 ns each, so that they are the same on any machine. */
const msPerVisit = 4e-6;
/** Objects that are read in one step: a millisecond; fewer where each may lead to a seek. */
const rowsAtOnce = 256;
const fewRows = 16;
/** Of one request in the order of the keys: 20,000 objects, unless their patterns cost more; a tenth of a second. */
const mostVisits = 20_000 * visitsPerObject;
/** What one such list keeps in memory; a page that would need more is shorter. */
const mostSortedBytes = 4 * 1024 * 1024;
/** Queries of a tenant at the same time. */
const mostAtOnce = 16;
/** More fields serve no one, and each has a part in the continuation token. */
const mostOrderings = 4;

/** What queries work with. */
type QueryContext = Pick<Context, "store" | "slices" | "clock" | "cluster">;

export class ObjectQueries {
  readonly #context: QueryContext;
  readonly #budget: MatchBudget;
  readonly #running = new Map<string, number>();

  /** `msPerSecond`: milliseconds of each second that the queries of one tenant may take. */
  constructor({ msPerSecond, ...context }: QueryContext & { readonly msPerSecond: number }) {
    this.#context = context;
    this.#budget = new MatchBudget(context.clock, msPerSecond, context.cluster);
  }

  /**
   * @param signal aborts when the caller waits no more.
   * @throws SignalboxError `invalid_request` for an order that cannot be had; `too_many_requests` when the tenant has 16 queries under way.
   */
  async list(query: ObjectQuery, signal: AbortSignal): Promise<FoundObjects> {
    const { tenant } = query.bucket;
    const { place, ...asked } = query;
    const order = new SortOrder(asked.filter.order);
    checkOrder(query, order);
    const within = narrowed(query);
    if (asked.max <= 0 || within === undefined) return { objects: [], prefixes: [] };
    const running = this.#running.get(tenant) ?? 0;
    if (running >= mostAtOnce) {
      throw new SignalboxError("too_many_requests", `${running} queries of this tenant are under way: try again later`);
    }
    this.#running.set(tenant, running + 1);
    try {
      const meter = { tenant, signal, most: order.isByKey ? mostVisits : mostSortedVisits, visits: 0 };
      if (order.isByKey) return await this.#byKey({ ...asked, ...keyPlace(place) }, within, meter);
      return await this.#sorted(asked, { within, order, place: sortedPlace(place) }, meter);
    } finally {
      const left = (this.#running.get(tenant) ?? 1) - 1;
      if (left === 0) this.#running.delete(tenant);
      else this.#running.set(tenant, left);
    }
  }

  async #byKey(query: KeyQuery, within: string, meter: WalkMeter): Promise<FoundObjects> {
    const walk = new KeyWalk(query, meter);
    for await (const rows of this.#pages(query, within, { meter, past: () => walk.passed })) {
      if (await this.#run(walk.pass(rows), meter)) return walk.found();
    }
    const { objects, prefixes } = walk.found();
    return { objects, prefixes };
  }

  async #sorted(
    query: KeyQuery,
    {
      within,
      order,
      place,
    }: { readonly within: string; readonly order: SortOrder; readonly place: SortedPlace | undefined },
    meter: WalkMeter,
  ): Promise<FoundObjects> {
    const least = new BoundedHeap<Entry>((a, b) => order.compare(a, b), {
      most: query.max,
      mostBytes: mostSortedBytes,
    });
    for await (const rows of this.#pages(query, within, { meter })) {
      await this.#run(sortInto(least, rows, { query, order, place, meter }), meter);
    }
    const sorted = await this.#run(least.sorted(), meter);
    const objects = sorted.map(({ object }) => object);
    const last = sorted.at(-1);
    if (!least.isCut || last === undefined) return { objects, prefixes: [] };
    return { objects, prefixes: [], next: { kind: "sorted", order: order.text, values: last.values, key: last.key } };
  }

  /** What begins with `within`, page by page, each in the tenant's turn and within its budget. */
  async *#pages(
    query: KeyQuery,
    within: string,
    { meter, past }: { readonly meter: WalkMeter; readonly past?: () => string | undefined },
  ): AsyncGenerator<readonly ListedObject[], void, void> {
    const { store } = this.#context;
    const place = { bucket: query.bucket.uuid, prefix: within };
    let cursor = startOf(query);
    let max = query.delimiter === undefined ? rowsAtOnce : fewRows;
    while (cursor !== undefined) {
      await this.#budget.ready(meter.tenant, meter.signal);
      const { from, after }: Cursor = cursor;
      const page = { max, ...after };
      const rows = await this.#run(
        inItsTurn(() => store.objects.list({ ...place, ...from }, page)),
        meter,
      );
      yield rows;
      const end = rows.at(-1)?.key;
      if (end === undefined || rows.length < max) return;
      const passed = past?.();
      const isPast = passed !== undefined && end.startsWith(passed);
      cursor = isPast ? seekPast(passed) : { after: { after: end } };
      max = isPast ? fewRows : Math.min(max * 2, rowsAtOnce);
    }
  }

  /** A part of the work, at the tenant's cost. */
  async #run<T>(work: Generator<void, T, void>, meter: WalkMeter): Promise<Awaited<T>> {
    const before = meter.visits;
    try {
      return await this.#context.slices.run(meter.tenant, work, meter.signal);
    } finally {
      this.#budget.charge(meter.tenant, (meter.visits - before) * msPerVisit);
    }
  }
}

function* inItsTurn<T>(read: () => Promise<T>): Generator<void, Promise<T>, void> {
  yield;
  return read();
}

/** @throws SignalboxError `invalid_request` */
function checkOrder({ filter, delimiter, place }: ObjectQuery, order: SortOrder): void {
  if (filter.order.length > mostOrderings) throw invalidField("ORDER BY", `takes at most ${mostOrderings} fields`);
  if (delimiter !== undefined && !order.isByKey) {
    throw invalidField(
      "ORDER BY",
      "has no meaning with a delimiter, because common prefixes have no fields: leave out one of them",
    );
  }
  const isSorted = place?.kind === "sorted";
  const fits = isSorted ? place.order === order.text && order.fits(place.values) : place === undefined || order.isByKey;
  if (!fits || (isSorted && order.isByKey)) {
    throw invalidField(
      "continuation-token",
      "is of a list in another order: send the query that it was given for, or none",
    );
  }
}

function keyPlace(place: QueryPlace | undefined): { readonly place?: ListPlace } {
  return place === undefined || place.kind === "sorted" ? {} : { place };
}

function sortedPlace(place: QueryPlace | undefined): SortedPlace | undefined {
  return place?.kind === "sorted" ? place : undefined;
}

/** The prefix of all that can be found; `undefined`: nothing. */
function narrowed({ prefix, filter }: ObjectQuery): string | undefined {
  const own = keyPrefixOf(filter.tree);
  if (own === undefined || !(own.startsWith(prefix) || prefix.startsWith(own))) return undefined;
  return own.length > prefix.length ? own : prefix;
}
