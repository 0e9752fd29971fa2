import type { Principal } from "../../domain/access.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { seenSubscription } from "../../platform/visibility.ts";
import type { Store } from "../../store/store.ts";

/** Whose subscriptions one reaches: one's own, and those who administer the tenant everybody's. */

/** @throws SignalboxError `not_found`, in the same words for one that does not exist and one that is somebody else's. */
export async function findNotification(store: Store, caller: Principal, id: string): Promise<Subscription> {
  const found = await seenSubscription(store, caller, id);
  if (found === undefined || found.face !== "notifications" || found.deletedMs !== undefined) {
    throw notFound("a subscription with that uuid");
  }
  return found;
}

/** @throws SignalboxError `precondition_failed` when it is not as it has to be for that. */
export function requires(holds: boolean, message: string): void {
  if (!holds) throw new SignalboxError("precondition_failed", message);
}
