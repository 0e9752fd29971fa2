import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { alertsPlace } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { invalidField, notFound } from "../errors.ts";
import { byCaller } from "../platform/asking.ts";
import type { Store } from "../store/store.ts";
import { addSubscription } from "../subscriptions/add.ts";
import { addressed, type Made, type MakeDeps } from "../subscriptions/make.ts";
import { retriesOf } from "../subscriptions/options.ts";
import { removeSubscription } from "../subscriptions/remove.ts";
import { newTarget, type TargetInput } from "../subscriptions/target-input.ts";

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
export async function setAlertTarget(deps: MakeDeps, caller: Principal, input: TargetInput): Promise<Made> {
  if (input.kind === "function") throw invalidField("target.type", "must be webhook or email");
  const place = { face: "notifications", event: "*", scope: alertsPlace } as const;
  return deps.mutex.take(`alerts of ${caller.tenant}`, async () => {
    const { target, signingSecret } = newTarget(deps, place, await addressed(deps, caller, input));
    const before = await all(deps.store, caller.tenant);
    const subscription = await addSubscription(deps, caller, {
      ...place,
      target,
      ...retriesOf(place, target.kind, {}, undefined),
      once: false,
      enabled: true,
    });
    for (const one of before) await removeSubscription(deps, one, byCaller(caller));
    return { subscription, ...defined({ signingSecret }) };
  });
}

/** @throws SignalboxError `not_found` when no target is set. */
export async function removeAlertTarget(deps: MakeDeps, caller: Principal): Promise<void> {
  await deps.mutex.take(`alerts of ${caller.tenant}`, async () => {
    const before = await all(deps.store, caller.tenant);
    if (before.length === 0) throw notFound("an alert target");
    for (const one of before) await removeSubscription(deps, one, byCaller(caller));
  });
}
