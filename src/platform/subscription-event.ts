import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import type { NewEvent } from "../domain/event.ts";
import type { OwnEvent } from "../domain/raised-events.ts";
import type { Subscription } from "../domain/subscription.ts";
import { byCaller } from "./asking.ts";
import { raised } from "./raise.ts";
import { announcedSubscription } from "./shown.ts";

/** What events show of a subscription. */
export type Announced = Pick<
  Subscription,
  "uuid" | "tenant" | "owner" | "scope" | "event" | "target" | "enabled" | "createdMs"
>;

/** What happened to a subscription, for who watches it. */
export function subscriptionEvent(
  { clock }: { readonly clock: Clock },
  caller: Principal,
  subscription: Announced,
  name: OwnEvent<"subscription">,
): NewEvent {
  const { uuid, tenant, owner } = subscription;
  return raised(clock, {
    tenant,
    uuid,
    kind: "subscription",
    owners: [owner],
    name,
    resource: announcedSubscription(subscription),
    ...byCaller(caller),
  });
}
