/** A written literal → the value that its field is compared with. Types are checked here, when a filter is saved. */

import { closest } from "../closest.ts";
import { shortened } from "../plain-text.ts";
import type { TokenCursor } from "./cursor.ts";
import { FilterRefusal } from "./filter-error.ts";
import { foreignWord } from "./foreign.ts";
import { furthestInstant, parseInstant } from "./instants.ts";
import { numberHint, parseNumber } from "./numbers.ts";
import { type FilterToken, isKeyword, isReserved, type QuotedToken } from "./tokens.ts";
import type { FilterValue, KnownField } from "./tree.ts";

export type LiteralToken = Extract<FilterToken, { kind: "number" }> | QuotedToken;

/** What a literal of the field looks like, for "expected …". */
export function literalForms({ kind, holds }: KnownField): readonly string[] {
  switch (kind) {
    case "any":
      return [...(holds === "number" ? [] : ["a string"]), ...(holds === "text" ? [] : ["a number"])];
    case "text":
      return ["a string"];
    case "number":
      return ["a number"];
    case "instant":
      return ['a time such as "2024-06-23T10:38:46Z"', "Unix milliseconds"];
    default:
      return kind satisfies never;
  }
}

/** Takes the literal that stands here. Double quotes hold a string where a literal is expected. */
export function takeLiteral(cursor: TokenCursor, field: KnownField): LiteralToken {
  const { token } = cursor;
  const expected = literalForms(field);
  if (token.kind === "number" || (token.kind === "quoted" && token.quote !== "`")) {
    cursor.take();
    return token;
  }
  if (isKeyword(token, "NULL")) cursor.refuse(expected, "write IS NULL or IS NOT NULL");
  if (token.kind === "quoted" || (token.kind === "word" && !isReserved(token.text))) {
    throw new FilterRefusal(`a field can't be compared with another field (${shortened(token.text)})`, {
      code: "field_comparison",
      offset: token.offset,
      expected,
      hint: fieldLiteralHint(cursor),
    });
  }
  return cursor.refuse(expected);
}

/** What is meant by a word where a literal is expected. */
function fieldLiteralHint({ token, next }: TokenCursor): string {
  const isCalled = token.kind === "word" && next.kind === "symbol" && next.text === "(";
  const foreign = isCalled ? foreignWord(token.text, true) : undefined;
  // DATE "2024-06-23"
  if (foreign === undefined && token.kind === "word" && next.kind === "quoted") return "write the literal alone";
  return foreign ?? `if a string is meant, write it in quotes: ${asString(shortened(token.text))}`;
}

/** Takes the string that stands here, for patterns. */
export function takeString(cursor: TokenCursor, field: KnownField): QuotedToken {
  const { token } = cursor;
  const literal = takeLiteral(cursor, { name: field.name, kind: "text" });
  if (literal.kind === "quoted") return literal;
  throw new FilterRefusal(`a pattern is a string, not ${token.text}`, {
    code: "type_mismatch",
    offset: token.offset,
    expected: ["a string"],
    hint: `write it in quotes: ${asString(token.text)}`,
  });
}

/** The value of a literal for its field. `oneOf`: it is compared for equality, so it has to be a value that can occur. */
export function literalValue(token: LiteralToken, field: KnownField, oneOf: boolean): FilterValue {
  switch (field.kind) {
    case "text":
      return textValue(token, field, oneOf);
    case "number":
      return numberValue(token, field);
    case "instant":
      return instantValue(token, field);
    case "any":
      return anyValue(token, field, oneOf);
    default:
      return field.kind satisfies never;
  }
}

function textValue(token: LiteralToken, field: KnownField, oneOf: boolean): string {
  if (token.kind === "number") {
    throw new FilterRefusal(`${field.name} is text and can't be compared with the number ${token.text}`, {
      code: "type_mismatch",
      offset: token.offset,
      expected: literalForms(field),
      hint: `write it in quotes: ${asString(token.text)}; texts are ordered by character, so "9" is greater than "10"`,
    });
  }
  const { values } = field;
  if (oneOf && values !== undefined && !values.includes(token.text)) {
    const meant = closest(token.text, values);
    throw new FilterRefusal(`${field.name} is never ${asString(shortened(token.text))}`, {
      code: "unknown_value",
      offset: token.offset,
      expected: values.map(asString),
      hint: field.instead?.(token.text) ?? (meant === undefined ? undefined : `did you mean ${asString(meant)}?`),
    });
  }
  return token.text;
}

/** As it is written: quoted digits are a text, because the event need not hold a number. */
function anyValue(token: LiteralToken, field: KnownField, oneOf: boolean): FilterValue {
  if (token.kind === "number")
    return field.holds === "text" ? textValue(token, field, oneOf) : numberValue(token, field);
  if (field.holds !== "number") return textValue(token, field, oneOf);
  throw new FilterRefusal(`${field.name} is a number and can't be compared with ${asString(shortened(token.text))}`, {
    code: "type_mismatch",
    offset: token.offset,
    expected: literalForms(field),
    hint:
      parseNumber(token.text) === undefined ? numberHint(token.text.trim()) : `write it without quotes: ${token.text}`,
  });
}

/** Quoted digits are accepted: the number that they say is beyond doubt. */
function numberValue(token: LiteralToken, field: KnownField): number {
  const value = parseNumber(token.text);
  if (value !== undefined) return value;
  const quoted = token.kind === "quoted";
  throw new FilterRefusal(
    quoted
      ? `${field.name} is a number and can't be compared with ${asString(shortened(token.text))}`
      : `${shortened(token.text)} can't be kept exactly`,
    {
      code: quoted ? "type_mismatch" : "invalid_number",
      offset: token.offset,
      expected: literalForms(field),
      hint: numberHint(token.text.trim()),
    },
  );
}

/** Ten digits are seconds: as milliseconds they would be a day of early 1970, which no event can have. */
const looksLikeSeconds = /^[1-9]\d{9}$/;

function instantValue(token: LiteralToken, field: KnownField): number {
  const { text, offset } = token;
  const refuse = (message: string, hint?: string): never => {
    throw new FilterRefusal(message, { code: "invalid_time", offset, expected: literalForms(field), hint });
  };
  if (token.kind === "quoted") {
    const instant = parseInstant(text);
    if (instant !== undefined) return instant;
    return refuse(`${asString(shortened(text))} is not a time that ${field.name} can be compared with`, timeHint(text));
  }
  if (looksLikeSeconds.test(text)) return refuse(`${text} looks like Unix seconds`, `milliseconds are ${text}000`);
  const value = parseNumber(text);
  if (value !== undefined && Number.isInteger(value) && Math.abs(value) <= furthestInstant) return value;
  return refuse(`${shortened(text)} is not a whole number of Unix milliseconds`);
}

/** A day has two ends, and its place on the clock depends on where one is: better asked than guessed. */
function timeHint(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(`${text}T00:00:00Z`) !== undefined) {
    return `a day alone is not a moment; its first one in UTC is "${text}T00:00:00Z"`;
  }
  if (parseInstant(`${text}Z`) !== undefined) return `say in which time zone: "${text}Z" for UTC, or "${text}+02:00"`;
  if (/^-?\d{11,}$/.test(text)) return "Unix milliseconds are written without quotes";
  return "write it as RFC 3339 does: 2024-06-23T10:38:46Z";
}

/** As a string is written in a filter. */
export function asString(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
