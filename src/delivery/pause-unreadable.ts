import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { OutboundContext } from "./outbound-context.ts";

/** Pauses under way, by the subscription's number: an event may come before the pause is known. */
const underWay = new Set<number>();

/** Which events they want cannot be known: their owners have to write the filter anew, and resume them. Never rejects. */
export function pauseUnreadable(
  { publish, clock, log, alertPaused = () => [] }: Pick<OutboundContext, "publish" | "clock" | "log" | "alertPaused">,
  subscriptions: readonly Subscription[],
): void {
  for (const subscription of subscriptions) {
    const { uuid, number, revision, paused, tenant } = subscription;
    if (paused !== undefined || underWay.has(number)) continue;
    underWay.add(number);
    const atMs = clock.now();
    log.warn({ tenant, subscription: uuid }, "a stored filter cannot be read any more: the subscription is paused");
    publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch: { paused: { reason: "filter", sinceMs: atMs } }, atMs }],
      events: alertPaused(subscription, "filter"),
    })
      .catch((thrown: unknown) => {
        log.error({ subscription: uuid, error: asError(thrown).message }, "could not pause the subscription");
      })
      .finally(() => underWay.delete(number));
  }
}
