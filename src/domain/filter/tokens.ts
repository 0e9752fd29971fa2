/** Text → tokens. What is no token becomes an `invalid` one, so that the parser can say what it expected there instead. */
import { defined } from "../defined.ts";
import type { FilterErrorCode } from "./filter-error-code.ts";
import { numberHint } from "./numbers.ts";
import type { Comparison } from "./tree.ts";

export type Punctuation = Comparison | "(" | ")" | ",";

interface Place {
  readonly offset: number;
  /** Just behind it. */
  readonly end: number;
}

export type FilterToken = Place &
  (
    | { readonly kind: "word"; readonly text: string }
    | { readonly kind: "number"; readonly text: string }
    /** Unquoted. Backticks always name a field; single quotes always hold a string; double quotes go by position. */
    | { readonly kind: "quoted"; readonly text: string; readonly quote: Quote }
    | { readonly kind: "symbol"; readonly text: Punctuation }
    | { readonly kind: "end"; readonly text: "" }
    | {
        readonly kind: "invalid";
        readonly text: string;
        readonly code: FilterErrorCode;
        readonly message: string;
        readonly hint?: string;
      }
  );
export type QuotedToken = Extract<FilterToken, { kind: "quoted" }>;
type Quote = "`" | '"' | "'";

const filterKeywords = [
  "WHERE",
  "AND",
  "OR",
  "NOT",
  "IN",
  "REGEXP",
  "LIKE",
  "ESCAPE",
  "BETWEEN",
  "IS",
  "NULL",
  "ORDER",
  "BY",
  "ASC",
  "DESC",
] as const;
export type Keyword = (typeof filterKeywords)[number];

export function isKeyword(token: FilterToken, keyword: Keyword): boolean {
  return token.kind === "word" && token.text.toUpperCase() === keyword;
}

export function isReserved(word: string): boolean {
  return (filterKeywords as readonly string[]).includes(word.toUpperCase());
}

const blank = /\s+/uy;
const word = /[\p{L}_][\p{L}\p{N}_.:-]*/uy;
const number = /[+-]?\d+(?:\.\d+)?/uy;
const numberTail = /[\p{L}\p{N}_.%]+/uy;
const symbols = ["<=", ">=", "<>", "!=", "==", "=", "<", ">", "(", ")", ","] as const;

/** All tokens, the last one `end`. An unterminated quote ends the list: nothing behind it can be understood. */
export function tokenize(text: string): readonly FilterToken[] {
  const tokens: FilterToken[] = [];
  let offset = behind(blank, text, 0);
  while (offset < text.length) {
    const token = tokenAt(text, offset);
    tokens.push(token);
    offset = behind(blank, text, token.end);
  }
  tokens.push({ kind: "end", text: "", offset: text.length, end: text.length });
  return tokens;
}

/** Where the match of a sticky expression at `offset` ends; `offset` when there is none. */
function behind(expression: RegExp, text: string, offset: number): number {
  expression.lastIndex = offset;
  return expression.test(text) ? expression.lastIndex : offset;
}

function tokenAt(text: string, offset: number): FilterToken {
  const first = text.charAt(offset);
  if (first === '"' || first === "'" || first === "`") return quotedAt(text, offset, first);
  const wordEnd = behind(word, text, offset);
  if (wordEnd > offset) return { kind: "word", text: text.slice(offset, wordEnd), offset, end: wordEnd };
  const numberEnd = behind(number, text, offset);
  if (numberEnd > offset) return numberAt(text, offset, numberEnd);
  const symbol = symbols.find((symbol) => text.startsWith(symbol, offset));
  if (symbol === undefined) return strange(text, offset);
  const place = { offset, end: offset + symbol.length };
  if (symbol === "==") {
    return { kind: "invalid", text: symbol, ...place, code: "syntax", message: "unexpected ==", hint: "write =" };
  }
  return { kind: "symbol", text: symbol === "<>" ? "!=" : symbol, ...place };
}

function quotedAt(text: string, offset: number, quote: Quote): FilterToken {
  let close = text.indexOf(quote, offset + 1);
  while (close >= 0 && text.charAt(close + 1) === quote) close = text.indexOf(quote, close + 2);
  if (close < 0) {
    const what = quote === "`" ? "field name" : "string";
    return {
      kind: "invalid",
      text: text.slice(offset),
      offset,
      end: text.length,
      code: "unterminated",
      message: `this ${what} has no closing ${quote}`,
      hint: `a ${quote} within it is written twice (${quote}${quote}); a backslash does not escape it`,
    };
  }
  const inner = text.slice(offset + 1, close).replaceAll(quote + quote, quote);
  return { kind: "quoted", text: inner, quote, offset, end: close + 1 };
}

function numberAt(text: string, offset: number, numberEnd: number): FilterToken {
  const end = behind(numberTail, text, numberEnd);
  const written = text.slice(offset, end);
  if (end === numberEnd) return { kind: "number", text: written, offset, end };
  const message = `${written.slice(0, 40)} is not a number`;
  const hint = numberHint(written);
  return {
    kind: "invalid",
    text: written,
    offset,
    end,
    code: "invalid_number",
    message,
    ...defined({ hint }),
  };
}

const strangers: readonly (readonly [RegExp, string])[] = [
  [/^[\u2018-\u201f\u00ab\u00bb\u00b4]/u, "typographic quotes are not quotes: write \" or '"],
  [/^--|^\/\*|^#/u, "comments are not supported"],
  [/^;/u, "a filter has no final semicolon"],
  [/^\.\d/u, "write a digit before the point: 0.5"],
  [/^[+-]/u, "there is no arithmetic: write the number itself"],
  [/^&/u, "write AND"],
  [/^\|/u, "write OR"],
  [/^!~/u, "write NOT REGEXP"],
  [/^!/u, "write NOT, or != to compare"],
  [/^~/u, "write REGEXP"],
  [/^[?@:]|^\$\w/u, "there are no parameters: write the value itself"],
  [/^[\^$\\/*.[{]/u, 'patterns are strings: put them in quotes, as in key REGEXP "^images"'],
];

function strange(text: string, offset: number): FilterToken {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const rest = text.slice(offset, offset + 2);
  const hint = strangers.find(([form]) => form.test(rest))?.[1];
  return {
    kind: "invalid",
    text: character,
    offset,
    end: offset + character.length,
    code: "syntax",
    message: `unexpected character ${JSON.stringify(character)}`,
    ...defined({ hint }),
  };
}

/** The index in the filter of character `index` of what a quoted token holds: doubled quotes take two places. */
export function offsetWithin(token: QuotedToken, index: number): number {
  const doubled = token.text.slice(0, index).split(token.quote).length - 1;
  return token.offset + 1 + index + doubled;
}

/** How much of the text something at `offset` is about: the token that begins there, one character within a token, nothing at the end. */
export function extentAt(text: string, offset: number): number {
  if (offset >= text.length) return 0;
  const token = tokenize(text).find(({ end }) => end > offset);
  if (token?.offset === offset) return token.end - offset;
  return String.fromCodePoint(text.codePointAt(offset) ?? 0).length;
}
