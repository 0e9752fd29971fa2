/** What an index over many filters looks up of one: by which of its conditions few events have to be asked, and what is left to ask then. */
import { splitLike } from "../../patterns/like.ts";
import { plainShape } from "../../patterns/regex.ts";
import { withoutNot } from "../negation.ts";
import { printCondition } from "../print.ts";
import { type Field, type FilterCondition, type FilterValue, type Predicate, predicatesIn } from "../tree.ts";
import { regexpEnds } from "./regexp-ends.ts";

/** A field that is a value, or a text that begins or ends with one. */
export interface FilterKey {
  readonly kind: "equals" | "prefix" | "suffix";
  readonly field: string;
  readonly value: FilterValue;
}

/** A filter, taken apart. */
export interface FilterAccess {
  /** Whatever the filter matches has one of these. Empty: nothing is known. */
  readonly keys: readonly FilterKey[];
  /**
   * SharedConditions that cost next to nothing: the filter is TRUE just where one of the keys holds (if there are any) and each of these is TRUE.
   * Absent: it has to be asked as a whole.
   */
  readonly rest?: readonly string[];
}

/** Ways in to one condition. `exact`: it is TRUE just where one of the keys holds. */
interface Cover {
  readonly keys: readonly FilterKey[];
  readonly exact: boolean;
  /** The greater, the fewer events have one of the keys, as far as can be guessed. */
  readonly score: number;
}

/** A filter has at most so many keys: each takes some sixty bytes. */
const mostKeys = 64;
/** Characters of all keys, and of all that is left to ask: longer ones are hardly shared, and would be kept twice. */
const mostKeyLength = 2_048;
const mostRestLength = 512;

/** @param tree `undefined`: everything is wanted. */
export function accessOf(tree: FilterCondition | undefined): FilterAccess {
  if (tree === undefined) return { keys: [], rest: [] };
  const positive = withoutNot(tree, new Map());
  const terms = positive.kind === "and" ? positive.terms : [positive];
  let best: { readonly term: FilterCondition; readonly cover: Cover } | undefined;
  for (const term of terms) {
    const cover = coverOf(term);
    if (cover !== undefined && cover.score > (best?.cover.score ?? 0)) best = { term, cover };
  }
  const keys = best?.cover.keys ?? [];
  const left = best?.cover.exact === true ? terms.filter((term) => term !== best.term) : terms;
  if (!left.every(isQuick)) return { keys };
  const rest = left.map(printCondition);
  return rest.reduce((sum, { length }) => sum + length, 0) > mostRestLength ? { keys } : { keys, rest };
}

/** Whether asking it costs next to nothing, whatever the event holds. */
function isQuick(condition: FilterCondition): boolean {
  for (const predicate of predicatesIn(condition)) {
    if (predicate.kind !== "like" && predicate.kind !== "regexp") continue;
    if (predicate.field.kind === "any") return false;
    const isPlain =
      predicate.kind === "like"
        ? splitLike(predicate.pattern).plain !== undefined
        : plainShape(predicate.pattern) !== undefined;
    if (!isPlain) return false;
  }
  return true;
}

function coverOf(condition: FilterCondition): Cover | undefined {
  switch (condition.kind) {
    case "not":
      return undefined;
    case "and": {
      const covers = condition.terms.map(coverOf).filter((cover) => cover !== undefined);
      const best = covers.toSorted((one, other) => other.score - one.score)[0];
      return best && { ...best, exact: false };
    }
    case "or": {
      const covers = condition.terms.map(coverOf);
      return covers.every((cover) => cover !== undefined) ? joinedCover(covers) : undefined;
    }
    default:
      return ofPredicate(condition);
  }
}

function joinedCover(covers: readonly Cover[]): Cover | undefined {
  const keys = covers.flatMap((cover) => cover.keys);
  const least = Math.min(...covers.map(({ score }) => score));
  return bounded({ keys, exact: covers.every(({ exact }) => exact), score: least / covers.length });
}

function bounded(cover: Cover): Cover | undefined {
  const { keys } = cover;
  if (keys.length > mostKeys) return undefined;
  const length = keys.reduce((sum, { value }) => sum + (typeof value === "string" ? value.length : 8), 0);
  return length > mostKeyLength ? undefined : cover;
}

function ofPredicate(predicate: Predicate): Cover | undefined {
  const { field } = predicate;
  switch (predicate.kind) {
    case "compare":
      return predicate.operator === "=" ? ofKeys(field, equal([predicate.value]), true) : undefined;
    case "in":
      return predicate.negated ? undefined : ofKeys(field, equal(predicate.values), true);
    case "like":
      return predicate.negated ? undefined : ofLike(field, predicate.pattern);
    case "regexp":
      return predicate.negated ? undefined : ofRegexp(field, predicate.pattern);
    case "between":
    case "null":
      return undefined;
    default:
      return predicate satisfies never;
  }
}

type Way = Omit<FilterKey, "field">;

function equal(values: readonly FilterValue[]): Way[] {
  return [...new Set(values)].map((value) => ({ kind: "equals", value }));
}

function ofKeys({ name }: Field, ways: readonly Way[], exact: boolean): Cover | undefined {
  const keys = ways.map((way): FilterKey => ({ ...way, field: name }));
  if (keys.length === 0 || keys.some(({ value }) => value === "" && keys[0]?.kind !== "equals")) return undefined;
  return bounded({ keys, exact, score: Math.min(...keys.map(scoreOf)) / keys.length });
}

function ofLike(field: Field, pattern: string): Cover | undefined {
  const { first, last, plain } = splitLike(pattern);
  if (plain?.length === 1) return ofKeys(field, [{ kind: "equals", value: first }], true);
  const exact = plain?.length === 2 && (first === "" || last === "");
  return first.length >= last.length
    ? ofKeys(field, [{ kind: "prefix", value: first }], exact)
    : ofKeys(field, [{ kind: "suffix", value: last }], exact);
}

function ofRegexp(field: Field, pattern: string): Cover | undefined {
  const shape = plainShape(pattern);
  if (shape === undefined) {
    const ends = regexpEnds(pattern);
    return (
      ends &&
      ofKeys(
        field,
        ends.texts.map((value) => ({ kind: ends.kind, value })),
        false,
      )
    );
  }
  return shape.kind === "contains" ? undefined : ofKeys(field, [{ kind: shape.kind, value: shape.text }], true);
}

/** Fields that hold one of a few values, and what many objects share. */
const scores: Readonly<Record<string, number>> = { "Event-Type": 1, Reason: 1, bucket: 1, "Content-Type": 25 };

function scoreOf({ kind, field, value }: FilterKey): number {
  const length = typeof value === "string" ? value.length : 0;
  if (kind === "suffix") return 5 + length;
  if (kind === "prefix") return 30 + length;
  if (value === "true" || value === "false") return 2;
  return scores[field] ?? (field === "key" || field === "ETag" ? 5_000 : 60 + length);
}
