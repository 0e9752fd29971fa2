import type { Context } from "../context.ts";
import type { FirstAttempt } from "../delivery/first-attempts.ts";
import type { Principal } from "../domain/access.ts";
import { webhookOf } from "../domain/destination.ts";
import { functionNumberOf, type Target } from "../domain/subscription.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import type { Delivery, DeliveryPlace, DeliveryQuery, Page, Store } from "../store/store.ts";

/** Deliveries of which nothing is recorded yet, among those that are. */

type Listed = Awaited<ReturnType<Store["deliveries"]["list"]>>;

/** A page of the store with what belongs into it of those, in the order of the list: no more than the page may have. */
export async function withFirst(
  { store, firstAttempts }: Pick<Context, "store" | "firstAttempts">,
  caller: Principal,
  query: DeliveryQuery,
  { page, listed }: { readonly page: Page<DeliveryPlace>; readonly listed: Listed },
): Promise<Listed> {
  const known = new Set(listed.deliveries.map(keyOf));
  const order = inOrder(query);
  const found: Delivery[] = [];
  /** By the number of a subscription, of which there may be thousands. */
  const knows = new Map<number, boolean>();
  for (const attempt of firstAttempts.all()) {
    if (!isWanted(attempt, query)) continue;
    const delivery = deliveryOf(attempt);
    const isHere =
      (page.after === undefined || order(placeOf(delivery), page.after) > 0) &&
      (listed.next === undefined || order(placeOf(delivery), listed.next) <= 0);
    if (!isHere || known.has(keyOf(delivery))) continue;
    const { subscription } = attempt;
    const isKnown = knows.get(subscription.number) ?? (await knowsSubscription(store, caller, subscription));
    knows.set(subscription.number, isKnown);
    if (isKnown) found.push(delivery);
  }
  if (found.length === 0) return listed;
  const all = [...listed.deliveries, ...found].toSorted((one, other) => order(placeOf(one), placeOf(other)));
  const deliveries = all.slice(0, page.max);
  const last = deliveries.at(-1);
  if (all.length === deliveries.length || last === undefined) return { ...listed, deliveries };
  return { deliveries, next: placeOf(last), searchedMs: last.event.timeMs };
}

/** Nothing was tried, and nothing answered. A key that may not be told fits no prefix. */
function isWanted({ event, subscription }: FirstAttempt, query: DeliveryQuery): boolean {
  const { statuses, scope, subscription: uuid, face, resource, data, targetHost } = query;
  const { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = query;
  if (query.httpStatus !== undefined || query.reason !== undefined || (query.minAttempts ?? 0) > 0) return false;
  const text = data === undefined ? "" : event.data[data.field];
  return (
    subscription.tenant === query.tenant &&
    statuses?.includes("waiting") !== false &&
    (scope === undefined || subscription.scope === scope) &&
    (uuid === undefined || subscription.uuid === uuid) &&
    (face === undefined || subscription.face === face) &&
    (query.event === undefined || event.names[subscription.face] === query.event) &&
    (resource === undefined || event.resource === resource) &&
    (data === undefined ||
      (subscription.face !== data.untold && typeof text === "string" && text.startsWith(data.prefix))) &&
    (targetHost === undefined || isAtHost(subscription.target, targetHost)) &&
    (query.function === undefined || functionNumberOf(subscription.target) === query.function) &&
    event.timeMs >= sinceMs &&
    event.timeMs < untilMs
  );
}

function isAtHost(target: Target, host: string): boolean {
  const to = webhookOf(target)?.url;
  if (to === undefined || !URL.canParse(to)) return false;
  const url = new URL(to);
  return url.host === host || url.hostname === host;
}

/** As it is before its first attempt has ended. */
export function deliveryOf({ event, subscription: { uuid, number, face, target } }: FirstAttempt): Delivery {
  return {
    event,
    subscription: uuid,
    number,
    face,
    target,
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

/** Below 0: `one` comes first in the list. */
function inOrder({ order }: DeliveryQuery): (one: DeliveryPlace, other: DeliveryPlace) => number {
  const sign = order === "oldest" ? 1 : -1;
  return (one, other) => sign * (one.sequence - other.sequence || one.subscription - other.subscription);
}
