/** A filter in colours. */
import { behindToken, filterStart, type WritingPlace } from "./places.ts";
import { type FilterToken, isReserved, tokenize } from "./tokens.ts";

/** A part of a filter. What lies between two of them are blanks. */
export interface ShownToken {
  readonly kind: "keyword" | "field" | "operator" | "string" | "number" | "punctuation" | "invalid";
  /** From 0, in UTF-16 code units. */
  readonly from: number;
  /** Just behind it. */
  readonly to: number;
}

/** The parser's own tokens, in order, whether or not the filter is a whole one: what double quotes hold goes by their place. */
export function tokensOf(text: string): readonly ShownToken[] {
  const shown: ShownToken[] = [];
  let standing = filterStart;
  for (const token of tokenize(text)) {
    if (token.kind === "end") break;
    shown.push({ kind: kindOf(token, standing.place), from: token.offset, to: token.end });
    standing = behindToken(standing, token);
  }
  return shown;
}

function kindOf(token: Exclude<FilterToken, { kind: "end" }>, { at }: WritingPlace): ShownToken["kind"] {
  switch (token.kind) {
    case "word":
      return isReserved(token.text) ? "keyword" : "field";
    case "number":
    case "invalid":
      return token.kind;
    case "symbol":
      return token.text === "(" || token.text === ")" || token.text === "," ? "punctuation" : "operator";
    case "quoted": {
      if (token.quote !== '"') return token.quote === "`" ? "field" : "string";
      return at === "condition" || at === "mirroredField" || at === "orderedField" ? "field" : "string";
    }
    default:
      return token satisfies never;
  }
}
