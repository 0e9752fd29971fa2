import type { Context } from "../context.ts";
import type { FirstAttempt } from "../delivery/first-attempts.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { functionNumberOf } from "../domain/subscription.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import type { Delivery, DeliveryPlace, DeliveryQuery, Page, Store } from "../store/store.ts";

/** Deliveries whose first attempt is under way, among those that are recorded. */

type Listed = Awaited<ReturnType<Store["deliveries"]["list"]>>;

/** A page of the store with what belongs into it of those: newest event first, no more than the page may have. */
export async function withFirst(
  { store, firstAttempts }: Pick<Context, "store" | "firstAttempts">,
  caller: Principal,
  query: DeliveryQuery,
  { page, listed }: { readonly page: Page<DeliveryPlace>; readonly listed: Listed },
): Promise<Listed> {
  const known = new Set(listed.deliveries.map(keyOf));
  const found: Delivery[] = [];
  for (const attempt of firstAttempts.all()) {
    if (!isWanted(attempt, query)) continue;
    const delivery = deliveryOf(attempt);
    const isHere =
      (page.after === undefined || order(placeOf(delivery), page.after) > 0) &&
      (listed.next === undefined || order(placeOf(delivery), listed.next) <= 0);
    if (isHere && !known.has(keyOf(delivery)) && (await knowsSubscription(store, caller, attempt.subscription)))
      found.push(delivery);
  }
  if (found.length === 0) return listed;
  const all = [...listed.deliveries, ...found].toSorted((one, other) => order(placeOf(one), placeOf(other)));
  const deliveries = all.slice(0, page.max);
  const last = deliveries.at(-1);
  const next = all.length > deliveries.length && last !== undefined ? placeOf(last) : listed.next;
  return { deliveries, ...defined({ next }) };
}

function isWanted({ event, subscription }: FirstAttempt, query: DeliveryQuery): boolean {
  const {
    tenant,
    status = "waiting",
    scope,
    subscription: uuid,
    sinceMs = 0,
    untilMs = Number.POSITIVE_INFINITY,
  } = query;
  return (
    subscription.tenant === tenant &&
    status === "waiting" &&
    (scope === undefined || subscription.scope === scope) &&
    (uuid === undefined || subscription.uuid === uuid) &&
    event.timeMs >= sinceMs &&
    event.timeMs < untilMs
  );
}

/** As it is before its first attempt has ended. */
export function deliveryOf({ event, subscription: { uuid, number, face, target } }: FirstAttempt): Delivery {
  return {
    event,
    subscription: uuid,
    number,
    face,
    ...defined({ function: functionNumberOf(target) }),
    status: "waiting",
    attempts: 0,
  };
}

function placeOf({ event: { sequence }, number }: Delivery): DeliveryPlace {
  return { sequence, subscription: number };
}

function keyOf({ event: { sequence }, number }: Delivery): string {
  return `${sequence}/${number}`;
}

/** Below 0: `one` comes first in lists. */
function order(one: DeliveryPlace, other: DeliveryPlace): number {
  return other.sequence - one.sequence || other.subscription - one.subscription;
}
