import type { Pace } from "../domain/pace.ts";

/** What an owner says about how fast and in what order a subscription's events are sent. */

/** What is absent stays as it is; `null` takes it away. */
export interface PaceInput {
  readonly maxPerSecond?: number | null;
  readonly maxConcurrency?: number | null;
  readonly ordered?: boolean;
}

/** The pace with what was said merged in; an empty one bounds nothing. */
export function mergePace(before: Pace | undefined, input: PaceInput): Pace {
  const { maxPerSecond = before?.maxPerSecond, maxConcurrency = before?.maxConcurrency } = input;
  const ordered = input.ordered ?? before?.ordered ?? false;
  return {
    ...(maxPerSecond === undefined || maxPerSecond === null ? {} : { maxPerSecond }),
    ...(maxConcurrency === undefined || maxConcurrency === null ? {} : { maxConcurrency }),
    ...(ordered ? { ordered } : {}),
  };
}

/** The first of its fields that was spoken of, as callers write it. */
export function paceField({ maxPerSecond, maxConcurrency, ordered }: PaceInput): string | undefined {
  if (maxPerSecond !== undefined) return "max_per_second";
  if (maxConcurrency !== undefined) return "max_concurrency";
  return ordered === undefined ? undefined : "ordered";
}
