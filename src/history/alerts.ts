import type { SubscriptionContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { alertsPlace } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { notFound } from "../errors.ts";
import { byCaller } from "../platform/asking.ts";
import { alertsThing, noted } from "../platform/edits.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { Store } from "../store/store.ts";
import { createAt } from "../subscriptions/create.ts";
import { requesterOf } from "../subscriptions/place.ts";
import { removal } from "../subscriptions/remove.ts";
import type { Granted } from "../subscriptions/request.ts";
import { checkTakesAlerts, type TargetInput } from "../subscriptions/target-kinds/target-kinds.ts";

/** Where a tenant's alerts go. It is a subscription, to nothing but alerts: `delivery/alerts.ts` says what those are. */

/** `undefined`: no target. */
export async function alertTarget(store: Store, { tenant }: Principal): Promise<Subscription | undefined> {
  return (await all(store, tenant)).at(-1);
}

const mostLeft = 10;

function all(store: Store, tenant: string): Promise<Subscription[]> {
  return store.subscriptions.list({ tenant, face: "notifications", scope: alertsPlace }, { max: mostLeft });
}

/**
 * In the place of what there was. The owner of an address that is not the caller's own has to agree first.
 *
 * @throws SignalboxError `invalid_request` about `target`; `conflict` when the caller has too many subscriptions.
 */
export async function setAlertTarget(
  deps: SubscriptionContext,
  caller: Principal,
  target: TargetInput,
): Promise<Granted> {
  checkTakesAlerts(target);
  const place = { face: "notifications", event: "*", scope: alertsPlace } as const;
  const replaced = { thing: alertsThing(caller.tenant), all: () => all(deps.store, caller.tenant) };
  const request = { surface: "subscriptions", target, replaced } as const;
  return deps.mutex.take(turnOf(caller), () => createAt(deps, requesterOf(caller), place, request));
}

/** @throws SignalboxError `not_found` when no target is set. */
export async function removeAlertTarget(deps: SubscriptionContext, caller: Principal): Promise<void> {
  const { publish, wake } = deps;
  const before = await deps.mutex.take(turnOf(caller), () =>
    commitOptimistically({ publish, what: "alert target" }, async () => {
      const found = await all(deps.store, caller.tenant);
      if (found.length === 0) throw notFound("an alert target");
      const ends = found.map((one) => removal(deps, one, byCaller(caller)));
      const unit = {
        conditions: found.map(({ uuid, revision }) => ({ if: "subscription.revision", uuid, revision }) as const),
        changes: [...ends.flatMap(({ changes }) => changes), noted(deps, caller, alertsThing(caller.tenant))],
        events: ends.flatMap(({ events }) => events),
      };
      return { unit, committed: () => found };
    }),
  );
  for (const { number } of before) wake(number);
}

/** One at a time in a process, which saves them tries: that there is one target at the most is in the conditions of their commits. */
function turnOf({ tenant }: Principal): string {
  return `alerts of ${tenant}`;
}
