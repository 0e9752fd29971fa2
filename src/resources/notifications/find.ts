import type { Principal } from "../../domain/access.ts";
import { parseUuid } from "../../domain/ids.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { isAdmin } from "../subscriptions/place.ts";

/** Whose subscriptions one reaches: one's own, and those who administer the tenant everybody's. */

/** @throws SignalboxError `not_found`, in the same words for one that does not exist and one that is somebody else's. */
export async function findNotification(store: Store, caller: Principal, id: string): Promise<Subscription> {
  const uuid = parseUuid(id);
  const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  if (
    found === undefined ||
    found.tenant !== caller.tenant ||
    found.face !== "notifications" ||
    found.deletedMs !== undefined ||
    (found.owner !== caller.name && !isAdmin(caller))
  ) {
    throw notFound("a subscription with that uuid");
  }
  return found;
}

/** @throws SignalboxError `precondition_failed` when it is not as it has to be for that. */
export function requires(holds: boolean, message: string): void {
  if (!holds) throw new SignalboxError("precondition_failed", message);
}
