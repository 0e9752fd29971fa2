import { parseInstant } from "../filter/instants.ts";
import { likeTest } from "../patterns/like.ts";
import { compileRegex } from "../patterns/regex.ts";
import { compareText, type TextSteps } from "../patterns/text-test.ts";

/** What each operator of a search asks of a value. */

export type FieldType = "text" | "number" | "boolean" | "time";

export const searchOps = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "like",
  "nlike",
  "rlike",
  "in",
  "nin",
  "on",
  "before",
  "after",
  "between",
] as const;
export type SearchOp = (typeof searchOps)[number];

export type SearchTest = (value: string | number | boolean | null) => boolean;

/** A pattern of `rlike`. */
export interface CostlyPattern {
  /** What one character of a text may cost: visits of instructions, some 4 ns each. */
  readonly programSize: number;
  readonly inSteps: TextSteps;
}

interface MadeTest {
  readonly test: SearchTest;
  /** Where a long text takes more than next to nothing. */
  readonly pattern?: CostlyPattern;
}

const ordered = ["eq", "neq", "lt", "lte", "gt", "gte", "in", "nin", "between"] as const;
const ops: Readonly<Record<FieldType, readonly SearchOp[]>> = {
  text: [...ordered, "like", "nlike", "rlike"],
  number: ordered,
  boolean: ["eq", "neq"],
  time: [...ordered, "on", "before", "after"],
};

/** The operators that fields of a type have. */
export function opsOf(type: FieldType): readonly SearchOp[] {
  return ops[type];
}

const mostListed = 100;

interface SearchOperand {
  readonly type: FieldType;
  readonly op: SearchOp;
  readonly value: string;
  readonly maxProgram: number;
}

/** The test of a term whose type has the operator; a text says what is wrong with its value. */
export function testOf(asked: SearchOperand): MadeTest | string {
  const { op, value } = asked;
  if (op === "like" || op === "nlike") return patternTest(op, value);
  if (op === "rlike") return regexTest(value, asked.maxProgram);
  const listed = op === "in" || op === "nin" || op === "between";
  const typed = listed ? value.split(",").map((part) => part.trim()) : [value];
  if (typed.length > mostListed) return `may list at most ${mostListed} values`;
  if (op === "between" && typed.length !== 2)
    return "must be two values with a comma between them: the least, the greatest";
  const ranges: Range[] = [];
  for (const text of typed) {
    const range = rangeOf(asked.type, text);
    if (range === undefined) return problemOf(asked.type, text);
    ranges.push(op === "on" ? dayOf(range) : range);
  }
  const read = readerOf(asked.type);
  const fits = comparison(op, ranges);
  const negative = op === "neq" || op === "nin";
  const test: SearchTest = (value) => {
    const known = read(value);
    return known === undefined ? negative : fits(known);
  };
  return { test };
}

function patternTest(op: "like" | "nlike", value: string): MadeTest {
  // `%` and `_` mean nothing here.
  const fits = likeTest(value.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%"));
  const wanted = op === "like";
  return { test: (value) => (typeof value === "string" ? fits(value) : false) === wanted };
}

function regexTest(pattern: string, maxProgram: number): MadeTest | string {
  const compiled = compileRegex(pattern, maxProgram);
  switch (compiled.kind) {
    case "ok": {
      const { test, programSize, inSteps } = compiled;
      return {
        test: (value) => typeof value === "string" && test(value),
        ...(inSteps === undefined ? {} : { pattern: { programSize, inSteps } }),
      };
    }
    case "too_large":
      return "is too large a pattern; use a shorter one, or fewer repetitions";
    case "invalid":
      return `is no regular expression of RE2: ${compiled.message}${compiled.hint === undefined ? "" : `. ${compiled.hint}`}`;
    default:
      return compiled satisfies never;
  }
}

type Known = string | number | boolean;

/** What a literal stands for: everything from `least` to `greatest`. Only a day is more than one value. */
interface Range {
  readonly least: Known;
  readonly greatest: Known;
}

const dayMs = 86_400_000;

function rangeOf(type: FieldType, text: string): Range | undefined {
  switch (type) {
    case "text":
      return { least: text, greatest: text };
    case "number": {
      const number = /^-?\d{1,30}(?:\.\d{1,30})?$/.test(text.trim()) ? Number(text) : undefined;
      return number === undefined ? undefined : { least: number, greatest: number };
    }
    case "boolean": {
      const lower = text.trim().toLowerCase();
      if (lower !== "true" && lower !== "false") return undefined;
      return { least: lower === "true", greatest: lower === "true" };
    }
    case "time":
      return timeRange(text.trim());
    default:
      return type satisfies never;
  }
}

function timeRange(text: string): Range | undefined {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = parseInstant(isDay ? `${text}T00:00:00Z` : text);
  if (instant === undefined) return undefined;
  return isDay ? dayOf({ least: instant, greatest: instant }) : { least: instant, greatest: instant };
}

/** The whole day in UTC that a moment lies in; its last moment is finer than any stored one. */
function dayOf({ least }: Range): Range {
  const start = Math.floor(Number(least) / dayMs) * dayMs;
  return { least: start, greatest: start + dayMs - 0.5 };
}

function problemOf(type: FieldType, text: string): string {
  switch (type) {
    case "number":
      return "must be a number, such as 5";
    case "boolean":
      return "must be true or false";
    case "time":
      // In a query a plus sign is a blank.
      return / \d{2}:\d{2}$/.test(text)
        ? "must be a moment; write the + of its offset as %2B, or the moment in UTC: 2026-11-20T10:30:00Z"
        : "must be a moment such as 2026-11-20T10:30:00Z, or a day such as 2026-11-20";
    case "text":
      return "must be a text";
    default:
      return type satisfies never;
  }
}

/** The stored value, if it is of the field's type: moments as epoch milliseconds. */
function readerOf(type: FieldType): (value: string | number | boolean | null) => Known | undefined {
  switch (type) {
    case "text":
      return (value) => (typeof value === "string" ? value : undefined);
    case "number":
      return (value) => (typeof value === "number" && !Number.isNaN(value) ? value : undefined);
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : undefined);
    case "time":
      return (value) => {
        if (typeof value === "string") return parseInstant(value);
        return typeof value === "number" && !Number.isNaN(value) ? value : undefined;
      };
    default:
      return type satisfies never;
  }
}

/** Negative, zero or positive; both are of one type. */
function compare(a: Known, b: Known): number {
  return typeof a === "string" && typeof b === "string" ? compareText(a, b) : Number(a) - Number(b);
}

function within(value: Known, { least, greatest }: Range): boolean {
  return compare(value, least) >= 0 && compare(value, greatest) <= 0;
}

function comparison(
  op: Exclude<SearchOp, "like" | "nlike" | "rlike">,
  ranges: readonly Range[],
): (value: Known) => boolean {
  const first = ranges[0] ?? { least: "", greatest: "" };
  const last = ranges.at(-1) ?? first;
  switch (op) {
    case "eq":
    case "on":
    case "in":
      return (value) => ranges.some((range) => within(value, range));
    case "neq":
    case "nin":
      return (value) => !ranges.some((range) => within(value, range));
    case "lt":
    case "before":
      return (value) => compare(value, first.least) < 0;
    case "lte":
      return (value) => compare(value, first.greatest) <= 0;
    case "gt":
    case "after":
      return (value) => compare(value, first.greatest) > 0;
    case "gte":
      return (value) => compare(value, first.least) >= 0;
    case "between":
      return (value) => within(value, { least: first.least, greatest: last.greatest });
    default:
      return op satisfies never;
  }
}
