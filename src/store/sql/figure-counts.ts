import type { Attempt, DeliveryRecord } from "../../domain/delivery.ts";
import { latencyBand } from "../../domain/latency.ts";
import type { WireFigures } from "./wire.ts";

/** Counts what outcomes are, by subscription, before they go to the writer's thread: a commit then writes a few rows, however many they are. */

/** Where what stands in the counts of a subscription; 0 where there is none. From `bands` on: acknowledged attempts by band of latency. */
export const counted = {
  subscription: 0,
  attempts: 1,
  delivered: 2,
  dead: 3,
  /** When the last acknowledged attempt ended. */
  acknowledgedMs: 4,
  /** Attempts that failed after it, or all that did without one; when the first of these ended. */
  failures: 5,
  failingSinceMs: 6,
  /** When the last attempt that failed ended, and the HTTP status that it got. */
  failedMs: 7,
  failedStatus: 8,
  bands: 9,
} as const;

interface Counting {
  readonly counts: number[];
  readonly reasons: Map<string, [number, string, number, number]>;
}

export class FigureCounts {
  readonly #counting = new Map<number, Counting>();

  add({ subscription, status, reason, attempt }: DeliveryRecord): void {
    if (attempt === undefined && status !== "dead") return;
    let counting = this.#counting.get(subscription);
    if (counting === undefined) {
      counting = { counts: [subscription, 0, 0, 0, 0, 0, 0, 0, 0], reasons: new Map() };
      this.#counting.set(subscription, counting);
    }
    if (attempt !== undefined) countAttempt(counting, attempt);
    if (status === "delivered") raise(counting.counts, counted.delivered);
    if (status !== "dead") return;
    raise(counting.counts, counted.dead);
    reasonOf(counting, reason ?? "internal")[3] += 1;
  }

  all(): WireFigures {
    const all = [...this.#counting.values()];
    return {
      counts: all.map(({ counts }) => counts),
      reasons: all.flatMap(({ reasons }) => (reasons.size === 0 ? [] : [...reasons.values()])),
    };
  }
}

function raise(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function countAttempt(counting: Counting, { startedMs, durationMs, reason, status = 0 }: Attempt): void {
  const { counts, reasons } = counting;
  // A clock may give fractions.
  const endedMs = Math.round(startedMs + durationMs);
  raise(counts, counted.attempts);
  if (reason === undefined) {
    const band = counted.bands + latencyBand(durationMs);
    while (counts.length <= band) counts.push(0);
    raise(counts, band);
    counts[counted.acknowledgedMs] = Math.max(counts[counted.acknowledgedMs] ?? 0, endedMs);
    counts[counted.failures] = 0;
    counts[counted.failingSinceMs] = 0;
    return;
  }
  raise(counts, counted.failures);
  if (counts[counted.failingSinceMs] === 0) counts[counted.failingSinceMs] = endedMs;
  counts[counted.failedMs] = endedMs;
  counts[counted.failedStatus] = status;
  const counter = reasonOf(counting, reason);
  counter[2] += 1;
  // The last is the one of the last failure.
  if (reasons.size > 1 && reasons.delete(reason)) reasons.set(reason, counter);
}

function reasonOf({ counts, reasons }: Counting, reason: string): [number, string, number, number] {
  let counter = reasons.get(reason);
  if (counter === undefined) {
    counter = [counts[counted.subscription] ?? 0, reason, 0, 0];
    reasons.set(reason, counter);
  }
  return counter;
}
