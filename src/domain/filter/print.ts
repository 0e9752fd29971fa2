import { printInstant } from "./instants.ts";
import { asString } from "./literals.ts";
import { printNumber } from "./numbers.ts";
import { isReserved } from "./tokens.ts";
import type { Field, FilterCondition, FilterValue, Predicate } from "./tree.ts";

/** A condition without WHERE. */
export function printCondition(condition: FilterCondition): string {
  switch (condition.kind) {
    case "or":
      return condition.terms.map(printCondition).join(" OR ");
    case "and":
      return condition.terms.map((term) => within(term, ["or"])).join(" AND ");
    case "not":
      return `NOT ${within(condition.term, ["and", "or"])}`;
    default:
      return printPredicate(condition);
  }
}

/** In parentheses if it is of a kind that binds less than what it stands in. */
function within(condition: FilterCondition, looser: readonly FilterCondition["kind"][]): string {
  const text = printCondition(condition);
  return looser.includes(condition.kind) ? `(${text})` : text;
}

function printPredicate(predicate: Predicate): string {
  const { field } = predicate;
  const name = printField(field.name);
  const value = (value: FilterValue): string => printValue(value, field);
  const not = "negated" in predicate && predicate.negated ? "NOT " : "";
  switch (predicate.kind) {
    case "compare":
      return `${name} ${predicate.operator} ${value(predicate.value)}`;
    case "in":
      return `${name} ${not}IN (${predicate.values.map(value).join(", ")})`;
    case "between":
      return `${name} ${not}BETWEEN ${value(predicate.low)} AND ${value(predicate.high)}`;
    case "like":
      return `${name} ${not}LIKE ${asString(predicate.pattern)}`;
    case "regexp":
      return `${name} ${not}REGEXP ${asString(predicate.pattern)}`;
    case "null":
      return `${name} IS ${not}NULL`;
    default:
      return predicate satisfies never;
  }
}

/** Bare where that is beyond doubt, else in backticks. */
export function printField(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name) && !isReserved(name)) return name;
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A value as a literal of its field. */
export function printValue(value: FilterValue, { kind }: Field): string {
  if (typeof value === "string") return asString(value);
  const instant = kind === "instant" ? printInstant(value) : undefined;
  return instant === undefined ? printNumber(value) : asString(instant);
}
