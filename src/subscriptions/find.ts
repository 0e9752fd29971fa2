import { mayManage, type Principal } from "../domain/access.ts";
import type { Catalog, EventTypeDefinition } from "../domain/catalog.ts";
import { invalidEventType } from "../domain/event-types.ts";
import { parseUuid } from "../domain/ids.ts";
import {
  type FunctionSubscription,
  isRule,
  type RuleSubscription,
  runsFunction,
  type Subscription,
} from "../domain/subscription.ts";
import { notFound, SignalboxError } from "../errors.ts";
import { seenSubscription } from "../platform/visibility.ts";
import type { Bucket } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { Surface } from "./surfaces.ts";

/** Which subscription is meant, and whether the caller knows of it: the rule is that of `domain/visibility.ts`. */

/** One of them, as its surface names it. */
export interface Reference<S extends Surface = Surface> {
  readonly surface: S;
  /** As it was given: a uuid, or of a subscriber its number. */
  readonly id: string;
  /** The bucket's name, of a rule; the event type, of a subscriber. */
  readonly of?: string;
}

/** What each surface finds. */
export interface FoundBy {
  readonly rules: RuleSubscription;
  readonly subscribers: FunctionSubscription;
  readonly notifications: Subscription;
  readonly subscriptions: Subscription;
}

type Find = (store: Store, caller: Principal, id: string, of: string) => Promise<Subscription | undefined>;

const finding: Readonly<Record<Surface, Find>> = {
  // Only who may manage the bucket knows of its rules, because a webhook's URL is often a secret itself.
  rules: async (store, caller, id, of) => {
    const bucket = await managedBucket(store, caller, of);
    const uuid = parseUuid(id);
    const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
    const isThere = found?.scope === bucket.uuid && found.face === "objects" && isRule(found);
    return isThere ? found : undefined;
  },
  subscribers: async (store, caller, id, of) => {
    const found = /^\d{1,15}$/.test(id) ? await store.subscriptions.byNumber(Number(id)) : undefined;
    const isSubscriber = found?.tenant === caller.tenant && found.face === "lifecycle" && found.event === of;
    return isSubscriber && runsFunction(found) ? found : undefined;
  },
  notifications: async (store, caller, id) => {
    const found = await seenSubscription(store, caller, id);
    return found?.face === "notifications" ? found : undefined;
  },
  subscriptions: seenSubscription,
};

const missing: Readonly<Record<Surface, (id: string, of: string) => string>> = {
  rules: (id) => `rule '${id}'`,
  subscribers: (id, event) => `subscriber '${id}' of event '${event}'`,
  notifications: () => "a subscription with that uuid",
  subscriptions: (id) => `subscription '${id}'`,
};

/** @throws SignalboxError `not_found`, in the same words for one that is not there and one that the caller does not know of. */
export async function findSubscription<S extends Surface>(
  store: Store,
  caller: Principal,
  { surface, id, of = "" }: Reference<S>,
): Promise<FoundBy[S]> {
  const found = await finding[surface](store, caller, id, of);
  if (found === undefined || found.deletedMs !== undefined) throw notFound(missing[surface](id, of));
  return found as FoundBy[S];
}

/** @throws SignalboxError `not_found` when there is no such bucket whose rules the caller may manage. */
export async function managedBucket(store: Store, caller: Principal, name: string): Promise<Bucket> {
  const bucket = await store.objects.bucket(caller.tenant, name);
  if (bucket === undefined || !mayManage(caller, bucket)) {
    throw notFound(`a bucket '${name}' whose rules you may manage`);
  }
  return bucket;
}

/** @throws SignalboxError `invalid_request`, as documented, for a name that the catalog does not have. */
export function eventType(catalog: Catalog, name: string): EventTypeDefinition {
  const definition = catalog.get(name);
  if (definition !== undefined) return definition;
  throw new SignalboxError("invalid_request", invalidEventType(name, catalog.names));
}
