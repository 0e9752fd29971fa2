import type { Principal } from "../domain/access.ts";
import { anyResource, parseUuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { seesSubscription } from "../domain/visibility.ts";
import type { Store } from "../store/store.ts";

/** The one place that asks whether a caller knows of a subscription; lists ask the store, by `viewerOf`. */

type Sighting = Pick<Store, "subscriptions" | "objects">;

export async function knowsSubscription(
  store: Sighting,
  caller: Principal,
  subscription: Subscription,
): Promise<boolean> {
  const { face, scope } = subscription;
  const isOfBucket = face === "objects" && scope !== anyResource;
  const bucket = isOfBucket ? await store.objects.bucketThatWas(scope) : undefined;
  return seesSubscription(caller, subscription, bucket);
}

/**
 * The subscription with that uuid, deleted or not; `undefined` alike for one that is not there and one that the caller does not know of.
 *
 * @param id as it was given.
 */
export async function seenSubscription(
  store: Sighting,
  caller: Principal,
  id: string,
): Promise<Subscription | undefined> {
  const uuid = parseUuid(id);
  const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  return found !== undefined && (await knowsSubscription(store, caller, found)) ? found : undefined;
}
