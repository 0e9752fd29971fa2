/** Three-valued logic, as in SQL: `undefined` is UNKNOWN, what a test of an absent field comes to. */
import type { TextMatcher } from "../patterns/regex.ts";
import { compareText } from "../patterns/text-test.ts";
import type { Comparison, Field, FilterCondition, FilterValue, Predicate, ReadField } from "./tree.ts";

export type Truth = boolean | undefined;
export type Evaluate = (read: ReadField) => Truth;
/** Patterns of a filter, compiled. */
export interface Patterns {
  readonly regexes: ReadonlyMap<string, TextMatcher>;
  readonly likes: ReadonlyMap<string, TextMatcher>;
}
type PatternPredicate = Extract<Predicate, { readonly kind: "like" | "regexp" }>;
/** Whether a text fits the pattern of a predicate. */
export type PatternTest = (predicate: PatternPredicate) => (text: string) => boolean;

/** A condition as something to run: one closure per node, no code generation. */
export function evaluator(condition: FilterCondition, patternTest: PatternTest): Evaluate {
  switch (condition.kind) {
    case "and":
      return conjunction(
        condition.terms.map((term) => evaluator(term, patternTest)),
        true,
      );
    case "or":
      return conjunction(
        condition.terms.map((term) => evaluator(term, patternTest)),
        false,
      );
    case "not": {
      const term = evaluator(condition.term, patternTest);
      return (read) => negation(term(read));
    }
    default:
      return predicateEvaluator(condition, patternTest);
  }
}

export function negation(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** AND for `neutral` true, OR for false: the opposite of `neutral` decides at once, else one UNKNOWN makes it UNKNOWN. */
function conjunction(terms: readonly Evaluate[], neutral: boolean): Evaluate {
  return (read) => {
    let result: Truth = neutral;
    for (const term of terms) {
      const truth = term(read);
      if (truth === !neutral) return truth;
      if (truth === undefined) result = undefined;
    }
    return result;
  };
}

function predicateEvaluator(predicate: Predicate, patternTest: PatternTest): Evaluate {
  const { field } = predicate;
  if (predicate.kind === "null") {
    return (read) => (valueOf(read, field) === undefined) !== predicate.negated;
  }
  const test = valueTest(predicate, patternTest);
  const wanted = !("negated" in predicate && predicate.negated);
  if (field.kind !== "any") {
    return (read) => {
      const value = valueOf(read, field);
      return value === undefined ? undefined : test(value) === wanted;
    };
  }
  const comparable = typesOf(predicate);
  return (read) => {
    const value = valueOf(read, field);
    return value === undefined || !comparable.has(typeof value) ? undefined : test(value) === wanted;
  };
}

/** What a value has to be for the predicate to be asked of it. */
function typesOf(predicate: PresentPredicate): ReadonlySet<string> {
  switch (predicate.kind) {
    case "compare":
      return new Set([typeof predicate.value]);
    case "in":
      return new Set(predicate.values.map((value) => typeof value));
    case "between":
      return new Set([typeof predicate.low]);
    case "like":
    case "regexp":
      return new Set(["string"]);
    default:
      return predicate satisfies never;
  }
}

/** What the event holds in the field. A value of another type than the field's can't be compared: it counts as absent. */
export function valueOf(read: ReadField, { name, kind }: Field): FilterValue | undefined {
  const value = read(name);
  if (kind === "text") return typeof value === "string" ? value : undefined;
  if (kind === "any" && typeof value === "string") return value;
  return typeof value === "number" && !Number.isNaN(value) ? value : undefined;
}

type PresentPredicate = Exclude<Predicate, { kind: "null" }>;

function valueTest(predicate: PresentPredicate, patternTest: PatternTest): (value: FilterValue) => boolean {
  switch (predicate.kind) {
    case "compare":
      return comparisonTest(predicate.operator, predicate.value);
    case "in": {
      const values = new Set(predicate.values);
      return (value) => values.has(value);
    }
    case "between": {
      const { low, high } = predicate;
      return (value) => compareValues(value, low) >= 0 && compareValues(value, high) <= 0;
    }
    case "like":
    case "regexp": {
      const test = patternTest(predicate);
      return (value) => typeof value === "string" && test(value);
    }
    default:
      return predicate satisfies never;
  }
}

function comparisonTest(operator: Comparison, literal: FilterValue): (value: FilterValue) => boolean {
  switch (operator) {
    case "=":
      return (value) => value === literal;
    case "!=":
      return (value) => value !== literal;
    case "<":
      return (value) => compareValues(value, literal) < 0;
    case "<=":
      return (value) => compareValues(value, literal) <= 0;
    case ">":
      return (value) => compareValues(value, literal) > 0;
    case ">=":
      return (value) => compareValues(value, literal) >= 0;
    default:
      return operator satisfies never;
  }
}

/** Both are of one type: the parser sees to the literal, {@link valueOf} and {@link typesOf} to the event. */
function compareValues(value: FilterValue, literal: FilterValue): number {
  if (typeof value === "string" && typeof literal === "string") return compareText(value, literal);
  return Number(value) - Number(literal);
}
