import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { OutboundContext } from "./outbound-context.ts";

/** The receiver answered 410: its owner has to say that it is back. Resolves with whether that could be recorded; never rejects. */
export async function pauseGone(
  { publish, clock, log, alertPaused = () => [] }: Pick<OutboundContext, "publish" | "clock" | "log" | "alertPaused">,
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
