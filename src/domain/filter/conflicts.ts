/** Conditions that nothing can meet: a value that a field never has, or several conditions that exclude each other. */

import { plainShape } from "../patterns/regex.ts";
import { compareText } from "../patterns/text-test.ts";
import type { Filter } from "./filter.ts";
import { alternatives } from "./filter-error.ts";
import { furthestInstant } from "./instants.ts";
import { likePrefix } from "./key-prefix.ts";
import { asString } from "./literals.ts";
import { withoutNot } from "./negation.ts";
import {
  type Field,
  type FieldCatalog,
  type FilterCondition,
  type FilterValue,
  isPredicate,
  type Predicate,
} from "./tree.ts";

/** What is known of the events that a filter will be asked of. */
export interface Surroundings {
  readonly fields: FieldCatalog;
  /** None of them is older. */
  readonly sinceMs?: number;
  /** All of them are of this bucket. */
  readonly bucket?: string;
}

interface Conflict {
  /** All of them together are never true. */
  readonly terms: readonly Predicate[];
  readonly reason?: string;
}

/** The predicates of a filter, and those that NOT has turned with what they were: only the former can be asked. */
interface Asked {
  readonly filter: Filter;
  readonly turned: ReadonlyMap<Predicate, Predicate>;
  /** How many visits of instructions the questions may still take. */
  visitsLeft: number;
  /** How many branches of OR may still be checked against what is joined to it by AND. */
  branchesLeft: number;
}

/** As it is written, and once more with each NOT taken at its word. */
export function* conflictsIn(
  tree: FilterCondition,
  filter: Filter,
  around: Surroundings,
): Generator<Conflict, void, void> {
  const turned = new Map<Predicate, Predicate>();
  const asked: Asked = { filter, turned, visitsLeft: mostVisits, branchesLeft: mostBranches };
  yield* conflictsBelow(tree, asked, around);
  const bare = withoutNot(tree, turned);
  if (turned.size > 0) yield* conflictsBelow(bare, asked, around);
}

/** Every group of conditions that must all be true. `and`: what must be true besides. */
function* conflictsBelow(
  tree: FilterCondition,
  filter: Asked,
  around: Surroundings,
  and: readonly Predicate[] = [],
): Generator<Conflict, void, void> {
  switch (tree.kind) {
    case "and": {
      const predicates = [...and, ...tree.terms.filter(isPredicate)];
      yield* conflictsAmong(predicates, filter, around);
      for (const term of tree.terms) {
        if (!isPredicate(term)) yield* conflictsBelow(term, filter, around, predicates);
      }
      return;
    }
    case "or":
      for (const term of tree.terms) {
        const besides = and.length > 0 && filter.branchesLeft-- > 0 ? and : [];
        yield* conflictsBelow(term, filter, around, besides);
      }
      return;
    case "not":
      yield* conflictsBelow(tree.term, filter, around);
      return;
    default:
      yield* conflictsAmong([...and, tree], filter, around);
  }
}

function* conflictsAmong(
  predicates: readonly Predicate[],
  filter: Asked,
  around: Surroundings,
): Generator<Conflict, void, void> {
  for (const terms of Map.groupBy(predicates, ({ field }) => field.name).values()) {
    const conflict = absence(terms) ?? notAny(terms) ?? noValue(terms, filter, around) ?? emptyRange(terms, around);
    if (conflict !== undefined) yield conflict;
  }
  const deletes = predicates.find((one) => asks(one, "Event-Type", (value) => value === "OBJECT_DELETED"));
  const writes = predicates.find((one) => asks(one, "Reason", (value) => !String(value).startsWith("Delete")));
  if (deletes !== undefined && writes !== undefined) yield { terms: [deletes, writes] };
  const makes = predicates.find((one) => asks(one, "Event-Type", (value) => value === "OBJECT_CREATED_PUT"));
  const removes = predicates.find((one) => asks(one, "Reason", (value) => String(value).startsWith("Delete")));
  if (makes !== undefined && removes !== undefined) yield { terms: [makes, removes] };
}

/** Whether it is true only of such values of the field. */
function asks(predicate: Predicate, name: string, of: (value: FilterValue) => boolean): boolean {
  return predicate.field.name === name && finite(predicate)?.every(of) === true;
}

const alwaysThere = new Set([
  "key",
  "Content-Type",
  "Content-Length",
  "Last-Modified",
  "Event-Type",
  "ETag",
  "bucket",
  "Reason",
]);

function absence(terms: readonly Predicate[]): Conflict | undefined {
  const missing = terms.find((term) => term.kind === "null" && !term.negated);
  if (missing === undefined) return undefined;
  const { name, kind } = missing.field;
  if (kind !== "any" && alwaysThere.has(name)) return { terms: [missing], reason: `${name} is never absent` };
  const other = terms.find((term) => term.kind !== "null" || term.negated);
  return other === undefined ? undefined : { terms: [missing, other] };
}

/** A pattern that every text fits, with NOT. */
function notAny(terms: readonly Predicate[]): Conflict | undefined {
  const culprit = terms.find(
    (term) => (term.kind === "like" || term.kind === "regexp") && term.negated && fitsAll(term.kind, term.pattern),
  );
  return culprit === undefined ? undefined : { terms: [culprit], reason: "every text fits this pattern" };
}

function fitsAll(kind: "like" | "regexp", pattern: string): boolean {
  if (kind === "like") return /^%+$/.test(pattern);
  const shape = plainShape(pattern);
  return shape !== undefined && shape.kind !== "equals" && shape.text === "";
}

/** The values that a predicate lets through, where it names them. */
function finite(predicate: Predicate): readonly FilterValue[] | undefined {
  if (predicate.kind === "compare" && predicate.operator === "=") return [predicate.value];
  return predicate.kind === "in" && !predicate.negated ? predicate.values : undefined;
}

/** So many questions are asked of a group to find out, and of all so many visits of instructions: some milliseconds. */
const mostQuestions = 2_000;
const mostVisits = 1_000_000;
const mostBranches = 50;

function noValue(terms: readonly Predicate[], filter: Asked, { fields, bucket }: Surroundings): Conflict | undefined {
  const asked = terms.filter(({ kind }) => kind !== "null");
  const [first] = asked;
  if (first === undefined) return undefined;
  const { name, kind } = first.field;
  const isBucket = name === "bucket" && kind === "text" && bucket !== undefined;
  const known = isBucket ? [bucket] : fields.resolve(name)?.values;
  const candidates = known ?? asked.map(finite).find((values) => values !== undefined);
  if (candidates === undefined || candidates.length * asked.length > mostQuestions) return undefined;
  const characters = candidates.reduce<number>((sum, value) => sum + String(value).length, 0);
  const visits = characters * filter.filter.program;
  if (visits > filter.visitsLeft) return undefined;
  filter.visitsLeft -= visits;
  const isMet = (value: FilterValue): boolean => asked.every((predicate) => isTrue(filter, predicate, value));
  if (candidates.some(isMet)) return undefined;
  if (known === undefined) return asked.length > 1 ? { terms: asked } : undefined;
  const names = known.map(asString);
  return { terms: asked, reason: `${name} is ${isBucket ? "always " : ""}${alternatives(names)}` };
}

function isTrue({ filter, turned }: Asked, predicate: Predicate, value: FilterValue): boolean {
  const written = turned.get(predicate);
  const steps = filter.predicatesInSteps(
    (name) => (name === predicate.field.name ? value : undefined),
    1_000_000,
  )(written ?? predicate);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value === (written === undefined);
}

interface End {
  readonly value: FilterValue;
  readonly isIn: boolean;
  /** Absent for what the field is by itself. */
  readonly of?: Predicate;
}

interface Range {
  readonly low?: End;
  readonly high?: End;
}

const mostBytes = 5 * 2 ** 40;

/** Where the values of the field lie anyway, and in which words. */
function ownRange({ name, kind }: Field, { sinceMs }: Surroundings): (Range & { readonly reason: string }) | undefined {
  if (name === "Content-Length" && kind === "number") {
    return {
      low: { value: 0, isIn: true },
      high: { value: mostBytes, isIn: true },
      reason: "objects have 0 bytes to 5 TiB",
    };
  }
  if (kind === "instant" && sinceMs !== undefined) {
    const high = { value: furthestInstant, isIn: true };
    return { low: { value: sinceMs, isIn: true }, high, reason: "that is in the past, and events come from now on" };
  }
  return undefined;
}

function emptyRange(terms: readonly Predicate[], around: Surroundings): Conflict | undefined {
  const [first] = terms;
  if (first === undefined) return undefined;
  const own = ownRange(first.field, around);
  const outer = terms.find((term) => own !== undefined && isAllBut(term, own));
  if (outer !== undefined && own !== undefined) return { terms: [outer], reason: own.reason };
  for (const type of ["string", "number"] as const) {
    let { low, high }: Range = own ?? {};
    for (const term of terms) {
      const range = rangeOf(term);
      if (range?.low !== undefined && typeof range.low.value === type) low = inner(low, range.low, 1);
      if (range?.high !== undefined && typeof range.high.value === type) high = inner(high, range.high, -1);
    }
    if (low === undefined || high === undefined || typeof low.value !== typeof high.value) continue;
    const order = compare(low.value, high.value);
    const isSome = order < 0 || (order === 0 && low.isIn && high.isIn);
    const isWhole = isSome && first.field.kind !== "any" && !isWholeBetween(low, high);
    if (isSome && !isWhole) continue;
    const culprits = [...new Set([low.of, high.of])].filter((one) => one !== undefined);
    if (culprits.length === 0) continue;
    if (isWhole) return { terms: culprits, reason: `${first.field.name} is whole` };
    const isOwn = low.of === undefined || high.of === undefined;
    const [culprit] = culprits;
    const isTurned = culprits.length === 1 && culprit?.kind === "between";
    if (isOwn) return { terms: culprits, ...(own === undefined ? {} : { reason: own.reason }) };
    return { terms: culprits, ...(isTurned ? { reason: "the lower end stands first" } : {}) };
  }
  return undefined;
}

/** Whether it asks for what lies outside of all that the field has. */
function isAllBut(term: Predicate, { low, high }: Range): boolean {
  if (term.kind !== "between" || !term.negated || low === undefined || high === undefined) return false;
  return compare(term.low, low.value) <= 0 && compare(term.high, high.value) >= 0;
}

/** Sizes and instants are whole: nothing lies between 5 and 6. */
function isWholeBetween(low: End, high: End): boolean {
  if (typeof low.value !== "number" || typeof high.value !== "number") return true;
  const first = low.isIn ? Math.ceil(low.value) : Math.floor(low.value) + 1;
  return first <= (high.isIn ? Math.floor(high.value) : Math.ceil(high.value) - 1);
}

function inner(one: End | undefined, other: End, direction: 1 | -1): End {
  if (one === undefined) return other;
  const order = compare(one.value, other.value) * direction;
  if (order !== 0) return order > 0 ? one : other;
  return one.isIn ? other : one;
}

function compare(a: FilterValue, b: FilterValue): number {
  return typeof a === "string" && typeof b === "string" ? compareText(a, b) : Number(a) - Number(b);
}

function rangeOf(of: Predicate): Range | undefined {
  const end = (value: FilterValue, isIn: boolean): End => ({ value, isIn, of });
  switch (of.kind) {
    case "compare":
      if (of.operator === "!=") return undefined;
      return {
        ...(of.operator.startsWith("<") ? {} : { low: end(of.value, of.operator !== ">") }),
        ...(of.operator.startsWith(">") ? {} : { high: end(of.value, of.operator !== "<") }),
      };
    case "between":
      return of.negated ? undefined : { low: end(of.low, true), high: end(of.high, true) };
    case "like":
    case "regexp": {
      const prefix = of.negated ? "" : prefixOf(of);
      // Nothing that begins with the prefix comes behind it and the last character.
      return prefix === "" ? undefined : { low: end(prefix, true), high: end(`${prefix}\u{10ffff}`, true) };
    }
    case "in":
    case "null":
      return undefined;
    default:
      return of satisfies never;
  }
}

function prefixOf({ kind, pattern }: Extract<Predicate, { kind: "like" | "regexp" }>): string {
  if (kind === "like") return likePrefix(pattern);
  const shape = plainShape(pattern);
  return shape !== undefined && (shape.kind === "prefix" || shape.kind === "equals") ? shape.text : "";
}
