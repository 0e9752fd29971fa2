import type { Subscription } from "../domain/subscription.ts";
import type { Candidate, Candidates } from "./crowd.ts";

/** Longer than this no event's filters are asked at once: what is left is asked in steps. */
const atOnceMs = 1;
/** A step of what is asked in steps, about. */
const stepMs = 0.5;
/** Visits of instructions in one step of one pattern: some 4 ns each. */
const visitsPerStep = 100_000;

/** Who hears an event, as far as it is known. */
export interface Hearing {
  readonly found: Subscription[];
  /** Those whose filter cannot be read any more: nobody knows whether they want it. */
  readonly unreadable: Subscription[];
  /** What asking took so far. */
  readonly spentMs: number;
  /** Asks those that have not been asked yet, and adds them to the lists. Absent when all have been. */
  readonly rest?: Generator<void, void, void>;
}

/**
 * Asks the candidates of an event, as long as that takes less than a millisecond.
 *
 * @param snapshot whether what is left is listed at once, because it may change while it is asked in steps.
 */
export function beginHearing(candidates: Candidates, snapshot: boolean): Hearing {
  const found: Subscription[] = [];
  const unreadable: Subscription[] = [];
  const lists = { found, unreadable };
  let sinceMs: number | undefined;
  for (let candidate = candidates.next(); candidate !== undefined; candidate = candidates.next()) {
    if (candidate.filter === undefined) {
      found.push(candidate.subscription);
      continue;
    }
    sinceMs ??= performance.now();
    const steps = askNow(candidate, lists);
    const spentMs = performance.now() - sinceMs;
    if (steps === undefined && spentMs < atOnceMs) continue;
    const left = snapshot ? listOf(remaining(candidates)) : candidates;
    return { found, unreadable, spentMs, rest: restOf({ candidate, steps }, left, lists) };
  }
  return { found, unreadable, spentMs: sinceMs === undefined ? 0 : performance.now() - sinceMs };
}

type Lists = Pick<Hearing, "found" | "unreadable">;

/** What is left of asking a costly one. */
function askNow(candidate: Candidate, lists: Lists): Generator<void, boolean, void> | undefined {
  const { filter, read } = candidate;
  if (filter === undefined || filter.isQuick) {
    note(candidate, filter?.matches(read) ?? true, lists);
    return undefined;
  }
  const steps = filter.matchesInSteps(read, visitsPerStep);
  const first = steps.next();
  if (first.done !== true) return steps;
  note(candidate, first.value, lists);
  return undefined;
}

function note({ subscription, filter }: Candidate, wanted: boolean, { found, unreadable }: Lists): void {
  if (wanted) found.push(subscription);
  else if (filter?.error !== undefined) unreadable.push(subscription);
}

function* restOf(
  { candidate, steps }: { readonly candidate: Candidate; readonly steps: Generator<void, boolean, void> | undefined },
  candidates: Candidates,
  lists: Lists,
): Generator<void, void, void> {
  if (steps !== undefined) note(candidate, yield* steps, lists);
  let sinceMs = performance.now();
  for (let one = candidates.next(); one !== undefined; one = candidates.next()) {
    const left = askNow(one, lists);
    if (left !== undefined) {
      yield;
      note(one, yield* left, lists);
    } else if (performance.now() - sinceMs < stepMs) continue;
    yield;
    sinceMs = performance.now();
  }
}

function remaining(candidates: Candidates): Candidate[] {
  const all: Candidate[] = [];
  for (let one = candidates.next(); one !== undefined; one = candidates.next()) all.push(one);
  return all;
}

export function listOf(candidates: readonly Candidate[]): Candidates {
  let at = 0;
  return { next: () => candidates[at++] };
}
