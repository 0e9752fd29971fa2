/**
 * Where one stands in a filter that is still being written: the grammar of `parse.ts` as steps from token to token. Whatever is wrong, it
 * reads on behind it, because an editor has to help there too.
 */
import { type FilterToken, isKeyword, isReserved, type Keyword } from "./tokens.ts";
import { comparisons, type FieldCatalog, type KnownField } from "./tree.ts";

/** What may come next. A `field` is absent where it is unknown. */
export type WritingPlace =
  /** `isFirst`: nothing was written yet. */
  | { readonly at: "condition"; readonly isFirst: boolean }
  | { readonly at: "operator"; readonly field: KnownField | undefined; readonly negated: boolean }
  | { readonly at: "literal"; readonly field: KnownField | undefined; readonly of: LiteralOf }
  | { readonly at: "list" | "listed"; readonly field: KnownField | undefined }
  /** The AND of BETWEEN, behind its lower end. */
  | { readonly at: "between"; readonly field: KnownField | undefined; readonly low: FilterToken }
  | { readonly at: "pattern"; readonly isLike: boolean }
  | { readonly at: "null"; readonly negated: boolean }
  | { readonly at: "joint"; readonly mayEscape: boolean }
  /** Of `1024 < size`. */
  | { readonly at: "mirroredOperator"; readonly literal: FilterToken }
  | { readonly at: "mirroredField"; readonly literal: FilterToken; readonly isEquality: boolean }
  | { readonly at: "by" | "orderedField" }
  | { readonly at: "ordered"; readonly isDirected: boolean };

/** `low`: the token that the end of a BETWEEN has to be of the same kind as. */
type LiteralOf =
  | { readonly kind: "comparison" | "list" | "low" }
  | { readonly kind: "high"; readonly low: FilterToken };

/** A place, and how many parentheses are open there. */
export interface WritingState {
  readonly place: WritingPlace;
  readonly depth: number;
}

export const filterStart: WritingState = { place: { at: "condition", isFirst: true }, depth: 0 };

/** Where one stands behind `token`. */
export function behindToken({ place, depth }: WritingState, token: FilterToken, fields?: FieldCatalog): WritingState {
  if (token.kind === "symbol" && token.text === "(" && place.at === "condition")
    return { place: condition, depth: depth + 1 };
  if (token.kind === "symbol" && token.text === ")" && place.at !== "listed") {
    return { place: joint, depth: Math.max(0, depth - 1) };
  }
  if (isKeyword(token, "ORDER")) return { place: { at: "by" }, depth };
  const isJoining = isKeyword(token, "OR") || (isKeyword(token, "AND") && place.at !== "between");
  return { place: isJoining ? condition : next(place, token, fields), depth };
}

const condition: WritingPlace = { at: "condition", isFirst: false };
const joint: WritingPlace = { at: "joint", mayEscape: false };

function next(place: WritingPlace, token: FilterToken, fields: FieldCatalog | undefined): WritingPlace {
  switch (place.at) {
    case "condition":
      if (isKeyword(token, "NOT") || isKeyword(token, "WHERE")) return condition;
      if (token.kind === "number" || isString(token)) return { at: "mirroredOperator", literal: token };
      return isName(token) ? { at: "operator", field: fields?.resolve(token.text), negated: false } : condition;
    case "operator":
      return behindOperator(place, token);
    case "literal":
      return isLiteral(token) || isName(token) ? behindLiteral(place, token) : place;
    case "list":
      return token.text === "(" ? { at: "literal", field: place.field, of: { kind: "list" } } : place;
    case "listed":
      if (token.text === ",") return { at: "literal", field: place.field, of: { kind: "list" } };
      return token.text === ")" ? joint : place;
    case "between":
      return isKeyword(token, "AND")
        ? { at: "literal", field: place.field, of: { kind: "high", low: place.low } }
        : place;
    case "pattern":
      return isLiteral(token) || isName(token) ? { at: "joint", mayEscape: place.isLike } : place;
    case "null":
      return isKeyword(token, "NOT") ? { at: "null", negated: true } : joint;
    case "joint":
      return isKeyword(token, "ESCAPE") && place.mayEscape ? { at: "pattern", isLike: false } : place;
    case "mirroredOperator": {
      const isEquality = token.text === "=" || token.text === "!=";
      return isComparison(token) ? { at: "mirroredField", literal: place.literal, isEquality } : place;
    }
    case "mirroredField":
      return isName(token) || isLiteral(token) ? joint : place;
    case "by":
      return isKeyword(token, "BY") ? { at: "orderedField" } : place;
    case "orderedField":
      return isName(token) ? { at: "ordered", isDirected: false } : place;
    case "ordered":
      if (token.text === ",") return { at: "orderedField" };
      return isKeyword(token, "ASC") || isKeyword(token, "DESC") ? { at: "ordered", isDirected: true } : place;
    default:
      return place satisfies never;
  }
}

const patterns: readonly Keyword[] = ["LIKE", "REGEXP"];

function behindOperator(place: Extract<WritingPlace, { at: "operator" }>, token: FilterToken): WritingPlace {
  const { field } = place;
  if (isComparison(token)) return { at: "literal", field, of: { kind: "comparison" } };
  if (isKeyword(token, "NOT")) return { at: "operator", field, negated: true };
  if (isKeyword(token, "IS")) return { at: "null", negated: false };
  if (isKeyword(token, "IN")) return { at: "list", field };
  if (isKeyword(token, "BETWEEN")) return { at: "literal", field, of: { kind: "low" } };
  if (patterns.some((keyword) => isKeyword(token, keyword))) return { at: "pattern", isLike: isKeyword(token, "LIKE") };
  return isLiteral(token) ? joint : place;
}

function behindLiteral({ field, of }: Extract<WritingPlace, { at: "literal" }>, token: FilterToken): WritingPlace {
  switch (of.kind) {
    case "list":
      return { at: "listed", field };
    case "low":
      return { at: "between", field, low: token };
    case "comparison":
    case "high":
      return joint;
    default:
      return of satisfies never;
  }
}

function isComparison(token: FilterToken): boolean {
  return token.kind === "symbol" && (comparisons as readonly string[]).includes(token.text);
}

/** Beyond doubt, wherever it stands. */
function isString(token: FilterToken): boolean {
  return token.kind === "quoted" && token.quote === "'";
}

function isLiteral(token: FilterToken): boolean {
  return token.kind === "number" || token.kind === "quoted";
}

function isName(token: FilterToken): boolean {
  return (token.kind === "word" && !isReserved(token.text)) || (token.kind === "quoted" && token.quote !== "'");
}
