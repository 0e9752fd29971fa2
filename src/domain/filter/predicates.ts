import { closest } from "../closest.ts";
import { withBackslashes } from "../patterns/like.ts";
import { shortened } from "../plain-text.ts";
import type { TokenCursor } from "./cursor.ts";
import { alternatives, FilterRefusal } from "./filter-error.ts";
import { foreignWord } from "./foreign.ts";
import type { FilterBudget } from "./limits.ts";
import { asString, type LiteralToken, literalForms, literalValue, takeLiteral, takeString } from "./literals.ts";
import { type FilterToken, isReserved, offsetWithin, type QuotedToken } from "./tokens.ts";
import {
  type Comparison,
  comparisons,
  type FieldCatalog,
  type FilterValue,
  type KnownField,
  longestText,
  type Predicate,
} from "./tree.ts";

/** What reading a filter needs everywhere. */
export interface FilterReading {
  readonly cursor: TokenCursor;
  readonly catalog: FieldCatalog;
  readonly budget: FilterBudget;
}

const wordOperators = ["IN", "LIKE", "REGEXP", "BETWEEN"] as const;

/**
 * ```
 * predicate := field comparison literal | literal comparison field
 *            | field ["NOT"] "IN" "(" literal {"," literal} ")"
 *            | field ["NOT"] "BETWEEN" literal "AND" literal
 *            | field ["NOT"] "LIKE" string ["ESCAPE" string]
 *            | field ["NOT"] "REGEXP" string
 *            | field "IS" ["NOT"] "NULL"
 * ```
 */
export function takePredicate(reading: FilterReading): Predicate {
  const { cursor, budget } = reading;
  budget.spendTerm(cursor.token);
  if (cursor.token.kind === "number" || (cursor.token.kind === "quoted" && cursor.token.quote === "'")) {
    return takeReversed(reading, cursor.token);
  }
  const known = takeField(reading, ["a field", "NOT", "("]);
  const field = { name: known.name, kind: known.kind };
  const operator = takeComparison(cursor);
  if (operator !== undefined) {
    const value = literalValue(takeLiteral(cursor, known), known, isEquality(operator));
    return { kind: "compare", field, operator, value };
  }
  if (cursor.takes("IS")) {
    const negated = cursor.takes("NOT");
    if (!cursor.takes("NULL")) {
      const hint = isLiteral(cursor.token) ? `write ${negated ? "!=" : "="}` : undefined;
      cursor.refuse(negated ? ["NULL"] : ["NULL", "NOT NULL"], hint);
    }
    return { kind: "null", field, negated };
  }
  const negated = cursor.takes("NOT");
  if (cursor.takes("IN")) return { kind: "in", field, negated, values: takeList(reading, known) };
  if (cursor.takes("BETWEEN")) {
    if (cursor.isAtSymbol("(")) cursor.refuse(literalForms(known), betweenHint);
    const low = literalValue(takeLiteral(cursor, known), known, false);
    if (!cursor.takes("AND")) cursor.refuse(["AND"], betweenHint);
    const end = takeLiteral(cursor, known);
    const high = literalValue(end, known, false);
    if (typeof low === typeof high) return { kind: "between", field, negated, low, high };
    throw new FilterRefusal("the two ends of BETWEEN are of different kinds", {
      code: "type_mismatch",
      offset: end.offset,
      expected: [typeof low === "string" ? "a string" : "a number"],
    });
  }
  const at = cursor.token;
  if (cursor.takes("LIKE")) return { kind: "like", field, negated, pattern: takeLike(reading, known, at) };
  if (cursor.takes("REGEXP")) return { kind: "regexp", field, negated, pattern: takeRegexp(reading, known, at) };
  if (negated && cursor.isAt("NULL")) cursor.refuse(wordOperators, "write IS NOT NULL");
  return cursor.refuse(negated ? wordOperators : [...comparisons, ...wordOperators, "NOT", "IS"]);
}

const betweenHint = "the two ends are joined by AND: size BETWEEN 1 AND 1024";

function isLiteral({ kind }: FilterToken): boolean {
  return kind === "quoted" || kind === "number";
}

function isEquality(operator: Comparison): boolean {
  return operator === "=" || operator === "!=";
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  "=": "=",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** `1024 < size`: a number or a single-quoted string on the left is a literal beyond doubt, so the right is the field. */
function takeReversed(reading: FilterReading, literal: LiteralToken): Predicate {
  const { cursor } = reading;
  cursor.take();
  const operator = takeComparison(cursor);
  if (operator === undefined) {
    return cursor.refuse(comparisons, "the field stands on the left of IN, LIKE, REGEXP, BETWEEN and IS");
  }
  refuseQuotedField(reading, literal);
  const known = takeField(reading, ["a field"]);
  const value = literalValue(literal, known, isEquality(operator));
  return { kind: "compare", field: { name: known.name, kind: known.kind }, operator: mirrored[operator], value };
}

/** `'Event-Type' = "OBJECT_DELETED"`: the field is what was put in single quotes. */
function refuseQuotedField({ cursor, catalog }: FilterReading, literal: LiteralToken): void {
  const { token } = cursor;
  if (literal.kind !== "quoted" || !isLiteral(token) || catalog.names.includes("<name>")) return;
  if (catalog.resolve(literal.text) === undefined || catalog.resolve(token.text) !== undefined) return;
  cursor.refuse(["a field"], `single quotes hold a string; a field is written \`${shortened(literal.text)}\``);
}

function takeComparison(cursor: TokenCursor): Comparison | undefined {
  const { token } = cursor;
  if (token.kind !== "symbol") return undefined;
  const operator = comparisons.find((comparison) => comparison === token.text);
  if (operator !== undefined) cursor.take();
  return operator;
}

/** Takes the field that stands here: bare, in backticks, or in double quotes. */
export function takeField({ cursor, catalog }: FilterReading, expected: readonly string[]): KnownField {
  const { token } = cursor;
  const named = (token.kind === "quoted" && token.quote !== "'") || (token.kind === "word" && !isReserved(token.text));
  if (!named) return cursor.refuse(expected);
  const field = catalog.resolve(token.text);
  if (field === undefined) throw unknownField(cursor, catalog);
  cursor.take();
  return field;
}

function unknownField(cursor: TokenCursor, catalog: FieldCatalog): FilterRefusal {
  const { token } = cursor;
  const message = `there is no field ${shortened(token.text) || "with an empty name"}`;
  return new FilterRefusal(message, { code: "unknown_field", offset: token.offset, hint: fieldHint(cursor, catalog) });
}

function fieldHint(cursor: TokenCursor, { names, absent, synonym }: FieldCatalog): string {
  const { token, next } = cursor;
  const isCalled = next.kind === "symbol" && next.text === "(";
  const elsewhere = absent?.(token.text);
  const foreign = token.kind === "word" ? foreignWord(token.text, isCalled) : undefined;
  if (elsewhere !== undefined) return elsewhere;
  if (foreign !== undefined) return foreign;
  const written = names.filter((name) => !name.includes("<"));
  const meant = synonym?.(token.text) ?? closest(token.text, written);
  const hints = [meant === undefined ? `the fields are ${alternatives(names)}` : `did you mean \`${meant}\`?`];
  // images/*
  if (next.kind === "invalid") hints.push('a filter is a condition on a field: key LIKE "images/%"');
  if (token.kind === "quoted" && token.quote === '"') {
    hints.push(`double quotes here name a field; a string is written '${shortened(token.text)}'`);
  }
  return hints.join("; ");
}

function takeList({ cursor, budget }: FilterReading, field: KnownField): readonly FilterValue[] {
  if (!cursor.takesSymbol("(")) {
    cursor.refuse(
      ["("],
      isLiteral(cursor.token) ? 'a list stands in parentheses, also of one: IN ("a", "b")' : undefined,
    );
  }
  const values = [literalValue(takeLiteral(cursor, field), field, true)];
  while (cursor.takesSymbol(",")) {
    budget.spendTerm(cursor.token);
    values.push(literalValue(takeLiteral(cursor, field), field, true));
  }
  cursor.expectSymbol(")", ",");
  return values;
}

/** The pattern behind an operator that only texts have. */
function takePattern({ cursor, budget }: FilterReading, field: KnownField, operator: FilterToken): QuotedToken {
  const texts = field.kind === "text" || (field.kind === "any" && field.holds !== "number");
  if (!texts) {
    const kind = field.kind === "instant" ? "a time" : "a number";
    throw new FilterRefusal(`${operator.text.toUpperCase()} looks into text, but ${field.name} is ${kind}`, {
      code: "type_mismatch",
      offset: operator.offset,
      expected: [...comparisons, "IN", "BETWEEN"],
    });
  }
  const token = takeString(cursor, field);
  budget.checkPatternLength(token.text, token);
  return token;
}

function takeLike(reading: FilterReading, field: KnownField, operator: FilterToken): string {
  const { cursor } = reading;
  const token = takePattern(reading, field, operator);
  const escape = cursor.takes("ESCAPE") ? takeEscape(reading, field) : "\\";
  const escaped = withBackslashes(token.text, escape);
  if (escaped.kind === "ok") {
    if (reading.budget.like(escaped.pattern, field).kind === "too_costly") throw tooCostly(field, token, reading);
    return escaped.pattern;
  }
  throw new FilterRefusal(escaped.message, {
    code: "invalid_like",
    offset: offsetWithin(token, escaped.at),
    hint:
      escape === "\\"
        ? "a backslash that is meant as itself is written \\\\, or choose another sign by ESCAPE"
        : undefined,
  });
}

function takeEscape({ cursor }: FilterReading, field: KnownField): string {
  const token = takeString(cursor, field);
  if (Array.from(token.text.slice(0, 4)).length <= 1) return token.text;
  const message = `ESCAPE takes one character, not ${asString(shortened(token.text))}`;
  throw new FilterRefusal(message, { code: "invalid_like", offset: token.offset, expected: ["one character"] });
}

function takeRegexp(reading: FilterReading, field: KnownField, operator: FilterToken): string {
  const token = takePattern(reading, field, operator);
  const compiled = reading.budget.regex(token.text, field);
  switch (compiled.kind) {
    case "ok":
      return token.text;
    case "invalid":
      throw new FilterRefusal(`not a valid pattern: ${compiled.message}`, {
        code: "invalid_regex",
        offset: offsetWithin(token, compiled.at),
        hint: compiled.hint,
      });
    case "too_costly":
      throw tooCostly(field, token, reading);
    case "too_large":
      throw new FilterRefusal("this pattern is too large, alone or with the others of the filter", {
        code: "regex_too_large",
        offset: token.offset,
        hint: "repetitions such as {1000} count as that many copies; use * or +, or smaller numbers",
      });
    default:
      return compiled satisfies never;
  }
}

/** Each pattern is small enough, but not for texts as long as those of its field, or not together with the others. */
function tooCostly(field: KnownField, { offset }: FilterToken, { budget }: FilterReading): FilterRefusal {
  const most = Math.floor(budget.limits.maxCost / longestText(field));
  return new FilterRefusal(
    `the patterns of this filter may cost too much on one event: ${field.name} may have ${longestText(field)} characters, so they may have ${most} instructions in all`,
    {
      code: "regex_too_large",
      offset,
      hint: "a text, a character class, or _ of LIKE counts as one instruction, a repetition {n} as n of what it repeats: shorten them, or use several rules",
    },
  );
}
