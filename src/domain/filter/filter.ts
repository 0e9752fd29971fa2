import { SignalboxError } from "../../errors.ts";
import type { CompiledRegex } from "../patterns/regex.ts";
import { type Evaluate, evaluator, type Truth } from "./evaluate.ts";
import { type FilterError, FilterRefusal, filterError, filterErrorData, formatFilterError } from "./filter-error.ts";
import { defaultFilterLimits, type FilterLimits } from "./limits.ts";
import { type Ordering, parseQuery, type Query } from "./parse.ts";
import {
  asksLongTexts,
  bytesOf,
  costOfPatterns,
  isPossible,
  type PatternPredicate,
  Stepping,
  testsOf,
  truthInSteps,
} from "./patterns.ts";
import type { FieldCatalog, FilterCondition, Predicate, ReadField } from "./tree.ts";

/** Which events someone wants. Immutable, and may be shared. */
export interface Filter {
  /** As it was written. */
  readonly text: string;
  /** `undefined`: matches everything. */
  readonly tree: FilterCondition | undefined;
  /** What ORDER BY says: for lists. One event has no order, so it changes nothing there. */
  readonly order: readonly Ordering[];
  /** Whether the event is wanted: only TRUE matches. */
  matches(read: ReadField): boolean;
  /** In three-valued logic; `undefined` is UNKNOWN. */
  truth(read: ReadField): Truth;
  /** {@link Filter.matches}, yielding after about so many visits of instructions, some 4 ns each. */
  matchesInSteps(read: ReadField, visits: number): Generator<void, boolean, void>;
  /** What each of its predicates comes to for one event, yielding likewise; a costly pattern that it writes twice is asked once. */
  predicatesInSteps(read: ReadField, visits: number): (predicate: Predicate) => Generator<void, Truth, void>;
  /** Whether any text at all fits the pattern of one of its predicates. */
  isPossible(predicate: PatternPredicate): boolean;
  /** Whether one event costs next to nothing, whatever it holds: {@link matches} will do. */
  readonly isQuick: boolean;
  /** What one character of an event's texts may cost, in visits of instructions; 0 without costly patterns. */
  readonly program: number;
  /** What one event may cost at the most, likewise; {@link FilterLimits.maxCost} bounds it. */
  readonly visits: number;
  /** What it keeps in memory now, about: the states of its patterns grow with the texts that they meet. */
  bytes(): number;
}

export type Parsed =
  | { readonly kind: "ok"; readonly filter: Filter }
  | { readonly kind: "error"; readonly error: FilterError };

/**
 * Reads a filter of the SQL-like WHERE language. Everything is checked here (names and types of fields, values that can
 * never occur, patterns), so that a filter that was accepted can't fail later. Never throws for a bad text, and takes
 * time linear in `limits.maxLength` at most, however long or nested the text is.
 *
 * ```
 * filter     := ["WHERE"] or                     empty text: everything; WHERE alone: an error
 * or         := and {"OR" and}
 * and        := not {"AND" not}
 * not        := "NOT" not | "(" or ")" | predicate
 * predicate  := field comparison literal | (number | 'string') comparison field
 *             | field ["NOT"] "IN" "(" literal {"," literal} ")"
 *             | field ["NOT"] "BETWEEN" literal "AND" literal
 *             | field ["NOT"] "LIKE" string ["ESCAPE" string]
 *             | field ["NOT"] "REGEXP" string    RE2 syntax, searched anywhere in the text
 *             | field "IS" ["NOT"] "NULL"
 * comparison := "=" | "!=" | "<>" | "<" | "<=" | ">" | ">="
 * field      := name | `name` | "name"
 * literal    := "string" | 'string' | ["+" | "-"] digits ["." digits]
 * ```
 *
 * Keywords in any case. Double quotes go by position: a field where a field is expected, a string where a literal is.
 * A quote within quotes is doubled; a backslash is an ordinary character. `ORDER BY field [ASC | DESC], …` may follow: it is returned as
 * {@link Filter.order}, and asks nothing of an event.
 */
export function parseFilter(
  text: string,
  catalog: FieldCatalog,
  limits: FilterLimits = defaultFilterLimits,
  compiled?: ReadonlyMap<string, CompiledRegex>,
): Parsed {
  try {
    return { kind: "ok", filter: filterOf(text, parseQuery(text, catalog, limits, compiled)) };
  } catch (thrown) {
    if (thrown instanceof FilterRefusal) return { kind: "error", error: filterError(thrown, text) };
    throw thrown;
  }
}

declare const brand: unique symbol;
/** The text of a filter that can be read and does not want everything. Made only by {@link parseFilterText}, and by stores of what they hold. */
export type FilterText = string & { readonly [brand]: "filter" };

/**
 * As {@link parseFilter}.
 *
 * @param compiled patterns of REGEXP that were compiled before, for this filter alone.
 * @throws SignalboxError `invalid_filter` with line, column, what was expected and a hint, in words and as `data`.
 */
export function readFilter(text: string, catalog: FieldCatalog, compiled?: ReadonlyMap<string, CompiledRegex>): Filter {
  const parsed = parseFilter(text, catalog, defaultFilterLimits, compiled);
  if (parsed.kind === "ok") return parsed.filter;
  const message = formatFilterError(parsed.error, text);
  throw new SignalboxError("invalid_filter", `filter: ${message}`, {
    fields: [{ path: "filter", message }],
    data: filterErrorData(parsed.error),
  });
}

/**
 * The filter as it was written; `undefined` for one that matches everything.
 *
 * @throws SignalboxError as {@link readFilter}.
 */
export function parseFilterText(text: string, catalog: FieldCatalog): FilterText | undefined {
  return readFilter(text, catalog).tree === undefined ? undefined : (text as FilterText);
}

function filterOf(text: string, { condition: tree, order, patterns }: Query): Filter {
  if (tree === undefined) {
    const always = function* (): Generator<void, boolean, void> {
      yield;
      return true;
    };
    return {
      text,
      tree,
      order,
      truth: () => true,
      matches: () => true,
      matchesInSteps: always,
      predicatesInSteps: () => () => {
        throw new TypeError("a filter without conditions has no predicates");
      },
      isPossible: () => true,
      isQuick: true,
      program: 0,
      visits: 0,
      bytes: () => 0,
    };
  }
  const tests = testsOf(patterns);
  const truth: Evaluate = evaluator(tree, tests);
  const plain = (predicate: Predicate): Evaluate => evaluator(predicate, tests);
  const { program, visits } = costOfPatterns(tree, patterns);
  const isQuick = program === 0 && !asksLongTexts(tree);
  const matchesInSteps = function* (read: ReadField, atOnce: number): Generator<void, boolean, void> {
    if (isQuick) return truth(read) === true;
    return (yield* truthInSteps(tree, read, new Stepping(patterns, plain, atOnce))) === true;
  };
  const predicatesInSteps: Filter["predicatesInSteps"] = (read, atOnce) => {
    const stepping = new Stepping(patterns, plain, atOnce);
    return (predicate) => truthInSteps(predicate, read, stepping);
  };
  // A tree and its closures take some twenty times their text, measured on lists, chains and nested conditions.
  const own = 500 + 20 * text.length;
  return {
    text,
    tree,
    order,
    truth,
    matches: (read) => truth(read) === true,
    matchesInSteps,
    predicatesInSteps,
    isPossible: (predicate) => isPossible(patterns, predicate),
    isQuick,
    program,
    visits,
    bytes: () => own + bytesOf(patterns),
  };
}
