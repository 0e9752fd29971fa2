import { type Clock, sleep, systemClock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import type { Commit, Condition, Unit } from "./unit.ts";

/** The one loop of those who read, decide, and commit under the condition that what they read still holds. */

/** `undefined`: another commit came between, and another look may help. */
export type Tried<T> = { readonly value: T } | undefined;

interface UntilCommitted {
  /** The error when others come between every time. */
  readonly busy: () => Error;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** So many tries follow each other at once: mostly one other came between. */
const triesAtOnce = 4;
/**
 * The pauses after them are random, each up to twice as long as the one before and no longer than this: of two nodes that write the same
 * place over and over, one would win every time otherwise.
 */
const longestPauseMs = 64;
/** For so long it is tried. */
const patienceMs = 2_000;

/** @throws whatever `attempt` throws, and `busy` in the end. */
export async function untilCommitted<T>(
  { busy, clock = systemClock }: UntilCommitted,
  attempt: () => Promise<Tried<T>>,
): Promise<T> {
  const untilMs = clock.steady() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    const tried = await attempt();
    if (tried !== undefined) return tried.value;
    if (tries < triesAtOnce) continue;
    if (clock.steady() >= untilMs) throw busy();
    await sleep(clock, clock.random() * Math.min(longestPauseMs, 2 ** (tries - triesAtOnce)));
  }
}

/** @param what that is changed: `user`. */
export function keepsChanging(what: string): SignalboxError {
  return new SignalboxError("unavailable", `others keep changing this ${what}; try again`);
}

/** What was decided after a look. */
interface Decided<T> {
  /** Absent: nothing is to be done. */
  readonly unit?: Unit;
  /** What comes of it, by the sequences of its events. */
  readonly committed: (sequences: readonly number[]) => T | Promise<T>;
  /** Throws when the condition that did not hold is one for which another look does not help. */
  readonly refused?: (condition: Condition) => void;
}

/**
 * Reads, decides and commits, again while others come in between: none of their changes is lost.
 *
 * @param what that is changed: `subscription`.
 * @throws SignalboxError `unavailable` when others come between every time; whatever `decide` and its `refused` throw.
 */
export function commitOptimistically<T>(
  { publish, what }: { readonly publish: (unit: Unit) => Promise<Commit>; readonly what: string },
  decide: () => Promise<Decided<T>>,
): Promise<T> {
  return untilCommitted({ busy: () => keepsChanging(what) }, async () => {
    const { unit, committed, refused } = await decide();
    const commit: Commit = unit === undefined ? { kind: "committed", sequences: [] } : await publish(unit);
    if (commit.kind === "committed") return { value: await committed(commit.sequences) };
    refused?.(commit.condition);
    return undefined;
  });
}
