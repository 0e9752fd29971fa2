/** Warnings for the author of a filter: it is valid, but may not do what it was written for. */
import { shortened } from "../plain-text.ts";
import { conflictsIn, type Surroundings } from "./conflicts.ts";
import type { Filter } from "./filter.ts";
import { oddLike, oddLiteral, oddRegexp } from "./odd-texts.ts";
import { printCondition } from "./print.ts";
import { type FilterCondition, type FilterValue, isPredicate, type Predicate, predicatesIn } from "./tree.ts";

/** More is not read. */
const mostDoubts = 10;
const mostCharacters = 200;

/** Sentences for people, none where nothing is odd. */
export function doubtsOf(filter: Filter, surroundings: Surroundings): readonly string[] {
  const { tree, order } = filter;
  const doubts = new Set<string>();
  if (order.length > 0) {
    doubts.add(
      "ORDER BY changes nothing here: a filter looks at one event at a time. To order events as a receiver, use their sequence",
    );
  }
  if (tree === undefined) return [...doubts];
  for (const predicate of predicatesIn(tree)) {
    if (doubts.size >= mostDoubts) break;
    const reason = oddPredicate(predicate, filter);
    if (reason === undefined) continue;
    const isNever = predicate.kind === "regexp" && !filter.isPossible(predicate);
    doubts.add(`${shown(predicate)}${isNever ? " is never true" : ""}: ${shortened(reason, mostCharacters)}`);
  }
  for (const { terms, reason } of conflictsIn(tree, filter, surroundings)) {
    if (doubts.size >= mostDoubts) break;
    const whole = terms.map(shown).join(" AND ");
    doubts.add(`${shortened(whole, mostCharacters)} is never true${reason === undefined ? "" : `: ${reason}`}`);
  }
  return [...doubts];
}

function shown(condition: FilterCondition): string {
  const text = shortened(printCondition(condition), mostCharacters);
  return isPredicate(condition) ? text : `(${text})`;
}

/** Digits as a text: "9" is greater than "10". */
const digits = /^[+-]?\d+(?:\.\d+)?$/;

function oddPredicate(predicate: Predicate, filter: Filter): string | undefined {
  // What the names of params stand for is unknown.
  const name = predicate.field.kind === "any" ? "" : predicate.field.name;
  switch (predicate.kind) {
    case "compare": {
      const { operator, value } = predicate;
      if (typeof value !== "string") return undefined;
      if (operator === "=" || operator === "!=") return oddLiteral(name, value);
      return digits.test(value) ? `texts are ordered by character, so "9" is greater than "10"` : undefined;
    }
    case "in":
      return firstOdd(name, predicate.values);
    case "between": {
      const { low, high } = predicate;
      const odd = typeof low === "string" && typeof high === "string" && digits.test(low) && digits.test(high);
      return odd ? `texts are ordered by character, so "9" is greater than "10"` : undefined;
    }
    case "like":
      return oddLike(name, predicate.pattern);
    case "regexp":
      return (
        oddRegexp(name, predicate.pattern) ??
        (filter.isPossible(predicate)
          ? undefined
          : "no text fits this pattern: ^ is the beginning of the text and $ its end, so nothing comes before or behind them")
      );
    case "null":
      return undefined;
    default:
      return predicate satisfies never;
  }
}

function firstOdd(field: string, values: readonly FilterValue[]): string | undefined {
  for (const value of values) {
    const reason = typeof value === "string" ? oddLiteral(field, value) : undefined;
    if (reason !== undefined) return reason;
  }
  return undefined;
}
