import type { Clock } from "../clock.ts";
import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Publish } from "../publish.ts";

export interface PauseDeps {
  readonly publish: Publish;
  readonly clock: Clock;
  readonly log: Log;
}

/** The receiver answered 410: its owner has to say that it is back. Resolves with whether that could be recorded; never rejects. */
export async function pauseGone(
  { publish, clock, log }: PauseDeps,
  { uuid, revision }: Pick<Subscription, "uuid" | "revision">,
): Promise<boolean> {
  const atMs = clock.now();
  log.warn({ subscription: uuid }, "the receiver answered 410 Gone: the subscription is paused");
  try {
    await publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch: { paused: { reason: "gone", sinceMs: atMs } }, atMs }],
    });
    return true;
  } catch (thrown) {
    log.error({ subscription: uuid, error: asError(thrown).message }, "could not pause the subscription");
    return false;
  }
}
