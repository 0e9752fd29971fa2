import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Attempt, DeliveryStatus } from "../domain/delivery.ts";
import type { Face } from "../domain/event.ts";
import { anyResource, parseDeliveryUuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { viewerOf } from "../domain/visibility.ts";
import { notFound, SignalboxError } from "../errors.ts";
import { inTurn } from "../platform/search.ts";
import { seenSubscription } from "../platform/visibility.ts";
import { findBucket } from "../storage/buckets.ts";
import type {
  Delivery,
  DeliveryBounds,
  DeliveryOrder,
  DeliveryPlace,
  DeliveryQuery,
  ListedDeliveries,
  Searched,
  Store,
} from "../store/store.ts";
import { checkStillMay } from "../subscriptions/place.ts";
import { deliveryOf, withFirst } from "./first-deliveries.ts";

/**
 * What was sent and what was not, and sending it again: for who knows of the subscription (`domain/visibility.ts`). A grant on a bucket is
 * for its objects, not for the receivers of those who listen there.
 */

export type DeliveryContext = Pick<Context, "clock" | "firstAttempts" | "publish" | "slices" | "store" | "wake">;

/** The part of a query that keeps callers to what they see. */
function sight(caller: Principal): Pick<DeliveryQuery, "tenant" | "viewer"> {
  const viewer = viewerOf(caller);
  return { tenant: caller.tenant, ...defined({ viewer }) };
}

/** What narrows a list, or a redrive, as it was asked for. */
export interface DeliveryFilter extends Omit<DeliveryBounds, "scope" | "subscription" | "viewer" | "data"> {
  /** By name. */
  readonly bucket?: string;
  /** By uuid, as it was given. */
  readonly rule?: string;
  readonly keyPrefix?: string;
}

/**
 * Names as the store knows them.
 *
 * @throws SignalboxError `not_found` when a bucket or rule is named that the caller may not see.
 */
export async function resolveFilter(
  store: Store,
  caller: Principal,
  { bucket, rule, keyPrefix, ...bounds }: DeliveryFilter,
): Promise<DeliveryBounds> {
  const scope = bucket === undefined ? undefined : await findBucket(store, caller, bucket, "read");
  const subscription = rule === undefined ? undefined : await seenRule(store, caller, rule);
  return {
    ...bounds,
    ...(scope === undefined ? {} : { scope: scope.uuid }),
    ...(subscription === undefined ? {} : { subscription: subscription.uuid }),
    ...(keyPrefix === undefined ? {} : { data: { field: "key", prefix: keyPrefix, untold: unsentSecret } }),
  };
}

/**
 * Face whose subscribers may lose sight of a resource before anything left here: neither a list nor what it is narrowed by then tells them
 * the key.
 */
export const unsentSecret: Face = "notifications";

/** A subscription that is or was. */
export async function seenRule(store: Store, caller: Principal, id: string): Promise<Subscription> {
  const rule = await seenSubscription(store, caller, id);
  if (rule === undefined) throw notFound(`rule '${id}'`);
  return rule;
}

/** What a list is asked for besides what narrows it. */
export interface ListFilter extends DeliveryFilter {
  readonly statuses?: readonly DeliveryStatus[];
  readonly order?: DeliveryOrder;
}

interface ListPage {
  readonly after?: DeliveryPlace;
  readonly max: number;
}

type ListContext = Pick<Context, "firstAttempts" | "slices" | "store">;

async function queryOf(
  store: Store,
  caller: Principal,
  { statuses, order, ...named }: ListFilter,
): Promise<DeliveryQuery> {
  return { ...(await resolveFilter(store, caller, named)), ...sight(caller), ...defined({ statuses, order }) };
}

/**
 * By event; a page may be short while there is a `next`. `newest`, of a first page: the last place that there is, behind which a list by
 * `oldest` finds what comes after this one.
 */
export async function listDeliveries(
  deps: ListContext,
  caller: Principal,
  filter: ListFilter,
  page: ListPage,
): Promise<ListedDeliveries & { readonly newest?: DeliveryPlace }> {
  const query = await queryOf(deps.store, caller, filter);
  const recorded = page.after === undefined ? await deps.store.deliveries.newest() : undefined;
  const listed = await inTurn(deps, caller.tenant, () => deps.store.deliveries.list(query, page));
  const shown = await withFirst(deps, caller, query, { page, listed });
  if (page.after !== undefined || query.order === "oldest") return shown;
  const first = shown.deliveries[0];
  const newest =
    first !== undefined && first.event.sequence > (recorded?.sequence ?? -1)
      ? { sequence: first.event.sequence, subscription: first.number }
      : recorded;
  return { ...shown, newest: newest ?? { sequence: 0, subscription: 0 } };
}

/** Windows that one count may look through: some 100,000 deliveries, each window in a turn of the loop of its own. */
const mostWindows = 34;

/** How many deliveries of a list are recorded, from a place on: a little in each turn of the loop, at the cost of the tenant. */
export async function countDeliveries(
  deps: Pick<Context, "slices" | "store">,
  caller: Principal,
  filter: ListFilter,
  { after, signal }: { readonly after?: DeliveryPlace; readonly signal: AbortSignal },
): Promise<Searched & { readonly count: number }> {
  const query = await queryOf(deps.store, caller, filter);
  let counted: Searched & { readonly count: number } = { count: 0, ...(after === undefined ? {} : { next: after }) };
  for (let window = 0; window < mostWindows && !signal.aborted; window++) {
    const from = counted.next;
    const { count, ...searched } = await inTurn(deps, caller.tenant, () => deps.store.deliveries.count(query, from));
    counted = { ...searched, count: counted.count + count };
    if (counted.next === undefined) break;
  }
  return counted;
}

interface Found {
  readonly delivery: Delivery;
  readonly rule: Subscription;
}

/** @throws SignalboxError `not_found` when there is no such delivery that the caller may see. */
export async function findDelivery(
  deps: Pick<Context, "firstAttempts" | "store">,
  caller: Principal,
  id: string,
): Promise<Delivery> {
  return (await foundDelivery(deps, caller, id)).delivery;
}

/** @throws SignalboxError as {@link findDelivery}. */
export async function foundDelivery(
  { store, firstAttempts }: Pick<Context, "store" | "firstAttempts">,
  caller: Principal,
  id: string,
): Promise<Found> {
  const parsed = parseDeliveryUuid(id);
  const rule = parsed === undefined ? undefined : await seenSubscription(store, caller, parsed.subscription);
  const delivery =
    parsed === undefined || rule === undefined
      ? undefined
      : await store.deliveries.get({ sequence: parsed.sequence, subscription: rule.number });
  if (rule !== undefined && delivery !== undefined) return { delivery, rule };
  const first =
    parsed === undefined || rule === undefined
      ? undefined
      : firstAttempts.get({ sequence: parsed.sequence, subscription: rule.number });
  if (rule === undefined || first === undefined) throw notFound(`delivery '${id}'`);
  return { delivery: deliveryOf(first), rule };
}

/** All that are kept, the first first. */
export function attemptsOf(store: Store, delivery: Delivery): Promise<Attempt[]> {
  return store.deliveries.attempts({ sequence: delivery.event.sequence, subscription: delivery.number });
}

/**
 * Sends a finished delivery again, under its own id, with as many tries as a new one.
 *
 * @throws SignalboxError `not_found`; `forbidden` for an owner who may not have the subscription any more; `conflict` when it still
 * waits, or its rule was deleted.
 */
export async function redriveDelivery(deps: DeliveryContext, caller: Principal, id: string): Promise<Delivery> {
  const { store, publish, clock, wake } = deps;
  const { delivery, rule } = await foundDelivery(deps, caller, id);
  const { event, number, status } = delivery;
  if (rule.deletedMs !== undefined) {
    throw new SignalboxError("conflict", `the rule of delivery '${id}' was deleted: there is nobody left to send to`);
  }
  await checkMaySend(store, caller, rule);
  const place = { sequence: event.sequence, subscription: number };
  const commit = await publish({
    conditions: [{ if: "delivery.finished", ...place }],
    changes: [{ do: "delivery.redrive", ...place, dueMs: clock.steady() }],
  });
  if (commit.kind === "refused") {
    const why = status === "paused" ? "its rule is paused or disabled" : "it has tries left";
    throw new SignalboxError("conflict", `delivery '${id}' still waits: ${why}`);
  }
  wake(number);
  return findDelivery(deps, caller, id);
}

/** An owner who was moved to another role, or whose bucket is another's now, only looks at what once was. */
export async function checkMaySend(store: Store, caller: Principal, rule: Subscription): Promise<void> {
  if (rule.face === "objects" && rule.scope !== anyResource && rule.endedMs !== undefined) return;
  await checkStillMay({ store }, caller, rule);
}
