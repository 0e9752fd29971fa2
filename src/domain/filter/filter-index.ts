import type { FilterAccess, FilterKey } from "./access/access.ts";
import { type ConditionList, type SharedCondition, SharedConditions } from "./access/conditions.ts";
import { FilterHits, type IndexParts } from "./access/filter-hits.ts";
import { HashTable } from "./access/hash-table.ts";
import { hashOfNumber } from "./access/hashes.ts";
import {
  type AccessPath,
  countCondition,
  countLength,
  hashedLength,
  hashOfCondition,
  hashOfKey,
  type IndexedPlace,
  IndexedPlaces,
  type PathKind,
} from "./access/places.ts";
import { column, noRest, Records, wholeFilter } from "./access/records.ts";
import { TextPages } from "./access/text-pages.ts";
import type { FieldCatalog, ReadField } from "./tree.ts";

/** What someone listens to. */
export interface FilterEntry {
  /** A resource, or what resources lie in. */
  readonly scope: string;
  /** An event name, or `*` for all. */
  readonly event: string;
  /** Since which revision it does. */
  readonly since: number;
  /** `undefined`: every event of the scope and name. */
  readonly filter: IndexedFilter | undefined;
}

export interface IndexedFilter {
  readonly text: string;
  readonly access: FilterAccess;
}

/** An event that happened. */
export interface FilterPlace {
  /** The resource, and what it lies in; the order is that of the result. */
  readonly scopes: readonly string[];
  readonly event: string;
}

const everyEvent = "*";
/** Longer ones cannot be read, and so cannot what is left of them. */
const mostText = 100_000;

/**
 * Many filters, found by what they ask: the best of their conditions (one that few events fulfil) is looked up by hash, once for each way in
 * which the filters of a place ask anything, so that an event costs about the same whether there are a thousand filters or a million. What is
 * left of a filter is asked of those that are found so, each condition once for all that have it.
 *
 * ```text
 * scope, event ─▶ place ─▶ access paths: key equals …, key begins with …, size equals …, always
 * event's value ─▶ hash ─▶ chain of records ─▶ same key? ─▶ conditions left TRUE? ─▶ hit
 *                                                            or: filter to be asked as a whole
 * ```
 *
 * An entry is a record of 64 bytes for each of its keys, 30 in tables of hashes, and the text of its keys, or of its filter where that has
 * to be asked as a whole. Ids are whole numbers.
 */
export class FilterIndex {
  readonly #parts: IndexParts;
  readonly #ids = new HashTable();
  readonly #inUse = new Set<FilterHits>();
  #size = 0;
  #turn = 0;

  /** @param catalog of the fields that its filters name. */
  constructor(catalog: FieldCatalog) {
    this.#parts = {
      records: new Records(),
      chains: new HashTable(),
      texts: new TextPages(),
      conditions: new SharedConditions(catalog),
      places: new IndexedPlaces(),
    };
  }

  get size(): number {
    return this.#size;
  }

  /** Of its buffers: all that grows with the number of entries but their places. */
  get bytes(): number {
    const { records, chains, texts } = this.#parts;
    return records.bytes + chains.bytes + texts.bytes + this.#ids.bytes;
  }

  /** Adds, or replaces what was put under `id` before. */
  put(id: number, { scope, event, since, filter }: FilterEntry): void {
    this.#letKeep();
    this.delete(id);
    const { conditions, places } = this.#parts;
    const place = places.take(scope, event);
    const { keys, rest } = filter?.access ?? { keys: [], rest: [] };
    const list = rest === undefined || rest.length === 0 ? undefined : conditions.take(rest);
    const isWhole = rest === undefined || (rest.length > 0 && list === undefined);
    const text = isWhole ? filter?.text.slice(0, mostText) : undefined;
    const restColumn = isWhole ? wholeFilter : (list?.number ?? noRest);
    let first = -1;
    for (const way of keys.length > 0 ? keys.map(wayOf) : [wayWithout(list)]) {
      const record = this.#add(place, way, text === undefined ? way.text : first < 0 ? text : "");
      this.#parts.records.setNumbers(record, { id, since });
      this.#parts.records.set(record, column.rest, restColumn);
      first = this.#join(record, first);
    }
    this.#note(id, first);
    this.#size += 1;
  }

  /** Nothing happens when there is none. */
  delete(id: number): void {
    this.#letKeep();
    const first = this.#forget(id);
    if (first < 0) return;
    const { records, conditions, places } = this.#parts;
    const rest = records.get(first, column.rest);
    const list = rest < 0 ? undefined : conditions.get(rest);
    const place = places.path(records.get(first, column.path))?.place;
    for (let record = first; record >= 0; ) {
      const next = records.get(record, column.sibling);
      this.#remove(record, list?.conditions[0]);
      record = next;
    }
    if (list !== undefined) conditions.release(list);
    if (place !== undefined) places.release(place);
    this.#size -= 1;
  }

  /**
   * Who may want an event, in places in their order: no id comes twice. What is found is as of now, also when it is taken later, if
   * {@link use} is called meanwhile.
   */
  find(places: readonly FilterPlace[], read: ReadField, upTo: number = Number.MAX_SAFE_INTEGER): FilterHits {
    this.#turn += 1;
    const found: (IndexedPlace | undefined)[] = [];
    for (const { scopes, event } of places) {
      for (const scope of scopes) {
        for (const name of [event, everyEvent]) {
          const place = this.#parts.places.get(scope, name);
          // The same scope or name may be given twice.
          if (place !== undefined && !found.includes(place)) found.push(place);
        }
      }
    }
    return new FilterHits(this.#parts, found, { read, upTo, turn: this.#turn });
  }

  /** They are taken later: a change of the index lets them keep what they have not come to yet. */
  use(hits: FilterHits): void {
    this.#inUse.add(hits);
  }

  /** They are not taken any more. */
  done(hits: FilterHits): void {
    this.#inUse.delete(hits);
  }

  #letKeep(): void {
    for (const hits of this.#inUse) hits.keep();
    this.#inUse.clear();
  }

  /** A record at the beginning of its chain. */
  #add(place: IndexedPlace, way: Way, kept: string): number {
    const { records, chains, texts, places } = this.#parts;
    const path = places.enter(place, way.kind, way.field);
    const length = hashedLength(way.text);
    const hash = hashOfWay(path, way);
    count(path, { length, condition: way.condition }, 1);
    const record = records.add();
    const head = chains.get(hash);
    records.set(record, column.next, head);
    records.set(record, column.previous, -1);
    if (head >= 0) records.set(head, column.previous, record);
    chains.set(hash, record);
    records.set(record, column.path, path.number);
    records.set(record, column.hash, hash);
    records.set(record, column.sibling, -1);
    records.set(record, column.first, record);
    records.set(record, column.text, kept === "" ? 0 : texts.put(kept));
    records.setLengths(record, { kept: kept.length, hashed: length });
    return record;
  }

  /** Behind the first of its entry. */
  #join(record: number, first: number): number {
    if (first < 0) return record;
    const { records } = this.#parts;
    records.set(record, column.first, first);
    records.set(record, column.sibling, records.get(first, column.sibling));
    records.set(first, column.sibling, record);
    return first;
  }

  #remove(record: number, condition: SharedCondition | undefined): void {
    const { records, chains, texts, places } = this.#parts;
    const [next, previous] = [records.get(record, column.next), records.get(record, column.previous)];
    const hash = records.get(record, column.hash);
    if (next >= 0) records.set(next, column.previous, previous);
    if (previous >= 0) records.set(previous, column.next, next);
    else if (next >= 0) chains.set(hash, next);
    else chains.delete(hash);
    const { kept, hashed } = records.lengths(record);
    if (kept > 0) texts.delete(records.get(record, column.text) >>> 0, kept);
    const path = places.path(records.get(record, column.path));
    if (path !== undefined) {
      count(path, { length: hashed, condition }, -1);
      places.leave(path);
    }
    records.delete(record);
  }

  #note(id: number, first: number): void {
    const hash = hashOfNumber(id);
    this.#parts.records.set(first, column.nextById, this.#ids.get(hash));
    this.#ids.set(hash, first);
  }

  /** The first record of it, which is not found by its id any more; -1: there is none. */
  #forget(id: number): number {
    const { records } = this.#parts;
    const hash = hashOfNumber(id);
    let before = -1;
    for (let record = this.#ids.get(hash); record >= 0; record = records.get(record, column.nextById)) {
      if (records.id(record) === id) {
        const next = records.get(record, column.nextById);
        if (before >= 0) records.set(before, column.nextById, next);
        else if (next >= 0) this.#ids.set(hash, next);
        else this.#ids.delete(hash);
        return record;
      }
      before = record;
    }
    return -1;
  }
}

/** How one record is found. */
interface Way {
  readonly kind: PathKind;
  readonly field: string;
  readonly text: string;
  readonly condition?: SharedCondition | undefined;
}

function wayOf({ kind, field, value }: FilterKey): Way {
  return typeof value === "number" ? { kind: "number", field, text: String(value) } : { kind, field, text: value };
}

function wayWithout(list: ConditionList | undefined): Way {
  const condition = list?.conditions[0];
  return { kind: condition === undefined ? "always" : "condition", field: "", text: "", condition };
}

function hashOfWay(path: AccessPath, { kind, text, condition }: Way): number {
  if (condition !== undefined) return hashOfCondition(path, condition);
  return kind === "always" ? path.seed : hashOfKey(path, text);
}

function count(
  path: AccessPath,
  { length, condition }: { readonly length: number; readonly condition: SharedCondition | undefined },
  more: 1 | -1,
): void {
  if (path.kind === "condition" && condition !== undefined) countCondition(path, condition, more);
  if (path.kind === "prefix" || path.kind === "suffix") countLength(path, length, more);
}
