import { shortened } from "../plain-text.ts";
import { FilterRefusal } from "./filter-error.ts";
import { foreignWord } from "./foreign.ts";
import { type FilterToken, isKeyword, isReserved, type Keyword, type Punctuation } from "./tokens.ts";

const noArithmetic = "there is no arithmetic: write the number itself";

/** Where the parser stands. */
export class TokenCursor {
  readonly #tokens: readonly FilterToken[];
  readonly #end: FilterToken;
  #at = 0;

  constructor(tokens: readonly FilterToken[], length: number) {
    this.#tokens = tokens;
    this.#end = { kind: "end", text: "", offset: length, end: length };
  }

  get token(): FilterToken {
    return this.#tokens[this.#at] ?? this.#end;
  }

  /** The token behind the present one. */
  get next(): FilterToken {
    return this.#tokens[this.#at + 1] ?? this.#end;
  }

  /** The token before the present one. */
  get previous(): FilterToken | undefined {
    return this.#tokens[this.#at - 1];
  }

  /** The present token; moves behind it. */
  take(): FilterToken {
    const { token } = this;
    this.#at++;
    return token;
  }

  isAt(keyword: Keyword): boolean {
    return isKeyword(this.token, keyword);
  }

  /** Moves behind the keyword if it stands here. */
  takes(keyword: Keyword): boolean {
    const found = this.isAt(keyword);
    if (found) this.#at++;
    return found;
  }

  isAtSymbol(symbol: Punctuation): boolean {
    return this.token.kind === "symbol" && this.token.text === symbol;
  }

  /** Moves behind the sign if it stands here. */
  takesSymbol(symbol: Punctuation): boolean {
    const found = this.isAtSymbol(symbol);
    if (found) this.#at++;
    return found;
  }

  expect(keyword: Keyword): void {
    if (!this.takes(keyword)) this.refuse([keyword]);
  }

  expectSymbol(symbol: Punctuation, ...others: readonly string[]): void {
    if (!this.takesSymbol(symbol)) this.refuse([symbol, ...others]);
  }

  /** The present token can't stand here. */
  refuse(expected: readonly string[], hint?: string): never {
    const { token } = this;
    const { offset } = token;
    if (token.kind === "invalid") {
      const known = hint ?? this.#signHint(expected) ?? token.hint;
      throw new FilterRefusal(token.message, { code: token.code, offset, expected, hint: known });
    }
    const message = `unexpected ${described(token)}`;
    const known = hint ?? this.#backslashHint() ?? this.#placeHint(expected);
    throw new FilterRefusal(message, { code: "syntax", offset, expected, hint: known });
  }

  /** What is meant by a token that is one of this language, in a place where it has none. */
  #placeHint(expected: readonly string[]): string | undefined {
    const { token, previous, next } = this;
    if (token.kind === "word") return foreignWord(token.text, next.kind === "symbol" && next.text === "(");
    if (token.kind === "quoted" && token.quote === "'" && expected.includes("a field")) {
      return "single quotes hold a string; a field is written bare, in backticks or in double quotes";
    }
    if (token.kind === "number" && previous?.kind === "number") return noArithmetic;
    if (token.kind !== "symbol") return undefined;
    if (token.text === "," && previous?.kind === "number") return "write the digits of a number only: 1000000";
    if (token.text === ",") return "conditions are joined by AND or OR";
    if (token.text === ">" && previous?.text === "<=") return "write =";
    return undefined;
  }

  /** Signs of other languages, which mean different things by their place. */
  #signHint(expected: readonly string[]): string | undefined {
    const { text } = this.token;
    if (/^[*/+-]$/.test(text) && this.previous?.kind === "number") return noArithmetic;
    if (text === "-" && expected.includes("a field")) return "write DESC behind the field";
    if (text !== "[" && text !== "{") return undefined;
    if (expected.includes("(") && !expected.includes("a field")) return 'a list stands in parentheses: IN ("a", "b")';
    if (!expected.includes("a field")) return undefined;
    return text === "["
      ? "a field is written in backticks: `Content-Type`"
      : 'a filter is no JSON: key LIKE "images/%"';
  }

  /** `"a\"b"` ends at the second quote: say so where the rest of it makes no sense. */
  #backslashHint(): string | undefined {
    const { previous, token } = this;
    if (previous?.kind !== "quoted" || !previous.text.endsWith("\\") || token.offset !== previous.end) return undefined;
    const { quote } = previous;
    return `a backslash does not escape a quote: within a string ${quote} is written ${quote}${quote}`;
  }
}

/** A token as error messages name it. */
function described(token: FilterToken): string {
  switch (token.kind) {
    case "end":
      return "end of the filter";
    case "number":
      return `number ${token.text}`;
    case "quoted":
      if (token.quote === "`") return `field \`${shortened(token.text)}\``;
      return `string ${token.quote}${shortened(token.text)}${token.quote}`;
    case "word":
      return isReserved(token.text) ? token.text.toUpperCase() : `word ${shortened(token.text)}`;
    case "symbol":
    case "invalid":
      return shortened(token.text);
    default:
      return token satisfies never;
  }
}
