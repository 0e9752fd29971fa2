/** When to try again, and when to give up. Pure: the clock and the dice are handed in. */

export interface RetryPolicy {
  /** Tries after the first. 0–1,440. */
  readonly maxRetries: number;
  /** Wait before retry 1, 2, …; the last step repeats. At least one step, each from 0 ms to 86,400,000. */
  readonly scheduleMs: readonly number[];
  /** Share of a step that is added or taken away at random, 0–1. */
  readonly jitter: number;
}

/** The default of the object face: three retries, after 10 s, 2 min and 30 min, ±20 %: what is down for half an hour loses nothing. */
export const defaultRetryPolicy: RetryPolicy = { maxRetries: 3, scheduleMs: [10_000, 120_000, 1_800_000], jitter: 0.2 };

/** The default of functions on POST events: seven retries, the last after 8 h, ±20 %. */
export const functionRetryPolicy: RetryPolicy = {
  maxRetries: 7,
  scheduleMs: [5_000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 28_800_000],
  jitter: 0.2,
};

/** What asks for patience without saying how much of it, or for none, gets this much. */
const shortestPatienceMs = 1_000;
/** The longest wait that a receiver's `Retry-After` may ask for: one day. */
export const longestAskedWaitMs = 86_400_000;

/** Why an attempt did not succeed; the words that users see in attempts and metrics. */
export const failureReasons = [
  "status",
  "timeout",
  "connection",
  "dns",
  "tls",
  "egress_refused",
  "redirect",
  "gone",
  "invalid_response",
  "subscription_deleted",
  "internal",
  /** Of functions, as the sandbox tells them (`timeout` too). */
  "threw",
  "stalled",
  "memory",
  "crashed",
  "bad_output",
  "busy",
  "unavailable",
  /** Of mail: the server will never take it, or not now; its address has had as much as it may for a while. */
  "mail_refused",
  "mail_deferred",
  "rate_limited",
  /** The subscriber does not see the resource any more. */
  "not_visible",
  /** It was kept while the filter could not be read, and the filter that there is now does not match it. */
  "not_matched",
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** How one attempt ended. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** Try again, if the policy still allows it. */
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly retryAfterMs?: number;
      /** It had too much to do (429, or 503 with `Retry-After`). */
      readonly busy?: true;
    }
  /** The receiver wants no more (410): pause the subscription, keep this delivery for when it resumes. */
  | { readonly kind: "stop"; readonly reason: FailureReason }
  /** No: it will never be taken, however often it is tried. */
  | { readonly kind: "refused"; readonly reason: FailureReason }
  /** It was not tried: it waits, and nothing is counted. */
  | { readonly kind: "later"; readonly reason: FailureReason; readonly waitMs: number };

type NextStep =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly dueMs: number }
  | { readonly kind: "wait"; readonly dueMs: number }
  /** As its receiver asked for; no try is counted. */
  | { readonly kind: "patience"; readonly dueMs: number }
  | { readonly kind: "dead"; readonly reason: FailureReason }
  | { readonly kind: "pause"; readonly reason: FailureReason };

interface Attempted {
  readonly outcome: Outcome;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly nowMs: number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Since when the receiver has asked for patience, and how much of it there is. Default: none. */
  readonly patience?: { readonly sinceMs: number; readonly mostMs: number };
}

/**
 * What to do after an attempt. A `Retry-After` lengthens the wait, never shortens it. Who is busy and says when to come again uses up no
 * try, as long as there is patience; then that is a failure like others.
 */
export function nextStep(policy: RetryPolicy, { outcome, attempt, nowMs, random, patience }: Attempted): NextStep {
  switch (outcome.kind) {
    case "delivered":
      return { kind: "done" };
    case "stop":
      return { kind: "pause", reason: outcome.reason };
    case "refused":
      return { kind: "dead", reason: outcome.reason };
    case "later":
      return { kind: "wait", dueMs: nowMs + Math.max(0, Math.round(outcome.waitMs)) };
    case "failed": {
      const { retryAfterMs } = outcome;
      if (outcome.busy === true && retryAfterMs !== undefined && patience !== undefined) {
        const leftMs = patience.sinceMs + patience.mostMs - nowMs;
        if (leftMs > 0) return { kind: "patience", dueMs: nowMs + askedWaitMs(retryAfterMs) };
      }
      if (attempt > policy.maxRetries) return { kind: "dead", reason: outcome.reason };
      const step = policy.scheduleMs[Math.min(attempt, policy.scheduleMs.length) - 1] ?? 0;
      const spreadMs = step * (1 + policy.jitter * (2 * random() - 1));
      const askedMs = Math.min(retryAfterMs ?? 0, longestAskedWaitMs);
      return { kind: "retry", dueMs: nowMs + Math.round(Math.max(spreadMs, askedMs)) };
    }
    default:
      return outcome satisfies never;
  }
}

/** For how long nothing is sent to who is busy and said when to come again. */
export function askedWaitMs(retryAfterMs: number): number {
  return Math.round(Math.min(Math.max(retryAfterMs, shortestPatienceMs), longestAskedWaitMs));
}
