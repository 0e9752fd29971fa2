import type { Context, SubscriptionContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { Subscription } from "../domain/subscription.ts";
import { SignalboxError } from "../errors.ts";
import { type By, byCaller } from "../platform/asking.ts";
import { turnOfFunction } from "../platform/functions/deps.ts";
import { raised } from "../platform/raise.ts";
import { announcedSubscription } from "../platform/shown.ts";
import type { Unit } from "../store/unit.ts";
import { eventType, findSubscription, type Reference } from "./find.ts";

/** What ends a subscription, as a part of a unit. */
export function removal(
  { clock }: Pick<Context, "clock">,
  subscription: Subscription,
  by: By,
): Required<Pick<Unit, "changes" | "events">> {
  const { uuid, tenant, owner } = subscription;
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
  return {
    changes: [
      { do: "subscription.remove", uuid, atMs },
      { do: "edit.end", thing: uuid },
      { do: "resource.end", uuid, atMs },
    ],
    events: [event],
  };
}

/**
 * Ends one that was found: it matches nothing any more, what still waited becomes dead letters, and who watches it gets `DELETED`. False
 * when another had ended it meanwhile.
 */
export async function removeFound(
  deps: Pick<Context, "publish" | "clock" | "wake">,
  subscription: Subscription,
  by: By,
): Promise<boolean> {
  const { uuid, number } = subscription;
  const commit = await deps.publish({
    conditions: [{ if: "resource.live", uuid }],
    ...removal(deps, subscription, by),
  });
  deps.wake(number);
  return commit.kind === "committed";
}

/** @throws SignalboxError `not_found`. */
export async function removeSubscription(
  deps: Pick<Context, "store" | "publish" | "clock" | "wake">,
  caller: Principal,
  reference: Reference,
): Promise<void> {
  await removeFound(deps, await findSubscription(deps.store, caller, reference), byCaller(caller));
}

/**
 * The function gets no more events of the type.
 *
 * @throws SignalboxError `invalid_request`, as documented, for an unknown event type; `not_found` for a function that is not
 * subscribed, whether it exists or not.
 */
export async function unsubscribe(
  deps: SubscriptionContext,
  caller: Principal,
  { event, fn: number }: { readonly event: string; readonly fn: number },
): Promise<void> {
  eventType(deps.catalog, event);
  await deps.mutex.take(turnOfFunction(number), async () => {
    const fn = await deps.store.functions.byNumber(number);
    const isLive = fn?.tenant === caller.tenant && fn.deletedMs === undefined;
    const found = isLive ? await deps.store.functions.subscription({ function: number, event }) : undefined;
    if (found === undefined || !(await removeFound(deps, found, byCaller(caller)))) {
      throw new SignalboxError("not_found", `Function ${number} was not subscribed to event '${event}'`);
    }
  });
}
