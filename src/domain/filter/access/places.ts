import type { FilterKey } from "./access.ts";
import type { SharedCondition } from "./conditions.ts";
import { hashOfEnd, hashOfStart, hashOfWhole, mixed, mostHashed } from "./hashes.ts";

/** One way in to the filters of a place. */
export type PathKind =
  /** Whatever happens. */
  | "always"
  /** By conditions that filters have in common. */
  | "condition"
  | FilterKey["kind"]
  /** Equals, of numbers: as they are written. */
  | "number";

/** All filters of a place that are found by the same field in the same way. */
export interface AccessPath {
  readonly number: number;
  readonly place: IndexedPlace;
  readonly kind: PathKind;
  /** Empty where it is by none. */
  readonly field: string;
  readonly seed: number;
  members: number;
  /** Of prefixes and suffixes, ascending, up to {@link mostHashed}; and how many have each. */
  readonly lengths: number[];
  readonly counts: number[];
  /** By which conditions, and how many are found by each. */
  readonly conditions: Map<SharedCondition, number>;
}

/** A scope and an event name. */
export interface IndexedPlace {
  readonly scope: string;
  readonly event: string;
  readonly seed: number;
  members: number;
  readonly paths: AccessPath[];
}

/** The places where there are filters, and the ways in to them. */
export class IndexedPlaces {
  readonly #scopes = new Map<string, Map<string, IndexedPlace>>();
  readonly #paths: (AccessPath | undefined)[] = [];
  readonly #free: number[] = [];
  #seeds = 0;

  get(scope: string, event: string): IndexedPlace | undefined {
    return this.#scopes.get(scope)?.get(event);
  }

  path(number: number): AccessPath | undefined {
    return this.#paths[number];
  }

  /** To be given back by {@link release}. */
  take(scope: string, event: string): IndexedPlace {
    let events = this.#scopes.get(scope);
    if (events === undefined) this.#scopes.set(scope, (events = new Map<string, IndexedPlace>()));
    let place = events.get(event);
    if (place === undefined) {
      place = { scope, event, seed: this.#seed(), members: 0, paths: [] };
      events.set(event, place);
    }
    place.members += 1;
    return place;
  }

  /** Nothing is kept of a place without filters. */
  release(place: IndexedPlace): void {
    place.members -= 1;
    if (place.members > 0) return;
    const events = this.#scopes.get(place.scope);
    events?.delete(place.event);
    if (events?.size === 0) this.#scopes.delete(place.scope);
  }

  /** To be given back by {@link leave}. */
  enter(place: IndexedPlace, kind: PathKind, field: string): AccessPath {
    let path = place.paths.find((one) => one.kind === kind && one.field === field);
    if (path === undefined) {
      const number = this.#free.pop() ?? this.#paths.length;
      const seed = this.#seed();
      path = { number, place, kind, field, seed, members: 0, lengths: [], counts: [], conditions: new Map() };
      this.#paths[number] = path;
      place.paths.push(path);
    }
    path.members += 1;
    return path;
  }

  leave(path: AccessPath): void {
    path.members -= 1;
    if (path.members > 0) return;
    this.#paths[path.number] = undefined;
    this.#free.push(path.number);
    path.place.paths.splice(path.place.paths.indexOf(path), 1);
  }

  #seed(): number {
    this.#seeds += 1;
    return mixed(this.#seeds, 0x5bd1e995);
  }
}

/** What of a prefix or suffix is looked up. */
export function hashedLength(value: string): number {
  return Math.min(value.length, mostHashed);
}

export function countLength({ lengths, counts }: AccessPath, length: number, more: 1 | -1): void {
  const found = lengths.findIndex((one) => one >= length);
  const at = found < 0 ? lengths.length : found;
  if (lengths[at] !== length) {
    lengths.splice(at, 0, length);
    counts.splice(at, 0, 0);
  }
  const count = (counts[at] ?? 0) + more;
  counts[at] = count;
  if (count > 0) return;
  lengths.splice(at, 1);
  counts.splice(at, 1);
}

export function countCondition({ conditions }: AccessPath, condition: SharedCondition, more: 1 | -1): void {
  const count = (conditions.get(condition) ?? 0) + more;
  if (count > 0) conditions.set(condition, count);
  else conditions.delete(condition);
}

export function hashOfKey({ kind, seed }: AccessPath, value: string): number {
  if (kind === "prefix") return hashOfStart(seed, value);
  return kind === "suffix" ? hashOfEnd(seed, value) : hashOfWhole(seed, value);
}

export function hashOfCondition({ seed }: AccessPath, { number }: SharedCondition): number {
  return mixed(seed, number);
}
