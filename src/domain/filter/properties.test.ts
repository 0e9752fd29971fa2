/** The evaluator against one that is written as plainly as possible, and printing against parsing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { aCondition, anEvent } from "../../../test/support/filter-arbitraries.ts";
import { explain, printFilter } from "../../../test/support/filters.ts";
import { type Filter, objectFields, parseFilter, type ReadField } from "./index.ts";
import { type FilterToken, isReserved, tokenize } from "./tokens.ts";
import type { FilterCondition, FilterValue, Predicate } from "./tree.ts";

/** FALSE, UNKNOWN and TRUE as 0, ½ and 1: then AND is the least, OR the greatest, and NOT the distance to 1. */
function plainTruth(condition: FilterCondition, values: ReadonlyMap<string, FilterValue>): number {
  switch (condition.kind) {
    case "and":
      return Math.min(...condition.terms.map((term) => plainTruth(term, values)));
    case "or":
      return Math.max(...condition.terms.map((term) => plainTruth(term, values)));
    case "not":
      return 1 - plainTruth(condition.term, values);
    default: {
      const value = values.get(condition.field.name);
      if (condition.kind === "null") return (value === undefined) === condition.negated ? 0 : 1;
      if (value === undefined) return 0.5;
      const negated = "negated" in condition && condition.negated;
      return plainTest(condition, value) === negated ? 0 : 1;
    }
  }
}

function plainTest(predicate: Exclude<Predicate, { kind: "null" }>, value: FilterValue): boolean {
  switch (predicate.kind) {
    case "compare": {
      const order = plainOrder(value, predicate.value);
      const results = {
        "=": order === 0,
        "!=": order !== 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
      };
      return results[predicate.operator];
    }
    case "in":
      return predicate.values.some((listed) => plainOrder(value, listed) === 0);
    case "between":
      return plainOrder(predicate.low, value) <= 0 && plainOrder(value, predicate.high) <= 0;
    case "like":
      return plainLike(Array.from(predicate.pattern), Array.from(String(value)));
    case "regexp":
      return new RegExp(predicate.pattern, "u").test(String(value));
    default:
      return predicate satisfies never;
  }
}

function plainOrder(a: FilterValue, b: FilterValue): number {
  return typeof a === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Math.sign(a - Number(b));
}

function plainLike([first, ...pattern]: readonly string[], text: readonly string[]): boolean {
  if (first === undefined) return text.length === 0;
  if (first === "%")
    return plainLike(pattern, text) || (text.length > 0 && plainLike([first, ...pattern], text.slice(1)));
  if (first === "_") return text.length > 0 && plainLike(pattern, text.slice(1));
  if (first === "\\") return text[0] === pattern[0] && plainLike(pattern.slice(1), text.slice(1));
  return text[0] === first && plainLike(pattern, text.slice(1));
}

function filterOf(text: string): Filter {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(`${text}: ${parsed.error.message}`);
  return parsed.filter;
}

/** The same tokens in other clothes: blanks, the case of keywords and names, quotes, `<>`, and needless parentheses. */
function disguised(canonical: string, dice: () => number): string {
  let result = "";
  let previous: FilterToken | undefined;
  for (const token of tokenize(canonical)) {
    const needed = [previous, token].every((side) => side?.kind === "word" || side?.kind === "number");
    const blanks = ["", " ", "\n", "\t  ", "\r\n"].slice(needed ? 1 : 0);
    result += (blanks[dice() % blanks.length] ?? " ") + dressed(token, dice);
    previous = token;
  }
  return result;
}

function dressed(token: FilterToken, dice: () => number): string {
  if (token.kind === "quoted") {
    const others = token.quote === "`" ? ["`", '"'] : ['"', "'"];
    const quote = others[dice() % 2] ?? token.quote;
    return quote + token.text.replaceAll(quote, quote + quote) + quote;
  }
  if (token.kind === "word" && (isReserved(token.text) || token.text === "key")) {
    return Array.from(token.text, (letter) => (dice() % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase())).join(
      "",
    );
  }
  return token.text === "!=" && dice() % 2 === 0 ? "<>" : token.text;
}

describe("properties", () => {
  test("the evaluator agrees with the plain one, and explain with both", () => {
    fc.assert(
      fc.property(aCondition, anEvent, (tree, values) => {
        const read: ReadField = (name) => values.get(name);
        const filter = filterOf(printFilter(tree));
        const expected = plainTruth(tree, values);
        assert.equal(filter.truth(read), expected === 0.5 ? undefined : expected === 1);
        assert.equal(filter.matches(read), expected === 1);
        const { matches, reasons } = explain(filter, read);
        assert.equal(matches, expected === 1);
        assert.equal(reasons.length === 0, matches);
      }),
      { numRuns: 2000 },
    );
  });

  test("what is printed parses to the same tree, and prints the same", () => {
    fc.assert(
      fc.property(aCondition, (tree) => {
        const printed = printFilter(tree);
        const filter = filterOf(printed);
        assert.deepEqual(filter.tree, tree);
        assert.equal(printFilter(filter), printed);
      }),
      { numRuns: 1000 },
    );
  });

  test("blanks, case and the choice of quotes change nothing", () => {
    fc.assert(
      fc.property(aCondition, fc.infiniteStream(fc.nat(59)), (tree, stream) => {
        const dice = (): number => stream.next().value ?? 0;
        assert.deepEqual(filterOf(disguised(printFilter(tree), dice)).tree, tree);
      }),
      { numRuns: 1000 },
    );
  });

  test("any text is accepted or refused with a place within it, never thrown at", () => {
    const scraps = fc.constantFrom(
      "key",
      "size",
      "AND",
      "NOT",
      "IN",
      "(",
      ")",
      ",",
      "=",
      "<",
      "'a'",
      '"',
      "'",
      "`",
      "5",
      "-",
      "\n",
      "😀",
      " ",
      "WHERE",
      "ORDER",
      "BY",
      "LIKE",
      "REGEXP",
      "'('",
      "IS",
      "NULL",
      "BETWEEN",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(scraps).map((parts) => parts.join(" ")),
          fc.string({ unit: "binary" }),
        ),
        (text) => {
          const parsed = parseFilter(text, objectFields);
          if (parsed.kind === "ok") return;
          const { offset, line, column } = parsed.error;
          assert.ok(offset >= 0 && offset <= text.length && line >= 1 && column >= 1);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
