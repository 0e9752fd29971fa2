import { type Comparison, type FilterCondition, joined, type Predicate } from "./tree.ts";

const opposite: Readonly<Record<Comparison, Comparison>> = {
  "=": "!=",
  "!=": "=",
  "<": ">=",
  ">=": "<",
  "<=": ">",
  ">": "<=",
};

/**
 * The same without NOT: it goes down to the predicates, and each becomes the one that is true just where it was false. Neither of such
 * two is true of a field that is absent, as NOT of unknown is unknown.
 *
 * @param turned takes note of each new predicate and of the one that it was.
 */
export function withoutNot(
  condition: FilterCondition,
  turned: Map<Predicate, Predicate>,
  isNot = false,
): FilterCondition {
  switch (condition.kind) {
    case "not":
      return withoutNot(condition.term, turned, !isNot);
    case "and":
    case "or": {
      const kind = isNot === (condition.kind === "and") ? "or" : "and";
      return joined(
        kind,
        condition.terms.map((term) => withoutNot(term, turned, isNot)),
      );
    }
    default: {
      if (!isNot) return condition;
      const other = turn(condition);
      turned.set(other, condition);
      return other;
    }
  }
}

function turn(predicate: Predicate): Predicate {
  if (predicate.kind === "compare") return { ...predicate, operator: opposite[predicate.operator] };
  return { ...predicate, negated: !predicate.negated };
}
