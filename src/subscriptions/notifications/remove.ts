import type { Principal } from "../../domain/access.ts";
import { byCaller } from "../../platform/asking.ts";
import { removeSubscription } from "../remove.ts";
import type { NotificationDeps } from "./deps.ts";
import { findNotification } from "./find.ts";

/**
 * For good: nothing is sent any more, and only a search for what is not `visible` still finds it.
 *
 * @throws SignalboxError `not_found`.
 */
export async function removeNotification(deps: NotificationDeps, caller: Principal, id: string): Promise<void> {
  const subscription = await findNotification(deps.store, caller, id);
  await removeSubscription(deps, subscription, byCaller(caller));
}
