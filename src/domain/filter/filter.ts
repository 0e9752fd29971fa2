import { type Evaluate, evaluator, type RegexTest, type Truth } from "./evaluate.ts";
import { type FilterError, filterError, Refusal } from "./filter-error.ts";
import { defaultFilterLimits, type FilterLimits } from "./limits.ts";
import { parseQuery } from "./parse.ts";
import { printCondition } from "./print.ts";
import { compileRegex } from "./regex.ts";
import type { Condition, FieldCatalog, ReadField } from "./tree.ts";

/** Which events someone wants. Immutable, and may be shared. */
export interface Filter {
  /** As it was written. */
  readonly text: string;
  /** `undefined`: matches everything. */
  readonly tree: Condition | undefined;
  /** Whether the event is wanted: only TRUE matches. */
  matches(read: ReadField): boolean;
  /** In three-valued logic; `undefined` is UNKNOWN. */
  truth(read: ReadField): Truth;
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
 * A quote within quotes is doubled; a backslash is an ordinary character. `ORDER BY field [ASC | DESC], …` is understood
 * and refused (`order_by`): one event has no order.
 */
export function parseFilter(text: string, catalog: FieldCatalog, limits: FilterLimits = defaultFilterLimits): Parsed {
  try {
    const { condition, orderOffset, regexes } = parseQuery(text, catalog, limits);
    if (orderOffset !== undefined) {
      throw new Refusal("a filter looks at one event at a time, so ORDER BY has nothing to put in order", {
        code: "order_by",
        offset: orderOffset,
        hint: "leave out ORDER BY; to order events as a receiver, use their sequence",
      });
    }
    return { kind: "ok", filter: filterOf(text, condition, (pattern) => regexes.get(pattern) ?? regexTest(pattern)) };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { kind: "error", error: filterError(thrown, text) };
    throw thrown;
  }
}

function filterOf(text: string, tree: Condition | undefined, regexTest: RegexTest): Filter {
  const truth: Evaluate = tree === undefined ? () => true : evaluator(tree, regexTest);
  return { text, tree, truth, matches: (read) => truth(read) === true };
}

/** The test of a pattern in a tree that was accepted before. */
export const regexTest: RegexTest = (pattern) => {
  const compiled = compileRegex(pattern, Number.POSITIVE_INFINITY);
  if (compiled.kind !== "ok") throw new TypeError(`not a pattern: ${pattern}`);
  return compiled.test;
};

/**
 * The canonical text: WHERE, canonical field names, double-quoted strings, upper-case keywords, no needless parentheses,
 * times in UTC. Empty for what matches everything. Parsing it gives an equal tree (it may be longer than the original,
 * so a text at the very limit of length can print beyond it).
 */
export function printFilter(filter: Filter | Condition | undefined): string {
  const tree = filter !== undefined && "matches" in filter ? filter.tree : filter;
  return tree === undefined ? "" : `WHERE ${printCondition(tree)}`;
}
