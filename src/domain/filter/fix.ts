/** What to write instead of what is wrong in a filter, for editors that offer to do it. */
import { closest } from "../closest.ts";
import { type Parsed, parseFilter } from "./filter.ts";
import type { FilterError } from "./filter-error.ts";
import { parseInstant } from "./instants.ts";
import { asString } from "./literals.ts";
import { bytesOfSize } from "./numbers.ts";
import { printField } from "./print.ts";
import { type FilterToken, tokenize } from "./tokens.ts";
import type { FieldCatalog } from "./tree.ts";

export interface FilterFix {
  /** What it replaces, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Of other languages, and what stands here for them. An empty text: it is left out. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/^&&?/, "AND"],
  [/^\|\|?/, "OR"],
  [/^!~/, "NOT REGEXP"],
  [/^==/, "="],
  [/^=?~/, "REGEXP"],
  [/^!/, "NOT "],
  [/^;\s*$/, ""],
  [/^(?:eq|equals)\b/i, "="],
  [/^neq?\b/i, "!="],
  [/^gte?\b|^ge\b/i, ">="],
  [/^lte?\b|^le\b/i, "<="],
  [/^(?:rlike|regex|regexpp|match(?:es)?)\b/i, "REGEXP"],
  [/^ISNULL\b/i, "IS NULL"],
  [/^NOTNULL\b/i, "IS NOT NULL"],
];

/**
 * A change after which the filter is read beyond the place of `error`; `undefined` when none is known. Each is tried before it is offered, so
 * what it makes is understood by the parser, though it may not be what was meant.
 */
export function fixOf(text: string, error: FilterError, catalog: FieldCatalog): FilterFix | undefined {
  for (const fix of candidates(text, error, catalog)) {
    const parsed = parseFilter(text.slice(0, fix.from) + fix.text + text.slice(fix.to), catalog);
    if (isBeyond(parsed, fix)) return fix;
  }
  return undefined;
}

function isBeyond(parsed: Parsed, { from, text }: FilterFix): boolean {
  return parsed.kind === "ok" || parsed.error.offset >= from + Math.max(text.trimEnd().length, 1);
}

function* candidates(text: string, error: FilterError, catalog: FieldCatalog): Generator<FilterFix, void, void> {
  const from = error.offset;
  const token = tokenize(text).find(({ offset, end }) => offset <= from && end > from);
  if (token === undefined) return;
  const at = { from: token.offset, to: token.end };
  switch (error.code) {
    case "unknown_field": {
      const names = catalog.names.filter((name) => !name.includes("<"));
      const meant = catalog.synonym?.(token.text) ?? closest(token.text, names);
      if (meant !== undefined && !meant.includes("<")) yield { ...at, text: printField(meant) };
      return;
    }
    case "unknown_value": {
      const values = error.expected.map((written) => written.slice(1, -1));
      const meant = closest(token.text, values) ?? closest(token.text.toUpperCase(), values);
      if (meant !== undefined) yield { ...at, text: asString(meant) };
      return;
    }
    case "field_comparison":
      yield { ...at, text: asString(token.text) };
      return;
    case "type_mismatch":
    case "invalid_number":
    case "invalid_time":
      for (const literal of literals(token)) yield { ...at, text: literal };
      return;
    case "unterminated":
      yield { ...at, text: token.text.trimEnd() + token.text.charAt(0) };
      return;
    case "syntax": {
      const rest = text.slice(from);
      // Of =~ the first half is understood.
      const start = rest.startsWith("~") && text.charAt(from - 1) === "=" ? from - 1 : from;
      for (const [form, instead] of signs) {
        const [found] = form.exec(text.slice(start)) ?? [];
        if (found !== undefined) yield { from: start, to: start + found.length, text: instead };
      }
      const [quoted, inner] = /^[\u2018-\u201f]([^\u2018-\u201f]*)[\u2018-\u201f]/.exec(rest) ?? [];
      if (quoted !== undefined) yield { from, to: from + quoted.length, text: asString(inner ?? "") };
      return;
    }
    default:
      return;
  }
}

/** What a literal of the wrong kind may have been meant as. */
function* literals({ kind, text }: FilterToken): Generator<string, void, void> {
  const bytes = bytesOfSize(text.trim());
  if (bytes !== undefined) yield String(bytes);
  if (kind === "number") {
    yield asString(text);
    yield `${text}000`;
    return;
  }
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) yield text;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) yield asString(`${text}T00:00:00Z`);
  if (parseInstant(`${text}Z`) !== undefined) yield asString(`${text}Z`);
}
