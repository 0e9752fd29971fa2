import { askedWaitMs, type Outcome } from "../domain/retry.ts";

/**
 * What is known of a target.
 *
 * | health   | the attempt that ended last                                   | slots                      | a line  |
 * | -------- | ------------------------------------------------------------- | -------------------------- | ------- |
 * | unproven | none yet, or its owner has changed it, or it slept            | as they are                | may be  |
 * | well     | was acknowledged                                              | one more, up to the most   | may be  |
 * | failing  | was answered otherwise                                        | as they are                | may be  |
 * | ill      | did not reach it, or was too much for it                      | half of them, one at least | is none |
 * | patient  | was too much for it, and it wants nothing before `untilMs`    | one                        | is none |
 * | gone     | said so: its subscription is about to be paused               | as they are, none is free  | is none |
 */
export type TargetHealth =
  | { readonly kind: "unproven" | "well" | "failing" | "ill" | "gone" }
  | { readonly kind: "patient"; readonly untilMs: number };

export const unproven: TargetHealth = { kind: "unproven" };
const well: TargetHealth = { kind: "well" };
const failing: TargetHealth = { kind: "failing" };
const ill: TargetHealth = { kind: "ill" };
export const gone: TargetHealth = { kind: "gone" };

const unreachable: ReadonlySet<string> = new Set(["timeout", "connection", "dns", "tls"]);

export function isUnreachable(outcome: Outcome): boolean {
  return outcome.kind !== "delivered" && unreachable.has(outcome.reason);
}

/** What the end of an attempt makes of it. */
export function healthAfter(health: TargetHealth, outcome: Outcome, nowMs: number): TargetHealth {
  // What was under way when it asked for patience, or said that it is gone, takes nothing of that back.
  if (health.kind === "gone") return health;
  const asked = health.kind === "patient" && health.untilMs > nowMs ? health : undefined;
  if (outcome.kind === "delivered") return asked ?? well;
  const busy = outcome.kind === "failed" && outcome.busy === true;
  if (busy && outcome.retryAfterMs !== undefined) {
    const untilMs = nowMs + askedWaitMs(outcome.retryAfterMs);
    return { kind: "patient", untilMs: Math.max(untilMs, asked?.untilMs ?? 0) };
  }
  return asked ?? (busy || isUnreachable(outcome) ? ill : failing);
}
