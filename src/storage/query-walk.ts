import { type Filter, readListedField, type SortOrder, type SortValue } from "../domain/filter/index.ts";
import { invalidField } from "../errors.ts";
import type { ListedObject } from "../store/records.ts";
import type { BoundedHeap } from "./bounded-heap.ts";
import { commonPrefix, type ListPlace, type ObjectListQuery } from "./list-objects.ts";

/** What is looked at of a bucket, object by object, for a list of what a filter wants: counted, and interruptible. */

/** Where a list in an order of its own goes on: behind this object, which need not be there any more. */
export interface SortedPlace {
  readonly kind: "sorted";
  /** {@link SortOrder.text}: a place in another order is none. */
  readonly order: string;
  readonly values: readonly SortValue[];
  readonly key: string;
}

export type QueryPlace = ListPlace | SortedPlace;

export interface ObjectQuery extends Omit<ObjectListQuery, "place"> {
  readonly filter: Filter;
  readonly place?: QueryPlace;
}

/** One whose place is in the order of the keys, if it has one. */
export type KeyQuery = Omit<ObjectQuery, "place"> & { readonly place?: ListPlace };

export interface FoundObjects {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** When there may be more. Fewer than were asked for may have been found. */
  readonly next?: QueryPlace;
}

/**
 * What one request has spent, and may: in visits of instructions of a pattern, some 4 ns each, so that it is the same on any machine.
 */
export interface WalkMeter {
  readonly tenant: string;
  readonly signal: AbortSignal;
  readonly most: number;
  visits: number;
}

/** To read one object and to ask what is no pattern: 5 µs measured. */
export const visitsPerObject = 1_250;
/** Up to the next interruption: half a millisecond. */
const visitsAtOnce = 125_000;
/** Objects that a list in an order of its own may look at, and what looking at them may cost: half a second. */
const mostSortedObjects = 100_000;
export const mostSortedVisits = mostSortedObjects * visitsPerObject;

/** About what it costs to ask the filter of one object. */
function visitsOf({ program }: Filter, { key }: ListedObject): number {
  return visitsPerObject + program * key.length;
}

/** Whether the filter wants the object, counted. */
function* wants(query: KeyQuery, object: ListedObject, meter: WalkMeter): Generator<void, boolean, void> {
  const { filter, bucket } = query;
  meter.visits += visitsOf(filter, object);
  const read = readListedField(object, bucket.name);
  if (filter.isQuick) return filter.matches(read);
  const asking = filter.matchesInSteps(read, visitsAtOnce);
  for (;;) {
    const { done, value } = asking.next();
    if (done === true) return value;
    meter.visits += visitsAtOnce;
    yield;
  }
}

/** The walk in the order of the keys. */
export class KeyWalk {
  readonly #query: KeyQuery;
  readonly #meter: WalkMeter;
  readonly #objects: ListedObject[] = [];
  readonly #prefixes: string[] = [];
  /** Nothing behind it was looked at yet. */
  #walked: ListPlace | undefined;
  /** The common prefix that was listed, or is not to be listed again. */
  passed: string | undefined;

  constructor(query: KeyQuery, meter: WalkMeter) {
    this.#query = query;
    this.#meter = meter;
  }

  found(): FoundObjects {
    const found = { objects: this.#objects, prefixes: this.#prefixes };
    return this.#walked === undefined ? found : { ...found, next: this.#walked };
  }

  /** True when the list ends here, because it is full and there is more, or because enough was looked at. */
  *pass(rows: readonly ListedObject[]): Generator<void, boolean, void> {
    const { prefix, delimiter, after, place, max } = this.#query;
    const meter = this.#meter;
    let since = meter.visits;
    for (const object of rows) {
      if (this.passed !== undefined && object.key.startsWith(this.passed)) {
        meter.visits += visitsPerObject;
        continue;
      }
      const common = commonPrefix(object.key, prefix, delimiter);
      if (common !== undefined && place === undefined && after?.startsWith(common) === true) {
        this.#pass(common);
        continue;
      }
      if (yield* wants(this.#query, object, meter)) {
        if (this.#objects.length + this.#prefixes.length === max) return true;
        if (common === undefined) this.#objects.push(object);
        else this.#prefixes.push(common);
        if (common !== undefined) this.#pass(common);
        else this.#walked = { kind: "object", key: object.key };
      } else {
        this.#walked = { kind: "object", key: object.key };
      }
      if (meter.visits >= meter.most) return true;
      if (meter.visits - since < visitsAtOnce) continue;
      yield;
      since = meter.visits;
    }
    return false;
  }

  #pass(common: string): void {
    this.passed = common;
    this.#walked = { kind: "prefix", prefix: common };
  }
}

/** An object that was found, and its place in the order. */
export interface Entry {
  readonly object: ListedObject;
  readonly values: readonly SortValue[];
  readonly key: string;
}

interface Sorting {
  readonly query: KeyQuery;
  readonly order: SortOrder;
  readonly place: SortedPlace | undefined;
  readonly meter: WalkMeter;
}

/**
 * Offers what the filter wants and lies behind the place.
 *
 * @throws SignalboxError `invalid_request` when there are too many to be sorted
 */
export function* sortInto(
  least: BoundedHeap<Entry>,
  rows: readonly ListedObject[],
  { query, order, place, meter }: Sorting,
): Generator<void, void, void> {
  let since = meter.visits;
  for (const object of rows) {
    if (yield* wants(query, object, meter)) {
      const values = order.valuesOf(readListedField(object, query.bucket.name));
      const entry = { object, values, key: object.key };
      if (place === undefined || order.compare(entry, place) > 0) least.offer(entry, bytesOf(entry));
    }
    if (meter.visits > meter.most) {
      throw invalidField(
        "ORDER BY",
        `looks at ${mostSortedObjects} objects at the most, fewer where patterns are costly, and there are more here: ` +
          'narrow them by prefix or by key LIKE "…%", or order by key, which has no such limit',
      );
    }
    if (meter.visits - since < visitsAtOnce) continue;
    yield;
    since = meter.visits;
  }
}

/** What an entry takes in memory, about. */
function bytesOf({ object, values }: Entry): number {
  const { key, contentType, eTag, headers, userMetadata, tags, checksums } = object;
  let characters = key.length + contentType.length + eTag.length;
  for (const texts of [headers, userMetadata, tags, checksums]) {
    for (const [name, text] of Object.entries(texts)) characters += name.length + text.length + 16;
  }
  for (const value of values) characters += typeof value === "string" ? value.length : 8;
  return 600 + 2 * characters;
}
