import type { ReadField } from "../tree.ts";
import { areTrue, type ConditionList, type SharedCondition, type SharedConditions } from "./conditions.ts";
import type { HashTable } from "./hash-table.ts";
import { extended, finished } from "./hashes.ts";
import { type AccessPath, hashOfCondition, hashOfKey, type IndexedPlace, type IndexedPlaces } from "./places.ts";
import { column, type Records, wholeFilter } from "./records.ts";
import type { TextPages } from "./text-pages.ts";

/** What an index is made of. */
export interface IndexParts {
  readonly records: Records;
  /** Hash of a key → the first record with it. */
  readonly chains: HashTable;
  readonly texts: TextPages;
  readonly conditions: SharedConditions;
  readonly places: IndexedPlaces;
}

/** An entry that wants the event, or that it has to be asked of. */
interface FilterHit {
  readonly id: number;
  /** Which of the places it is in. */
  readonly rank: number;
  /** The filter, if it has to be asked as a whole. */
  readonly filter: string | undefined;
}

/** An event that happened. */
interface FoundEvent {
  readonly read: ReadField;
  /** What was put with a later `since` is passed over. */
  readonly upTo: number;
  /** A number of its own. */
  readonly turn: number;
}

/** A chain of records to look at. */
interface Chain {
  readonly first: number;
  readonly path: AccessPath;
  readonly value: string;
  readonly rank: number;
  readonly gate?: SharedCondition;
}

interface Gate {
  readonly condition: SharedCondition;
  readonly path: AccessPath;
  readonly rank: number;
}

type Kept = FilterHit & { readonly rest: ConditionList | undefined };

/** There may be more: others should have their turn before they are looked for. */
export const stillLooking = Symbol("still looking");

/** Records that are looked at, and conditions that are asked, before {@link stillLooking}: some ten microseconds. */
const mostAtOnce = 128;
/** A condition costs as much as so many records. */
const conditionCost = 4;

/**
 * The entries of some places that an event meets, one after the other, each once. It looks into the index as it goes: before that is
 * changed, {@link keep} has to be called of those that are still in use.
 */
export class FilterHits {
  readonly #parts: IndexParts;
  readonly #event: FoundEvent;
  readonly #chains: Chain[] = [];
  readonly #gates: Gate[] = [];
  #asks = false;
  #chain: Chain | undefined;
  #record = -1;
  /** First records of entries with several that were met. */
  #met: Set<number> | undefined;
  /** What is left, once the index has been changed. */
  #kept: Kept[] | undefined;
  #keptAt = 0;

  constructor(parts: IndexParts, places: readonly (IndexedPlace | undefined)[], event: FoundEvent) {
    this.#parts = parts;
    this.#event = event;
    for (const [rank, place] of places.entries()) {
      if (place === undefined) continue;
      for (const path of place.paths) this.#enter(path, rank);
    }
  }

  /** Whether there are filters in the places, and not just who wants everything. */
  get asks(): boolean {
    return this.#asks;
  }

  /** `undefined`: there are no more. */
  next(): FilterHit | typeof stillLooking | undefined {
    if (this.#kept !== undefined) return this.#nextKept(this.#kept);
    const { conditions, records } = this.#parts;
    const { read, turn } = this.#event;
    for (let left = mostAtOnce; left > 0; left -= 1) {
      if (this.#record < 0) {
        const more = this.#nextChain();
        if (more === "none") return undefined;
        if (more === "asked") left -= conditionCost;
        continue;
      }
      const record = this.#look();
      if (record < 0) continue;
      const rest = records.get(record, column.rest);
      if (rest < 0 || areTrue(listOf(conditions, rest), read, turn)) return this.#hit(record);
    }
    return stillLooking;
  }

  /** Takes all that is left out of the index. */
  keep(): void {
    const { conditions, records } = this.#parts;
    const kept: Kept[] = [];
    for (;;) {
      if (this.#record < 0) {
        const chain = this.#chains.pop() ?? this.#chainOf(this.#gates.pop());
        if (chain === undefined) break;
        this.#begin(chain);
        continue;
      }
      const record = this.#look();
      if (record < 0) continue;
      const rest = records.get(record, column.rest);
      kept.push({ ...this.#hit(record), rest: rest < 0 ? undefined : listOf(conditions, rest) });
    }
    this.#kept = kept;
  }

  #nextKept(kept: readonly Kept[]): FilterHit | typeof stillLooking | undefined {
    const { read, turn } = this.#event;
    for (let left = mostAtOnce; left > 0; left -= 1) {
      const one = kept[this.#keptAt];
      if (one === undefined) return undefined;
      this.#keptAt += 1;
      if (one.rest === undefined || areTrue(one.rest, read, turn)) return one;
    }
    return stillLooking;
  }

  #nextChain(): "begun" | "asked" | "none" {
    const chain = this.#chains.pop();
    if (chain !== undefined) {
      this.#begin(chain);
      return "begun";
    }
    const gate = this.#gates.pop();
    if (gate === undefined) return "none";
    const { read, turn } = this.#event;
    const found = gate.condition.isTrue(read, turn) ? this.#chainOf(gate) : undefined;
    if (found !== undefined) this.#begin(found);
    return "asked";
  }

  #chainOf(gate: Gate | undefined): Chain | undefined {
    if (gate === undefined) return undefined;
    const { path, rank, condition } = gate;
    return { first: this.#parts.chains.get(hashOfCondition(path, condition)), path, value: "", rank, gate: condition };
  }

  #begin(chain: Chain): void {
    this.#chain = chain;
    this.#record = chain.first;
  }

  /** The record at hand, if its entry has the key, else -1; and moves to the next. */
  #look(): number {
    const { records } = this.#parts;
    const record = this.#record;
    const chain = this.#chain;
    this.#record = records.get(record, column.next);
    if (chain === undefined || records.get(record, column.path) !== chain.path.number) return -1;
    if (records.since(record) > this.#event.upTo) return -1;
    const rest = records.get(record, column.rest);
    if (rest !== wholeFilter && !this.#hasKey(record, chain)) return -1;
    const first = records.get(record, column.first);
    return (first !== record || records.get(record, column.sibling) >= 0) && this.#isMet(first) ? -1 : record;
  }

  #hit(record: number): FilterHit {
    const { records, texts } = this.#parts;
    const id = records.id(record);
    const rank = this.#chain?.rank ?? 0;
    if (records.get(record, column.rest) !== wholeFilter) return { id, rank, filter: undefined };
    const first = records.get(record, column.first);
    return { id, rank, filter: texts.get(records.get(first, column.text) >>> 0, records.lengths(first).kept) };
  }

  /** Hashes may be equal by chance. */
  #hasKey(record: number, { path: { kind }, value, gate }: Chain): boolean {
    const { records, texts, conditions } = this.#parts;
    if (kind === "always") return true;
    if (kind === "condition") return listOf(conditions, records.get(record, column.rest)).conditions[0] === gate;
    const length = records.lengths(record).kept;
    if ((kind === "equals" || kind === "number") && length !== value.length) return false;
    const offset = kind === "suffix" ? value.length - length : 0;
    return texts.isAt(records.get(record, column.text) >>> 0, length, { text: value, offset });
  }

  #isMet(first: number): boolean {
    this.#met ??= new Set();
    if (this.#met.has(first)) return true;
    this.#met.add(first);
    return false;
  }

  #enter(path: AccessPath, rank: number): void {
    const { kind, field, seed } = path;
    this.#asks ||= kind !== "always";
    switch (kind) {
      case "always":
        this.#add(seed, { path, value: "", rank });
        return;
      case "condition":
        for (const condition of path.conditions.keys()) this.#gates.push({ condition, path, rank });
        return;
      case "equals": {
        const value = this.#event.read(field);
        if (typeof value === "string") this.#add(hashOfKey(path, value), { path, value, rank });
        return;
      }
      case "number": {
        const value = this.#event.read(field);
        if (typeof value === "number") this.#add(hashOfKey(path, String(value)), { path, value: String(value), rank });
        return;
      }
      case "prefix":
      case "suffix": {
        const value = this.#event.read(field);
        if (typeof value === "string") this.#enterByLengths(path, value, rank);
        return;
      }
      default:
        kind satisfies never;
    }
  }

  /** One look at each length that there is. */
  #enterByLengths(path: AccessPath, value: string, rank: number): void {
    const { kind, lengths } = path;
    let hash = path.seed;
    let at = 0;
    for (const length of lengths) {
      if (length > value.length) return;
      for (; at < length; at++) {
        hash = extended(hash, value.charCodeAt(kind === "prefix" ? at : value.length - 1 - at));
      }
      this.#add(finished(hash), { path, value, rank });
    }
  }

  /** Two keys may have come to the same hash, and so to the same chain: it is looked at once. */
  #add(hash: number, { path, value, rank }: Omit<Chain, "first">): void {
    const first = this.#parts.chains.get(hash);
    if (first < 0) return;
    for (const chain of this.#chains) if (chain.first === first && chain.path === path) return;
    this.#chains.push({ first, path, value, rank });
  }
}

function listOf(conditions: SharedConditions, number: number): ConditionList {
  const list = conditions.get(number);
  if (list === undefined) throw new TypeError("conditions that filters have are gone");
  return list;
}
