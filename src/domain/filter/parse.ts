import type { CompiledRegex } from "../patterns/regex.ts";
import { TokenCursor } from "./cursor.ts";
import type { Patterns } from "./evaluate.ts";
import { FilterRefusal } from "./filter-error.ts";
import { FilterBudget, type FilterLimits } from "./limits.ts";
import { type FilterReading, takeField, takePredicate } from "./predicates.ts";
import { tokenize } from "./tokens.ts";
import { type Field, type FieldCatalog, type FilterCondition, joined } from "./tree.ts";

export interface Ordering {
  readonly field: Field;
  readonly descending: boolean;
}

/** A text, understood. */
export interface Query {
  /** `undefined` of an empty text: everything. */
  readonly condition: FilterCondition | undefined;
  readonly order: readonly Ordering[];
  /** All REGEXP and LIKE patterns in it, compiled. */
  readonly patterns: Patterns;
}

/**
 * ```
 * query     := ["WHERE"] [or] ["ORDER" "BY" ordering {"," ordering}]
 * ordering  := field ["ASC" | "DESC"]
 * or        := and {"OR" and}
 * and       := not {"AND" not}
 * not       := "NOT" not | "(" or ")" | predicate
 * ```
 *
 * @param compiled as for {@link FilterBudget}.
 * @throws {FilterRefusal}
 */
export function parseQuery(
  text: string,
  catalog: FieldCatalog,
  limits: FilterLimits,
  compiled?: ReadonlyMap<string, CompiledRegex>,
): Query {
  if (text.length > limits.maxLength) {
    const message = `a filter may have at most ${limits.maxLength} characters; this one has ${text.length}`;
    throw new FilterRefusal(message, {
      code: "too_long",
      offset: limits.maxLength,
      length: text.length - limits.maxLength,
    });
  }
  const cursor = new TokenCursor(tokenize(text), text.length);
  const budget = new FilterBudget(limits, compiled);
  const reading: FilterReading = { cursor, catalog, budget };
  const condition = takeWhere(reading);
  const order = takeOrder(reading);
  if (cursor.token.kind !== "end") {
    if (cursor.isAtSymbol(")")) {
      const { offset } = cursor.token;
      throw new FilterRefusal("unexpected )", { code: "syntax", offset, hint: "this parenthesis closes nothing" });
    }
    cursor.refuse(order.length === 0 ? ["AND", "OR", "the end of the filter"] : [",", "the end of the filter"]);
  }
  return { condition, order, patterns: budget };
}

function takeWhere(reading: FilterReading): FilterCondition | undefined {
  const { cursor } = reading;
  const where = cursor.token;
  const hasWhere = cursor.takes("WHERE");
  const ends = cursor.token.kind === "end" || cursor.isAt("ORDER");
  if (!ends) return takeOr(reading, 0);
  if (!hasWhere) return undefined;
  throw new FilterRefusal("WHERE without a condition", {
    code: "empty_where",
    offset: where.offset,
    expected: ["a condition"],
    hint: "leave the filter empty to match everything",
  });
}

function takeOr(reading: FilterReading, depth: number): FilterCondition {
  const terms = [takeAnd(reading, depth)];
  while (reading.cursor.takes("OR")) terms.push(takeAnd(reading, depth));
  return joined("or", terms);
}

function takeAnd(reading: FilterReading, depth: number): FilterCondition {
  const terms = [takeNot(reading, depth)];
  while (reading.cursor.takes("AND")) terms.push(takeNot(reading, depth));
  return joined("and", terms);
}

function takeNot(reading: FilterReading, depth: number): FilterCondition {
  const { cursor, budget } = reading;
  const opening = cursor.token;
  if (cursor.takes("NOT")) {
    budget.checkDepth(depth + 1, opening);
    return { kind: "not", term: takeNot(reading, depth + 1) };
  }
  if (!cursor.takesSymbol("(")) return takePredicate(reading);
  budget.checkDepth(depth + 1, opening);
  const condition = takeOr(reading, depth + 1);
  cursor.expectSymbol(")", "AND", "OR");
  return condition;
}

function takeOrder(reading: FilterReading): readonly Ordering[] {
  const { cursor } = reading;
  if (!cursor.takes("ORDER")) return [];
  cursor.expect("BY");
  const order: Ordering[] = [];
  do {
    const { name, kind } = takeField(reading, ["a field"]);
    const descending = cursor.takes("DESC");
    if (!descending) cursor.takes("ASC");
    order.push({ field: { name, kind }, descending });
  } while (cursor.takesSymbol(","));
  return order;
}
