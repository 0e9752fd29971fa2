import type { Subscription } from "../domain/subscription.ts";
import type { MatchAccounting } from "./match-accounting.ts";
import type { MatchCandidate, MatchCandidates } from "./tenant-index.ts";

/** Longer than this no event's filters are asked at once: what is left is asked in steps. */
const immediateMs = 1;
/** A step of what is asked in steps, about. */
const stepMs = 0.5;
/** Visits of instructions in one step of one pattern: some 4 ns each. */
const visitsPerStep = 100_000;

/** Which subscriptions get an event, as far as it is known. */
export interface EventMatch {
  readonly found: Subscription[];
  /** Those whose filter cannot be read any more: whether they match is unknown. */
  readonly unreadable: Subscription[];
  /** What asking took so far. */
  readonly spentMs: number;
  /** Asks those that have not been asked yet, and adds them to the lists. Absent when all have been. */
  readonly rest?: Generator<void, void, void>;
}

interface EventMatchOptions {
  /** Whether what is left is listed at once, because it may change while it is asked in steps. */
  readonly snapshot: boolean;
  /** Gets what each costly filter took. */
  readonly accounting?: Pick<MatchAccounting, "spentOn"> | undefined;
}

/** Asks the candidates of an event, as long as that takes less than a millisecond. */
export function beginMatch(candidates: MatchCandidates, { snapshot, accounting }: EventMatchOptions): EventMatch {
  const found: Subscription[] = [];
  const unreadable: Subscription[] = [];
  const lists: Lists = { found, unreadable, accounting };
  let sinceMs: number | undefined;
  for (let candidate = candidates.next(); candidate !== undefined; candidate = candidates.next()) {
    if (candidate.filter === undefined) {
      found.push(candidate.subscription);
      continue;
    }
    sinceMs ??= performance.now();
    const steps = matchNow(candidate, lists);
    const spentMs = performance.now() - sinceMs;
    if (steps === undefined && spentMs < immediateMs) continue;
    const left = snapshot ? candidateList(remaining(candidates)) : candidates;
    return { found, unreadable, spentMs, rest: restOf({ candidate, steps }, left, lists) };
  }
  return { found, unreadable, spentMs: sinceMs === undefined ? 0 : performance.now() - sinceMs };
}

type Lists = Pick<EventMatch, "found" | "unreadable"> & Pick<EventMatchOptions, "accounting">;

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
  { subscription, filter }: MatchCandidate,
  steps: Generator<void, boolean, void>,
  { accounting }: Lists,
): IteratorResult<void, boolean> {
  const sinceMs = performance.now();
  const step = steps.next();
  accounting?.spentOn(subscription, performance.now() - sinceMs, filter?.program ?? 0);
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

function note({ subscription, filter }: MatchCandidate, wanted: boolean, { found, unreadable }: Lists): void {
  if (wanted) found.push(subscription);
  else if (filter?.error !== undefined) unreadable.push(subscription);
}

function* restOf(
  {
    candidate,
    steps,
  }: { readonly candidate: MatchCandidate; readonly steps: Generator<void, boolean, void> | undefined },
  candidates: MatchCandidates,
  lists: Lists,
): Generator<void, void, void> {
  if (steps !== undefined) yield* restOfOne(candidate, steps, lists);
  let sinceMs = performance.now();
  for (let one = candidates.next(); one !== undefined; one = candidates.next()) {
    const left = matchNow(one, lists);
    if (left !== undefined) {
      yield;
      yield* restOfOne(one, left, lists);
    } else if (performance.now() - sinceMs < stepMs) continue;
    yield;
    sinceMs = performance.now();
  }
}

function remaining(candidates: MatchCandidates): MatchCandidate[] {
  const all: MatchCandidate[] = [];
  for (let one = candidates.next(); one !== undefined; one = candidates.next()) all.push(one);
  return all;
}

export function candidateList(candidates: readonly MatchCandidate[]): MatchCandidates {
  let at = 0;
  return { next: () => candidates[at++] };
}
