import { shortened } from "../plain-text.ts";
import { type Truth, valueOf } from "./evaluate.ts";
import type { Filter } from "./filter.ts";
import { printCondition, printField, printValue } from "./print.ts";
import type { FilterCondition, Predicate, ReadField } from "./tree.ts";

export interface Explanation {
  readonly matches: boolean;
  /** Empty when it matches. At most {@link maxReasons}, then how many more there are. */
  readonly reasons: readonly string[];
}

const maxReasons = 20;
const shownValue = 200;

/**
 * Why a filter does not match an event: the predicates that would have to come out differently, each with the value that
 * the event has. Of an AND those that are not true, of an OR all of them, of a NOT those that keep its inside from being
 * false. Yields after each predicate, and within one after about so many `visits` of instructions, some 4 ns each.
 */
export function* explainInSteps(filter: Filter, read: ReadField, visits: number): Generator<void, Explanation, void> {
  if (filter.tree === undefined) return { matches: true, reasons: [] };
  const judged = yield* judge(filter.tree, filter.predicatesInSteps(read, visits));
  if (judged.truth === true) return { matches: true, reasons: [] };
  const found = culprits(judged, true);
  const reasons: string[] = [];
  for (const culprit of found.slice(0, maxReasons)) {
    yield;
    reasons.push(reason(culprit, read));
  }
  const more = found.length - maxReasons;
  return { matches: false, reasons: more > 0 ? [...reasons, `and ${more} more`] : reasons };
}

type TruthOf = ReturnType<Filter["predicatesInSteps"]>;

/** A condition with what it came to, and each of its parts likewise. */
interface Judged {
  readonly condition: FilterCondition;
  readonly truth: Truth;
  readonly parts: readonly Judged[];
}

function* judge(condition: FilterCondition, truthOf: TruthOf): Generator<void, Judged, void> {
  switch (condition.kind) {
    case "and":
    case "or": {
      const parts: Judged[] = [];
      for (const term of condition.terms) parts.push(yield* judge(term, truthOf));
      const deciding = condition.kind === "or";
      const decided = parts.some(({ truth }) => truth === deciding);
      const unknown = parts.some(({ truth }) => truth === undefined);
      return { condition, truth: decided ? deciding : unknown ? undefined : !deciding, parts };
    }
    case "not": {
      const part = yield* judge(condition.term, truthOf);
      return { condition, truth: part.truth === undefined ? undefined : !part.truth, parts: [part] };
    }
    default:
      yield;
      return { condition, truth: yield* truthOf(condition), parts: [] };
  }
}

/** A predicate that came out otherwise than `wanted`. */
interface Culprit {
  readonly predicate: Predicate;
  readonly truth: Truth;
  readonly wanted: boolean;
}

function culprits({ condition, truth, parts }: Judged, wanted: boolean): readonly Culprit[] {
  if (truth === wanted) return [];
  switch (condition.kind) {
    case "and":
    case "or":
      return parts.flatMap((part) => culprits(part, wanted));
    case "not":
      return parts.flatMap((part) => culprits(part, !wanted));
    default:
      return [{ predicate: condition, truth, wanted }];
  }
}

function reason({ predicate, truth, wanted }: Culprit, read: ReadField): string {
  const { field } = predicate;
  const text = shortened(printCondition(predicate), shownValue);
  const value = valueOf(read, field);
  const name = printField(field.name);
  const has =
    value === undefined ? `the event has no ${name}` : `${name} is ${shortened(printValue(value, field), shownValue)}`;
  const came = truth === undefined ? "unknown" : String(truth);
  return `${text} is ${came}${wanted ? "" : " under NOT"}: ${has}`;
}
