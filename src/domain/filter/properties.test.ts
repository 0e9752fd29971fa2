/** The evaluator against one that is written as plainly as possible, and printing against parsing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { explain, printFilter } from "../../../test/support/filters.ts";
import { type Filter, objectFields, parseFilter, type ReadField } from "./index.ts";
import { type FilterToken, isReserved, tokenize } from "./tokens.ts";
import { comparisons, type Field, type FilterCondition, type FilterValue, joined, type Predicate } from "./tree.ts";

const fields: readonly Field[] = [
  { name: "key", kind: "text" },
  { name: "ETag", kind: "text" },
  { name: "x-amz-meta-a b", kind: "text" },
  { name: "tag:It`s", kind: "text" },
  { name: "tag:it`s", kind: "text" },
  { name: "Content-Length", kind: "number" },
  { name: "Last-Modified", kind: "instant" },
];

// Few and awkward characters, so that values meet: those of LIKE, of each quote, and both sides of the surrogates.
const text = fc
  .array(fc.constantFrom("a", "b", "%", "_", "\\", '"', "'", "`", "\n", "\ufffd", "😀"), { maxLength: 4 })
  .map((characters) => characters.join(""));
const number = fc.oneof(
  { arbitrary: fc.constantFrom(-1, -0.5, 0, 0.5, 1, 2, 10), weight: 5 },
  { arbitrary: fc.maxSafeInteger(), weight: 1 },
  // At most 15 digits behind the point, as the language allows.
  {
    arbitrary: fc
      .tuple(fc.nat(1000), fc.nat(999_999_999_999_999))
      .map(([a, b]) => Number(`${a}.${String(b).padStart(15, "0")}`)),
    weight: 1,
  },
);
const instant = fc.oneof(
  {
    arbitrary: fc.constantFrom(-1, -0.5, 0, 0.5, 1, 1715171786789, 1715171786789.5, 8.64e15, -62135596800000),
    weight: 5,
  },
  { arbitrary: fc.integer({ min: -8.64e15, max: 8.64e15 }), weight: 1 },
);

function valueOf({ kind }: Field): fc.Arbitrary<FilterValue> {
  return kind === "text" ? text : kind === "number" ? number : instant;
}

/** A LIKE pattern as trees keep it: backslashes only before `%`, `_` and themselves. */
const like = fc
  .array(fc.constantFrom("%", "_", "\\%", "\\_", "\\\\", "a", "b", '"', "😀", "\n"), { maxLength: 6 })
  .map((parts) => parts.join(""));
/** Patterns that mean the same to JavaScript, which the plain evaluator asks. */
const regexp = fc.constantFrom(
  "^a",
  "b$",
  "^a$",
  "a",
  "",
  "^",
  ".*b$",
  "^(a|b)+$",
  "a.b",
  "[ab]{2}",
  '"',
  "\\\\",
  "a?b*$",
);

const predicate: fc.Arbitrary<Predicate> = fc
  .tuple(fc.constantFrom(...fields), fc.boolean(), fc.constantFrom(...comparisons))
  .chain(([field, negated, operator]): fc.Arbitrary<Predicate> => {
    const value = valueOf(field);
    const general: readonly fc.Arbitrary<Predicate>[] = [
      value.map((value) => ({ kind: "compare", field, operator, value }) as const),
      fc
        .array(value, { minLength: 1, maxLength: 3 })
        .map((values) => ({ kind: "in", field, negated, values }) as const),
      fc.tuple(value, value).map(([low, high]) => ({ kind: "between", field, negated, low, high }) as const),
      fc.constant({ kind: "null", field, negated } as const),
    ];
    if (field.kind !== "text") return fc.oneof(...general);
    return fc.oneof(
      ...general,
      like.map((pattern) => ({ kind: "like", field, negated, pattern }) as const),
      regexp.map((pattern) => ({ kind: "regexp", field, negated, pattern }) as const),
    );
  });

const { condition } = fc.letrec<{ condition: FilterCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    predicate,
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), fc.array(tie("condition"), { minLength: 2, maxLength: 3 }))
      .map(([kind, terms]) => joined(kind, terms)),
    tie("condition").map((term) => ({ kind: "not", term }) as const),
  ),
}));

/** An event: each field there or not. */
const event: fc.Arbitrary<ReadonlyMap<string, FilterValue>> = fc
  .tuple(...fields.map((field) => fc.option(valueOf(field), { nil: undefined, freq: 3 })))
  .map((values) => {
    const entries = fields.flatMap(({ name }, index): readonly (readonly [string, FilterValue])[] => {
      const value = values[index];
      return value === undefined ? [] : [[name, value]];
    });
    return new Map(entries);
  });

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
      fc.property(condition, event, (tree, values) => {
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
      fc.property(condition, (tree) => {
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
      fc.property(condition, fc.infiniteStream(fc.nat(59)), (tree, stream) => {
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
