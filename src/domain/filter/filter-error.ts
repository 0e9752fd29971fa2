import { defined } from "../defined.ts";
import { characters } from "../plain-text.ts";
import type { FilterErrorCode } from "./filter-error-code.ts";
import { extentAt } from "./tokens.ts";

/** What is wrong with a filter, and where. */

export interface FilterError {
  /** Stable: match on this. */
  readonly code: FilterErrorCode;
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (a character outside the BMP is one). */
  readonly column: number;
  /** From 0, in UTF-16 code units: an index into the text. */
  readonly offset: number;
  /** How much is wrong from there, in UTF-16 code units: a token, or a character of a pattern; 0 at the end of the text. */
  readonly length: number;
  /** What could have stood there; empty when it is not a matter of syntax. */
  readonly expected: readonly string[];
  readonly hint?: string;
}

/** What a {@link FilterRefusal} says besides its message. */
interface RefusalDetails {
  readonly code: FilterErrorCode;
  readonly offset: number;
  /** Of what it is about; by default that of the token there, or of one character within a token. */
  readonly length?: number;
  readonly expected?: readonly string[];
  readonly hint?: string | undefined;
}

/** How the parser leaves its recursion. Never crosses {@link parseFilter}. */
export class FilterRefusal extends Error {
  override readonly name = "Refusal";
  readonly details: RefusalDetails;

  constructor(message: string, details: RefusalDetails) {
    super(message);
    this.details = details;
  }
}

/** The refusal as callers see it. */
export function filterError({ message, details }: FilterRefusal, text: string): FilterError {
  const { code, offset, length = extentAt(text, offset), expected = [], hint } = details;
  return {
    code,
    message,
    ...position(text, offset),
    offset,
    length,
    expected,
    ...defined({ hint }),
  };
}

/** What programs are told: all of the error, with the one sentence of {@link FilterError.message}. */
export function filterErrorData(error: FilterError): Readonly<Record<string, unknown>> {
  const { code, message, line, column, offset, length, expected, hint = null } = error;
  return { code, message, line, column, offset, length, expected, hint };
}

function position(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: characters(lines.at(-1) ?? "").length + 1 };
}

const shownBefore = 60;
const shownAfter = 40;

/**
 * The error for people: where and what, the line with a caret under the place, what was expected, and the hint.
 * Long lines are cut around the place, so the result is short however long `text` is.
 */
export function formatFilterError(error: FilterError, text: string): string {
  const start = Math.max(0, error.offset - 2 * shownBefore);
  const before = characters(lastLine(text.slice(start, error.offset)));
  const after = characters(firstLine(text.slice(error.offset, error.offset + 2 * shownAfter)));
  const left = `${before.length > shownBefore ? "…" : ""}${before.slice(-shownBefore).join("")}`;
  const right = `${after.slice(0, shownAfter).join("")}${after.length > shownAfter ? "…" : ""}`;
  return [
    `line ${error.line}, column ${error.column}: ${error.message}`,
    `  ${printable(left + right)}`,
    `  ${" ".repeat(characters(left).length)}^`,
    ...(error.expected.length === 0 ? [] : [`expected ${alternatives(error.expected)}`]),
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
  ].join("\n");
}

function lastLine(text: string): string {
  return text.split(/[\r\n]/).at(-1) ?? "";
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1).at(0) ?? "";
}

/** Tabs and control characters as blanks, so that the caret stands where it should. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, " ");
}

/** `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}
