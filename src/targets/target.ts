import type { Event } from "../domain/event.ts";
import type { Invocation } from "../domain/invocation.ts";
import type { Outcome } from "../domain/retry.ts";

/** A delivery to be tried. */
export interface Deliverable {
  /** The delivery's uuid: the same on every attempt, redrive and after a crash. */
  readonly uuid: string;
  readonly event: Event;
  /** Number of this attempt, from 1, over the delivery's whole life. */
  readonly attempt: number;
  /** Marks the payload as a try-out that someone asked for, of no real change. Default false. */
  readonly test?: boolean;
}

/** One try, as the engine records it. */
export interface AttemptResult {
  readonly outcome: Outcome;
  readonly startedMs: number;
  readonly durationMs: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** For humans: what went wrong. Absent when it was acknowledged. */
  readonly message?: string;
  /** The first 2 KiB at most of the answer's body, as text. */
  readonly snippet?: string;
  /** How the function ran, when the target is one. */
  readonly invocation?: Invocation;
}

/** A subscription's target, ready to be sent to. Holds nothing open: it may be dropped at any time. */
export interface PreparedTarget {
  /**
   * Makes one attempt. Never rejects. When `signal` aborts, the attempt is cancelled and ends as
   * `failed`/`internal`: the caller, who knows that it stopped it, decides whether that counts.
   */
  attempt(delivery: Deliverable, signal?: AbortSignal): Promise<AttemptResult>;
}
