import type { Clock } from "../clock.ts";
import type { NewEvent } from "../domain/event.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Publish } from "./publish.ts";

export interface PauseDeps {
  readonly publish: Publish;
  readonly clock: Clock;
  readonly log: Log;
  /** The alerts about it. */
  readonly alertPaused?: (subscription: Subscription, reason: Pause["reason"]) => readonly NewEvent[];
}

/** The receiver answered 410: its owner has to say that it is back. Resolves with whether that could be recorded; never rejects. */
export async function pauseGone(
  { publish, clock, log, alertPaused = () => [] }: PauseDeps,
  subscription: Subscription,
): Promise<boolean> {
  const { uuid, revision } = subscription;
  const atMs = clock.now();
  log.warn({ subscription: uuid }, "the receiver answered 410 Gone: the subscription is paused");
  try {
    await publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch: { paused: { reason: "gone", sinceMs: atMs } }, atMs }],
      events: alertPaused(subscription, "gone"),
    });
    return true;
  } catch (thrown) {
    log.error({ subscription: uuid, error: asError(thrown).message }, "could not pause the subscription");
    return false;
  }
}
