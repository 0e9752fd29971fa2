import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { By } from "../platform/asking.ts";
import { raised } from "../platform/raise.ts";
import { announcedSubscription } from "../platform/shown.ts";
import type { SubscriptionDeps } from "./deps.ts";

/** It matches nothing any more, what still waited becomes dead letters, and who watches it hears `DELETED`. */
export async function removeSubscription(
  { publish, clock, wake }: Pick<SubscriptionDeps, "publish" | "clock" | "wake">,
  subscription: Subscription,
  by: By,
): Promise<void> {
  const { uuid, tenant, owner, number } = subscription;
  const event = raised(clock, {
    tenant,
    uuid,
    kind: "subscription",
    owners: [owner],
    name: subscriptionEvents.deleted,
    resource: announcedSubscription(subscription),
    ...by,
  });
  const atMs = clock.now();
  await publish({
    conditions: [{ if: "resource.live", uuid }],
    changes: [
      { do: "subscription.remove", uuid, atMs },
      { do: "resource.end", uuid, atMs },
    ],
    events: [event],
  });
  wake(number);
}
