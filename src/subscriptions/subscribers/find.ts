import type { Principal } from "../../domain/access.ts";
import type { Catalog, EventTypeDefinition } from "../../domain/catalog.ts";
import type { Uuid } from "../../domain/ids.ts";
import { type FunctionSubscription, runsFunction } from "../../domain/subscription.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";

/** Who is subscribed to an event type of the lifecycle face. */

/** A function that is subscribed to an event type. */
export interface Subscriber {
  readonly subscription: FunctionSubscription;
  readonly fn: KnownFunction;
}

/** @throws SignalboxError `invalid_request`, as documented, for a name that the catalog does not have. */
export function eventType(catalog: Catalog, name: string): EventTypeDefinition {
  const definition = catalog.get(name);
  if (definition !== undefined) return definition;
  throw new SignalboxError(
    "invalid_request",
    `Invalid event type '${name}'. Must be one of: ${catalog.names.join(", ")}`,
  );
}

export interface SubscriberQuery {
  readonly tenant: string;
  /** An app's. */
  readonly scope?: Uuid;
  readonly event: string;
}

/** All, oldest first: there are no more of them than there may be hooks. */
export async function listSubscribers(store: Store, { event, ...query }: SubscriberQuery): Promise<Subscriber[]> {
  const found: Subscriber[] = [];
  for await (const subscription of subscriptions(store, query)) {
    if (subscription.event !== event) continue;
    const fn = await store.functions.byNumber(subscription.target.function);
    if (fn !== undefined) found.push({ subscription, fn });
  }
  return found;
}

/** How many functions of an app are subscribed to each event type that has any. */
export async function countSubscribers(
  store: Store,
  query: Omit<SubscriberQuery, "event">,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const { event } of subscriptions(store, query)) counts.set(event, (counts.get(event) ?? 0) + 1);
  return counts;
}

const pageSize = 500;

async function* subscriptions(
  store: Store,
  query: Omit<SubscriberQuery, "event">,
): AsyncGenerator<FunctionSubscription, void> {
  for (let after: number | undefined; ; ) {
    const page = await store.subscriptions.list(
      { ...query, face: "lifecycle" },
      { max: pageSize, ...(after === undefined ? {} : { after }) },
    );
    yield* page.filter(runsFunction);
    after = page.at(-1)?.number;
    if (page.length < pageSize) return;
  }
}

export interface SubscriberPlace {
  readonly event: string;
  /** The subscription's number, as it was given. */
  readonly id: string;
}

/** @throws SignalboxError `not_found` when the caller's tenant has no such subscription to that event type. */
export async function findSubscriber(
  store: Store,
  caller: Principal,
  { event, id }: SubscriberPlace,
): Promise<Subscriber> {
  const found = /^\d{1,15}$/.test(id) ? await store.subscriptions.byNumber(Number(id)) : undefined;
  const fn =
    found === undefined || !runsFunction(found) ? undefined : await store.functions.byNumber(found.target.function);
  if (
    found === undefined ||
    fn === undefined ||
    !runsFunction(found) ||
    found.tenant !== caller.tenant ||
    found.face !== "lifecycle" ||
    found.event !== event ||
    found.deletedMs !== undefined
  ) {
    throw notFound(`subscriber '${id}' of event '${event}'`);
  }
  return { subscription: found, fn };
}
