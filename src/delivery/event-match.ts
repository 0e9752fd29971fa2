import { stillLooking } from "../domain/filter/index.ts";
import type { MatchAccounting } from "./match-accounting.ts";
import type { MatchCandidate, MatchCandidates, MatchedSubscription } from "./match-candidates.ts";

/** Longer than this no event's filters are asked at once: what is left is asked in steps. */
const immediateMs = 1;
/** A step of what is asked in steps, about. */
const stepMs = 0.5;
/** Visits of instructions in one step of one pattern: some 4 ns each. */
const visitsPerStep = 100_000;

/** Which subscriptions get an event, as far as it is known. */
export interface EventMatch {
  readonly found: MatchedSubscription[];
  /** Those whose filter cannot be read any more: whether they match is unknown. */
  readonly unreadable: MatchedSubscription[];
  /** What asking took so far; 0 when there was nothing to ask. */
  readonly spentMs: number;
  /** Asks those that have not been asked yet, and adds them to the lists. Absent when all have been. */
  readonly rest?: Generator<void, void, void>;
}

/** @param accounting gets what each costly filter took. */
type Accounting = Pick<MatchAccounting, "spentOn"> | undefined;

/** Asks the candidates of an event, as long as that takes less than a millisecond. */
export function beginMatch(candidates: MatchCandidates, accounting?: Accounting): EventMatch {
  const found: MatchedSubscription[] = [];
  const unreadable: MatchedSubscription[] = [];
  const lists: Lists = { found, unreadable, accounting };
  const sinceMs = performance.now();
  const spent = (): number => (candidates.asks ? performance.now() - sinceMs : 0);
  for (let candidate = candidates.next(); candidate !== undefined; candidate = candidates.next()) {
    const steps = candidate === stillLooking ? undefined : matchNow(candidate, lists);
    if (candidate !== stillLooking && candidate.filter === undefined) continue;
    const spentMs = spent();
    if (steps === undefined && spentMs < immediateMs) continue;
    candidates.use();
    const begun = candidate === stillLooking || steps === undefined ? undefined : { candidate, steps };
    return { found, unreadable, spentMs, rest: restOf(begun, candidates, lists) };
  }
  return { found, unreadable, spentMs: spent() };
}

interface Lists extends Pick<EventMatch, "found" | "unreadable"> {
  readonly accounting: Accounting;
}

/** What is left of asking a costly one. */
function matchNow(candidate: MatchCandidate, lists: Lists): Generator<void, boolean, void> | undefined {
  const { filter, read } = candidate;
  if (filter === undefined || filter.isQuick) {
    note(candidate, filter?.matches(read) ?? true, lists);
    return undefined;
  }
  const steps = filter.matchesInSteps(read, visitsPerStep);
  const first = timed(candidate, steps, lists);
  if (first.done !== true) return steps;
  note(candidate, first.value, lists);
  return undefined;
}

/** The next step, counted for the subscription. */
function timed(
  { number, filter }: MatchCandidate,
  steps: Generator<void, boolean, void>,
  { accounting }: Lists,
): IteratorResult<void, boolean> {
  const sinceMs = performance.now();
  const step = steps.next();
  if (filter !== undefined) accounting?.spentOn(filter, { number, ms: performance.now() - sinceMs });
  return step;
}

function* restOfOne(
  candidate: MatchCandidate,
  steps: Generator<void, boolean, void>,
  lists: Lists,
): Generator<void, void, void> {
  for (;;) {
    const step = timed(candidate, steps, lists);
    if (step.done === true) {
      note(candidate, step.value, lists);
      return;
    }
    yield;
  }
}

function note(candidate: MatchCandidate, wanted: boolean, { found, unreadable }: Lists): void {
  if (wanted) found.push(candidate);
  else if (candidate.filter?.error !== undefined) unreadable.push(candidate);
}

interface Begun {
  readonly candidate: MatchCandidate;
  readonly steps: Generator<void, boolean, void>;
}

function* restOf(begun: Begun | undefined, candidates: MatchCandidates, lists: Lists): Generator<void, void, void> {
  try {
    if (begun !== undefined) yield* restOfOne(begun.candidate, begun.steps, lists);
    let sinceMs = performance.now();
    for (let one = candidates.next(); one !== undefined; one = candidates.next()) {
      const left = one === stillLooking ? undefined : matchNow(one, lists);
      if (left !== undefined && one !== stillLooking) {
        yield;
        yield* restOfOne(one, left, lists);
      } else if (performance.now() - sinceMs < stepMs) continue;
      yield;
      sinceMs = performance.now();
    }
  } finally {
    candidates.done();
  }
}

/** Of the scopes and names of an event in their order, and of each the oldest first. */
export function inOrder(matched: readonly MatchedSubscription[]): readonly MatchedSubscription[] {
  return matched.length < 2 ? matched : matched.toSorted((a, b) => a.rank - b.rank || a.number - b.number);
}
