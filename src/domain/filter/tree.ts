/** What a filter says, as plain data: no compiled patterns, so trees can be compared, printed and sent between threads. */

/** A literal, or what an event holds in a field. Instants are epoch milliseconds. */
export type FilterValue = string | number;
/**
 * `any`: the field's type is not declared, so a text literal is compared with texts and a number with numbers; for a
 * predicate that can't be asked of what an event holds, the event has no such field.
 */
type FieldKind = "text" | "number" | "instant" | "any";

/** A field by its canonical name. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
}

/** A field of a catalog. `values`: the field never holds anything else, so comparing it with another text is an error. */
export interface KnownField extends Field {
  /** Of kind `any`: what it holds all the same, so that other literals are refused; trees do not depend on it. */
  readonly holds?: "text" | "number" | undefined;
  readonly values?: readonly string[] | undefined;
  /** What to write instead of a text that is a value elsewhere. */
  readonly instead?: ((text: string) => string | undefined) | undefined;
}

/** How long the texts of a field may get that a filter's cost is judged by, in characters: those of objects are bounded, others are not. */
export function longestText({ name, kind }: Field): number {
  return kind === "any" || name.startsWith("x-amz-meta-") ? 2048 : 1024;
}

/** Which fields the events of one face have, or the objects of a list. */
export interface FieldCatalog {
  /** By any written form of its name; `undefined` when the face has no such field. */
  resolve(name: string): KnownField | undefined;
  /** For hints and error messages; families of fields as `prefix<name>`. */
  readonly names: readonly string[];
  /** Why a name that is a field elsewhere is none here; `undefined` for any other name. */
  readonly absent?: (name: string) => string | undefined;
  /** The field meant by the word of another system. */
  readonly synonym?: (name: string) => string | undefined;
}

/** Reads a field of one event by its canonical name; `undefined` when the event has none. */
export type ReadField = (canonicalName: string) => FilterValue | undefined;

export const comparisons = ["=", "!=", "<", "<=", ">", ">="] as const;
export type Comparison = (typeof comparisons)[number];

/** One test of one field. */
export type Predicate =
  | { readonly kind: "compare"; readonly field: Field; readonly operator: Comparison; readonly value: FilterValue }
  | { readonly kind: "in"; readonly field: Field; readonly negated: boolean; readonly values: readonly FilterValue[] }
  | {
      readonly kind: "between";
      readonly field: Field;
      readonly negated: boolean;
      readonly low: FilterValue;
      readonly high: FilterValue;
    }
  /** `pattern` escapes with a backslash, whatever `ESCAPE` was written. */
  | { readonly kind: "like"; readonly field: Field; readonly negated: boolean; readonly pattern: string }
  | { readonly kind: "regexp"; readonly field: Field; readonly negated: boolean; readonly pattern: string }
  | { readonly kind: "null"; readonly field: Field; readonly negated: boolean };

export type FilterCondition =
  | { readonly kind: "and"; readonly terms: readonly FilterCondition[] }
  | { readonly kind: "or"; readonly terms: readonly FilterCondition[] }
  | { readonly kind: "not"; readonly term: FilterCondition }
  | Predicate;

export function isPredicate(condition: FilterCondition): condition is Predicate {
  return condition.kind !== "and" && condition.kind !== "or" && condition.kind !== "not";
}

/** All of them, from left to right. */
export function* predicatesIn(condition: FilterCondition): Generator<Predicate, void, void> {
  switch (condition.kind) {
    case "and":
    case "or":
      for (const term of condition.terms) yield* predicatesIn(term);
      return;
    case "not":
      yield* predicatesIn(condition.term);
      return;
    default:
      yield condition;
  }
}

/** Conditions joined by AND or OR. Of one term it is that term, and joins of the same kind are flattened. */
export function joined(kind: "and" | "or", terms: readonly FilterCondition[]): FilterCondition {
  const flat = terms.flatMap((term) => (term.kind === kind ? term.terms : [term]));
  const [first, ...rest] = flat;
  return first !== undefined && rest.length === 0 ? first : { kind, terms: flat };
}
