import { SignalboxError } from "../errors.ts";
import type { Commit, Condition, Unit } from "./unit.ts";

/** The one loop of those who read, decide, and commit under the condition that what they read still holds. */

/** `undefined`: another commit came between, and another look may help. */
export type Tried<T> = { readonly value: T } | undefined;

interface UntilCommitted {
  /** The error when others come between every time. */
  readonly busy: () => Error;
  /** Default: ten times. */
  readonly mostTries?: number;
}

/** @throws whatever `attempt` throws, and `busy` in the end. */
export async function untilCommitted<T>(
  { busy, mostTries = 10 }: UntilCommitted,
  attempt: () => Promise<Tried<T>>,
): Promise<T> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const tried = await attempt();
    if (tried !== undefined) return tried.value;
  }
  throw busy();
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
