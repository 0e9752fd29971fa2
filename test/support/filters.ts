import { type Explanation, explainInSteps, type Filter, type ReadField } from "../../src/domain/filter/index.ts";
import { printCondition } from "../../src/domain/filter/print.ts";
import type { FilterCondition } from "../../src/domain/filter/tree.ts";

/**
 * The canonical text: WHERE, canonical field names, double-quoted strings, upper-case keywords, no needless parentheses,
 * times in UTC. Empty for what matches everything. Parsing it gives an equal tree (it may be longer than the original,
 * so a text at the very limit of length can print beyond it).
 */
export function printFilter(filter: Filter | FilterCondition | undefined): string {
  const tree = filter !== undefined && "matches" in filter ? filter.tree : filter;
  return tree === undefined ? "" : `WHERE ${printCondition(tree)}`;
}

/** Why a filter does not match an event, in one go. */
export function explain(filter: Filter, read: ReadField): Explanation {
  const steps = explainInSteps(filter, read, Number.POSITIVE_INFINITY);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
