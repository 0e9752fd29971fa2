/** What could be written next in a filter, for editors. */
import { FilterRefusal } from "./filter-error.ts";
import { asString, type LiteralToken, literalValue } from "./literals.ts";
import { behindToken, filterStart, type WritingPlace, type WritingState } from "./places.ts";
import { printField } from "./print.ts";
import { type FilterToken, tokenize } from "./tokens.ts";
import { comparisons, type FieldCatalog, type KnownField } from "./tree.ts";

export interface Suggestion {
  /** What is to stand between `from` and `to`. */
  readonly text: string;
  readonly kind: "field" | "operator" | "value" | "keyword";
  /** For people; may be empty. */
  readonly detail: string;
}

export interface Completion {
  /** What a suggestion replaces, in UTF-16 code units: what was begun, or nothing. */
  readonly from: number;
  readonly to: number;
  /** The best first; at most {@link mostSuggestions}. */
  readonly suggestions: readonly Suggestion[];
}

/** What is known where the filter will be used. */
export interface CompletionCatalog {
  readonly fields: FieldCatalog;
  /** Names that `fields` has only as a family, such as those of the tags that objects had lately. */
  readonly names?: readonly string[];
  /** Values that a field had lately, by its canonical name; of one with a closed set of values that set is offered. */
  readonly values?: ReadonlyMap<string, readonly string[]>;
  /** Whether an order means something: in lists. */
  readonly isList?: boolean;
}

export const mostSuggestions = 100;

/**
 * What fits at `offset`, by what was begun there. Of a text that the parser would read up to there it makes one that it would read up to the
 * end of the suggestion, but for the limits of length, depth and number. Never throws; an offset outside of the text is its nearest end.
 */
export function complete(text: string, offset: number, catalog: CompletionCatalog): Completion {
  const cursor = Math.min(Math.max(Math.trunc(offset) || 0, 0), text.length);
  let standing = filterStart;
  let begun: FilterToken | undefined;
  for (const token of tokenize(text)) {
    if (token.offset >= cursor || token.kind === "end") break;
    if (isBegun(token, cursor, standing.place)) {
      begun = token;
      break;
    }
    standing = behindToken(standing, token, catalog.fields);
  }
  const from = begun?.offset ?? cursor;
  const to = begun === undefined ? cursor : endOf(text, cursor, begun);
  const typed = text.slice(from, cursor);
  const all = candidatesAt(standing, { typed, catalog });
  const candidates = isQuoted(typed) ? all.filter(({ kind }) => kind === "field" || kind === "value") : all;
  const glue = /^[\p{L}\p{N}_.:-]/u.test(text.slice(to, to + 2));
  const suggestions = ranked(candidates, bare(typed)).map(({ text: written, kind, detail }) => {
    return { text: glue && /\w$/.test(written) ? `${written} ` : written, kind, detail };
  });
  return { from, to, suggestions };
}

/** Whether the cursor stands in a token that may become another one, rather than behind one that is complete. */
function isBegun(token: FilterToken, cursor: number, { at }: WritingPlace): boolean {
  if (cursor > token.end) return false;
  switch (token.kind) {
    case "quoted":
      return cursor < token.end;
    case "symbol":
      // Of < and > something longer may come; behind = one goes on to the value.
      if (at !== "operator" && at !== "mirroredOperator") return false;
      return cursor < token.end || token.text === "<" || token.text === ">";
    default:
      return true;
  }
}

/** Up to where something that was begun is replaced: not what an open quote has swallowed. */
function endOf(text: string, cursor: number, { kind, end }: FilterToken): number {
  if (kind === "word" || kind === "number" || kind === "symbol") return end;
  return kind === "quoted" && !/\s/.test(text.slice(cursor, end)) ? end : cursor;
}

interface Candidate extends Suggestion {
  /** Without quotes: what was typed is looked for in it. */
  readonly label: string;
}

interface Asked {
  readonly typed: string;
  readonly catalog: CompletionCatalog;
}

function candidatesAt({ place, depth }: WritingState, asked: Asked): readonly Candidate[] {
  const { catalog } = asked;
  const order = catalog.isList === true && depth === 0 ? words(["ORDER BY"], "in which order") : [];
  switch (place.at) {
    case "condition":
      return [
        ...fieldsFor(asked, () => true),
        ...words(["NOT", "("]),
        ...(place.isFirst ? [...words(["WHERE"]), ...order] : []),
      ];
    case "operator":
      return operatorsOf(place);
    case "literal":
      return valuesFor(place, asked);
    case "list":
      return words(["("]);
    case "listed":
      return words([",", ")"]);
    case "between":
      return words(["AND"], "and the upper end, which is included");
    case "pattern":
      return [];
    case "null":
      return words(place.negated ? ["NULL"] : ["NULL", "NOT NULL"]);
    case "joint":
      return [
        ...words(["AND", "OR"]),
        ...(depth > 0 ? words([")"]) : []),
        ...(place.mayEscape ? words(["ESCAPE"], "another sign than the backslash") : []),
        ...order,
      ];
    case "mirroredOperator":
      return comparisons.map(operator);
    case "mirroredField":
      return fieldsFor(asked, (field) => fits(place.literal, field, place.isEquality));
    case "by":
      return words(["BY"]);
    case "orderedField":
      return fieldsFor(asked, () => true);
    case "ordered":
      return [...words([","]), ...(place.isDirected ? [] : words(["ASC", "DESC"]))];
    default:
      return place satisfies never;
  }
}

function words(texts: readonly string[], detail = ""): readonly Candidate[] {
  return texts.map((text) => ({ text, kind: "keyword", detail, label: text }));
}

const operatorDetails: Readonly<Record<string, string>> = {
  "=": "equal",
  "!=": "not equal",
  "<": "less",
  "<=": "less or equal",
  ">": "greater",
  ">=": "greater or equal",
  IN: "one of a list",
  LIKE: "the whole text; % is any text, _ any one character",
  REGEXP: "anywhere in the text; RE2 syntax",
  BETWEEN: "both ends included",
  "IS NULL": "the event has no such field",
  "IS NOT NULL": "the event has the field",
};

function operator(text: string): Candidate {
  const detail = operatorDetails[text] ?? `not: ${operatorDetails[text.replace("NOT ", "")] ?? ""}`;
  return { text, kind: "operator", detail, label: text };
}

/** What a field can be asked with; `undefined`: a field of any kind. */
export function operatorsFor(field: KnownField | undefined): readonly string[] {
  const holdsText = field === undefined || field.kind === "text" || (field.kind === "any" && field.holds !== "number");
  return [...comparisons, "IN", "BETWEEN", ...(holdsText ? ["LIKE", "REGEXP"] : []), "IS NULL", "IS NOT NULL"];
}

function operatorsOf({ field, negated }: Extract<WritingPlace, { at: "operator" }>): readonly Candidate[] {
  const all = operatorsFor(field);
  const named = all.filter((text) => /^[A-HJ-Z]|^IN/.test(text));
  return (negated ? named : [...all, ...named.map((text) => `NOT ${text}`)]).map(operator);
}

const kindNames = { text: "text", number: "number", instant: "time", any: "text or number" } as const;

function fieldsFor({ typed, catalog }: Asked, isWanted: (field: KnownField) => boolean): readonly Candidate[] {
  if (typed.startsWith("'")) return [];
  const { fields, names = [] } = catalog;
  const found = new Map<string, Candidate>();
  for (const name of [...fields.names.flatMap((known) => written(known, names)), ...names]) {
    const field = fields.resolve(name);
    if (field === undefined || !isWanted(field) || found.has(name)) continue;
    const detail = field.holds ?? kindNames[field.kind];
    found.set(name, { text: inQuotes(typed, name) ?? printField(name), kind: "field", detail, label: name });
  }
  return [...found.values()];
}

/** Of a family one with a name to be put in, unless some of its names are known. */
function written(name: string, names: readonly string[]): readonly string[] {
  const family = name.indexOf("<");
  if (family < 0) return [name];
  const prefix = name.slice(0, family);
  return prefix === "" || names.some((known) => known.startsWith(prefix)) ? [] : [name.replaceAll(/[<>]/g, "")];
}

function valuesFor(
  { field, of }: Extract<WritingPlace, { at: "literal" }>,
  { typed, catalog }: Asked,
): readonly Candidate[] {
  const isText = field !== undefined && (field.kind === "text" || (field.kind === "any" && field.holds !== "number"));
  if (!isText || typed.startsWith("`")) return [];
  // The other end was a number.
  if (of.kind === "high" && of.low.kind !== "quoted") return [];
  const { values } = field;
  const detail = values === undefined ? "seen lately" : `of ${field.name}`;
  return (values ?? catalog.values?.get(field.name) ?? []).map((value) => {
    return { text: inQuotes(typed, value) ?? asString(value), kind: "value", detail, label: value };
  });
}

function fits(literal: FilterToken, field: KnownField, isEquality: boolean): boolean {
  try {
    literalValue(literal as LiteralToken, field, isEquality);
    return true;
  } catch (thrown) {
    if (thrown instanceof FilterRefusal) return false;
    throw thrown;
  }
}

function isQuoted(typed: string): boolean {
  return /^["'`]/.test(typed);
}

/** In the quotes that were begun; `undefined` when none were. */
function inQuotes(typed: string, text: string): string | undefined {
  const quote = typed.charAt(0);
  return isQuoted(typed) ? quote + text.replaceAll(quote, quote + quote) + quote : undefined;
}

function bare(typed: string): string {
  const quote = typed.charAt(0);
  return isQuoted(typed) ? typed.slice(1).replaceAll(quote + quote, quote) : typed;
}

/** Those that begin with what was typed, then those that hold it, each in their order. */
function ranked(candidates: readonly Candidate[], typed: string): readonly Candidate[] {
  const wanted = typed.toLowerCase();
  const places = candidates.map((candidate) => ({ candidate, place: candidate.label.toLowerCase().indexOf(wanted) }));
  const first = places.filter(({ place }) => place === 0);
  const later = places.filter(({ place }) => place > 0);
  return [...first, ...later].slice(0, mostSuggestions).map(({ candidate }) => candidate);
}
