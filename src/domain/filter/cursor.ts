import { Refusal, shortened } from "./filter-error.ts";
import { isKeyword, isReserved, type Keyword, type Punctuation, type Token } from "./tokens.ts";

/** What to write instead of words that other query languages have. */
const foreign: Readonly<Record<string, string>> = {
  SELECT: "a filter starts at WHERE",
  FROM: "a filter starts at WHERE",
  LIMIT: "a filter looks at one event, so there is nothing to limit",
  RLIKE: "write REGEXP",
  MATCHES: "write REGEXP",
  SIMILAR: "write REGEXP",
  ILIKE: 'write REGEXP with (?i): key REGEXP "(?i)text"',
  CONTAINS: 'write LIKE: key LIKE "%text%"',
  STARTSWITH: 'write LIKE: key LIKE "text%"',
  ENDSWITH: 'write LIKE: key LIKE "%text"',
  EQ: "write =",
  XOR: "write it with AND, OR and NOT",
  ...Object.fromEntries(
    ["B", "KB", "MB", "GB", "TB", "KIB", "MIB", "GIB", "TIB", "BYTES"].map((unit) => [
      unit,
      "sizes are written in bytes, without a unit: 65536 for 64 KB",
    ]),
  ),
};

/** Where the parser stands. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#end = { kind: "end", text: "", offset: length, end: length };
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? this.#end;
  }

  /** The token before the present one. */
  get previous(): Token | undefined {
    return this.#tokens[this.#at - 1];
  }

  /** The present token; moves behind it. */
  take(): Token {
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

  takesSymbol(symbol: Punctuation): boolean {
    const found = this.token.kind === "symbol" && this.token.text === symbol;
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
      throw new Refusal(token.message, { code: token.code, offset, expected, hint: token.hint ?? hint });
    }
    const known = token.kind === "word" ? foreign[token.text.toUpperCase()] : undefined;
    const message = `unexpected ${described(token)}`;
    throw new Refusal(message, { code: "syntax", offset, expected, hint: hint ?? this.#backslashHint() ?? known });
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
export function described(token: Token): string {
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
