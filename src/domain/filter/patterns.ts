import type { TextMatcher } from "../patterns/regex.ts";
import { type Evaluate, negation, type Patterns, type PatternTest, type Truth, valueOf } from "./evaluate.ts";
import { type FilterCondition, longestText, type Predicate, predicatesIn, type ReadField } from "./tree.ts";

/** What the patterns of a filter cost, and how to ask them without costing all of it at once. */

export type PatternPredicate = Extract<Predicate, { readonly kind: "like" | "regexp" }>;

/** Longer texts are not remembered: thousands of filters may each remember one. */
const longestRemembered = 1024;

/**
 * The tests of `patterns`. A filter that writes a costly one more than once asks it once of an event: what was asked last is remembered
 * by pattern and field.
 */
export function testsOf(patterns: Patterns): PatternTest {
  const shared = new Map<string, (text: string) => boolean>();
  return (predicate) => {
    const { test, programSize } = matcherOf(patterns, predicate);
    if (programSize === 0) return test;
    const key = keyOf(predicate);
    const known = shared.get(key);
    if (known !== undefined) return known;
    let last: string | undefined;
    let came = false;
    const remembering = (text: string): boolean => {
      if (text === last) return came;
      came = test(text);
      last = text.length <= longestRemembered ? text : undefined;
      return came;
    };
    shared.set(key, remembering);
    return remembering;
  };
}

/**
 * What one character of an event's texts may cost, in visits of instructions, and what an event may cost whose texts are as long as those
 * of their fields get; each pattern and field once.
 */
export function costOfPatterns(
  condition: FilterCondition,
  patterns: Patterns,
): { readonly program: number; readonly visits: number } {
  const seen = new Set<string>();
  let [program, visits] = [0, 0];
  for (const predicate of patternsIn(condition)) {
    const key = keyOf(predicate);
    if (seen.has(key)) continue;
    seen.add(key);
    const { programSize } = matcherOf(patterns, predicate);
    program += programSize;
    visits += programSize * longestText(predicate.field);
  }
  return { program, visits };
}

/** Memory of the patterns now, about. */
export function bytesOf({ regexes, likes }: Patterns): number {
  let sum = 0;
  for (const matcher of regexes.values()) sum += matcher.bytes();
  for (const matcher of likes.values()) sum += matcher.bytes();
  return sum;
}

/** Whether any of its patterns is asked of texts that have no bound: then many that each cost little cost much together. */
export function asksLongTexts(condition: FilterCondition): boolean {
  for (const { field } of patternsIn(condition)) if (field.kind === "any") return true;
  return false;
}

/** What a condition comes to, as {@link Evaluate} says, yielding after about so many visits of instructions as `stepping` says. */
export function* truthInSteps(
  condition: FilterCondition,
  read: ReadField,
  stepping: Stepping,
): Generator<void, Truth, void> {
  switch (condition.kind) {
    case "and":
    case "or": {
      const neutral = condition.kind === "and";
      let result: Truth = neutral;
      for (const term of condition.terms) {
        const truth = yield* truthInSteps(term, read, stepping);
        if (truth === !neutral) return truth;
        if (truth === undefined) result = undefined;
      }
      return result;
    }
    case "not":
      return negation(yield* truthInSteps(condition.term, read, stepping));
    case "like":
    case "regexp":
      return yield* patternInSteps(condition, read, stepping);
    default:
      return stepping.plain(condition)(read);
  }
}

/** One filter, asked of one event. */
export class Stepping {
  readonly patterns: Patterns;
  readonly visits: number;
  /** Of predicates without a pattern. */
  readonly plain: (predicate: Predicate) => Evaluate;
  /** Of patterns, for the event at hand. */
  readonly known: Map<string, boolean> = new Map();
  /** Visits until the next interruption. */
  left: number;

  constructor(patterns: Patterns, plain: (predicate: Predicate) => Evaluate, visits: number) {
    this.patterns = patterns;
    this.plain = plain;
    this.visits = visits;
    this.left = visits;
  }
}

function* patternInSteps(
  predicate: PatternPredicate,
  read: ReadField,
  stepping: Stepping,
): Generator<void, Truth, void> {
  const { patterns, visits, known } = stepping;
  const value = valueOf(read, predicate.field);
  if (typeof value !== "string") return undefined;
  const key = keyOf(predicate);
  let fits = known.get(key);
  if (fits === undefined) {
    const { test, inSteps } = matcherOf(patterns, predicate);
    fits = inSteps === undefined ? test(value) : yield* inSteps(value, visits);
    known.set(key, fits);
    // Also what costs least goes through the text once, in about a visit for each character.
    stepping.left -= value.length;
    if (stepping.left <= 0) {
      yield;
      stepping.left = visits;
    }
  }
  return fits !== predicate.negated;
}

function matcherOf({ regexes, likes }: Patterns, { kind, pattern }: PatternPredicate): TextMatcher {
  const matcher = (kind === "like" ? likes : regexes).get(pattern);
  if (matcher === undefined) throw new TypeError(`not compiled: ${pattern}`);
  return matcher;
}

function keyOf({ kind, field, pattern }: PatternPredicate): string {
  return `${kind}\0${field.name}\0${pattern}`;
}

function* patternsIn(condition: FilterCondition): Generator<PatternPredicate, void, void> {
  for (const predicate of predicatesIn(condition)) {
    if (predicate.kind === "like" || predicate.kind === "regexp") yield predicate;
  }
}

/** Whether any text fits the pattern at all. */
export function isPossible(patterns: Patterns, predicate: PatternPredicate): boolean {
  return matcherOf(patterns, predicate).isPossible?.() ?? true;
}
