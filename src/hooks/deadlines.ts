import type { HookStage } from "../domain/subscription.ts";
import type { Hook, Plan } from "./plan.ts";

/** How long hooks may take: pure arithmetic, the clock is read by whoever asks. */

/**
 * When a wave has to be over. `prepare` leaves half of the chain to `validate` when a hook there has to agree: otherwise slow
 * hooks of the first wave, even those that may fail, would decide by using up the time of those that may not.
 */
export function waveEndMs(
  { hooks, beganMs, chainMs }: Pick<Plan, "hooks" | "beganMs" | "chainMs">,
  stage: HookStage,
): number {
  const leavesHalf =
    stage === "prepare" &&
    hooks.some(({ options }) => options.stage === "validate" && options.failurePolicy === "closed");
  return beganMs + (leavesHalf ? chainMs / 2 : chainMs);
}

/** Whole milliseconds that a hook gets when it starts now; 0 when there is no time left to start it. */
export function allowanceMs({ subscription, runnable }: Hook, endMs: number, nowMs: number): number {
  const own = Math.min(subscription.target.timeoutMs ?? Number.POSITIVE_INFINITY, runnable.fn.timeoutMs);
  return Math.max(0, Math.floor(Math.min(own, endMs - nowMs)));
}
