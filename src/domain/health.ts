import type { FailureReason } from "./retry.ts";
import type { Subscription } from "./subscription.ts";

/** How a subscription's deliveries fare, in one word and in figures. */

export const healthStates = [
  "ok",
  "slow",
  "failing",
  "paused",
  "disabled",
  "unconfirmed",
  "complete",
  "failed",
] as const;
export type HealthState = (typeof healthStates)[number];

/** What is kept of a subscription's attempts, for 90 days. */
export interface TargetStanding {
  /** When its last acknowledged attempt ended. */
  readonly acknowledgedMs?: number;
  /** How long acknowledged attempts took, half of them, in the last hour in which something was sent. */
  readonly usualMs?: number;
  /** Its last attempt that failed. */
  readonly failure?: {
    readonly atMs: number;
    readonly reason: FailureReason;
    readonly status?: number;
  };
  /** Attempts that failed since the last that was acknowledged, and when the first of them ended. */
  readonly failures: number;
  readonly failingSinceMs?: number;
  /** On average since the hour before the present one began. */
  readonly attemptsPerMinute: number;
}

/** A subscription that nothing was sent for. */
export const untouched: TargetStanding = { failures: 0, attemptsPerMinute: 0 };

/** So many failures in a row are no accident. */
const failuresInRow = 3;
/** Fewer are not either when nothing was acknowledged for so long. */
const patienceMs = 60_000;
/** Acknowledged attempts that usually take this long are slow. */
const slowMs = 1_000;

/** What decides whether anything is sent for a subscription at all. */
type Sending = Pick<Subscription, "outcome" | "endedMs" | "enabled" | "unconfirmed" | "paused">;

/**
 * `failing`: the last three attempts failed; or the last one did, and nothing was acknowledged in the minute before now. `slow`:
 * attempts are acknowledged, and usually take a second or more. What is not sent at all is said first.
 */
export function healthState(subscription: Sending, standing: TargetStanding, nowMs: number): HealthState {
  const { outcome, endedMs, enabled, unconfirmed, paused } = subscription;
  if (outcome !== undefined) return outcome;
  if (endedMs !== undefined || !enabled) return "disabled";
  if (unconfirmed === true) return "unconfirmed";
  if (paused !== undefined) return "paused";
  const { failures, acknowledgedMs = 0, usualMs = 0 } = standing;
  if (failures >= failuresInRow) return "failing";
  if (failures > 0 && nowMs - acknowledgedMs > patienceMs) return "failing";
  return usualMs >= slowMs ? "slow" : "ok";
}
