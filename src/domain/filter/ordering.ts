/** ORDER BY: what an object is sorted by, and which of two comes first. */

import { compareText } from "../patterns/text-test.ts";
import { valueOf } from "./evaluate.ts";
import type { Ordering } from "./parse.ts";
import type { ReadField } from "./tree.ts";

/** What an object holds in a field that it is sorted by; `null`: it has no such field. */
export type SortValue = string | number | null;

/** Texts other than the key are sorted by their first characters only (UTF-16 units), so that a place in a list fits into a cursor. */
const mostCharacters = 256;

/**
 * An order of objects, each of which has a key of its own: those that are equal otherwise are in the order of their keys. What lacks a
 * field comes behind what has it, whichever the direction.
 */
export class SortOrder {
  readonly #orderings: readonly Ordering[];
  /** Equal for equal orders: `Content-Length desc, key asc`. */
  readonly text: string;

  constructor(orderings: readonly Ordering[]) {
    // No two objects have the same key: nothing behind it is ever asked.
    const key = orderings.findIndex(({ field }) => field.name === "key");
    this.#orderings = key < 0 ? orderings : orderings.slice(0, key + 1);
    this.text = this.#orderings
      .map(({ field, descending }) => `${field.name} ${descending ? "desc" : "asc"}`)
      .join(", ");
  }

  /** How many values an object is sorted by. */
  get length(): number {
    return this.#orderings.length;
  }

  /** Whether it is that of the keys, in which lists are anyway. */
  get isByKey(): boolean {
    const [first] = this.#orderings;
    return first === undefined || (first.field.name === "key" && !first.descending);
  }

  valuesOf(read: ReadField): readonly SortValue[] {
    return this.#orderings.map(({ field }) => {
      const value = valueOf(read, field);
      if (value === undefined) return null;
      return typeof value === "string" && field.name !== "key" ? beginning(value) : value;
    });
  }

  /** Whether these may be values of this order: a client may have made them up. */
  fits(values: readonly unknown[]): values is readonly SortValue[] {
    return (
      values.length === this.length &&
      this.#orderings.every(({ field }, index) => {
        const value = values[index];
        return value === null || (field.kind === "text" ? typeof value === "string" : Number.isFinite(value));
      })
    );
  }

  /** Negative where `a` comes first. The keys decide between equals. */
  compare(a: Sorted, b: Sorted): number {
    for (const [index, { descending }] of this.#orderings.entries()) {
      const [x = null, y = null] = [a.values[index], b.values[index]];
      if (x === null || y === null) {
        if (x !== y) return x === null ? 1 : -1;
        continue;
      }
      const order = typeof x === "string" && typeof y === "string" ? compareText(x, y) : Number(x) - Number(y);
      if (order !== 0) return descending ? -order : order;
    }
    return compareText(a.key, b.key);
  }
}

/** An object's place in a {@link SortOrder}. */
interface Sorted {
  readonly values: readonly SortValue[];
  readonly key: string;
}

/** The first characters; half a surrogate pair is left out. */
function beginning(text: string): string {
  if (text.length <= mostCharacters) return text;
  const cut = text.slice(0, mostCharacters);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
