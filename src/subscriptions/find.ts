import { setImmediate } from "node:timers/promises";
import { mayManage, type Principal } from "../domain/access.ts";
import type { Face } from "../domain/event.ts";
import { anyResource, parseUuid, type Uuid } from "../domain/ids.ts";
import type { Subscription, Target } from "../domain/subscription.ts";
import { isAdmin, viewerOf } from "../domain/visibility.ts";
import { invalidField, notFound } from "../errors.ts";
import { seenSubscription } from "../platform/visibility.ts";
import type { Page, Store } from "../store/store.ts";
import { type SubscriptionStatus, statusOf } from "./status.ts";

/** Which subscriptions a caller knows of: the rule is that of `domain/visibility.ts`. */

/** @throws SignalboxError `not_found`, in the same words for one that is not there and one that the caller does not know of. */
export async function findSubscription(store: Store, caller: Principal, id: string): Promise<Subscription> {
  const found = await seenSubscription(store, caller, id);
  if (found === undefined || found.deletedMs !== undefined) throw notFound(`subscription '${id}'`);
  return found;
}

export interface SubscriptionFilter {
  readonly face?: Face;
  readonly event?: string;
  /** A uuid as it was given, or `*`. */
  readonly resource?: string;
  readonly target?: Target["kind"];
  readonly owner?: string;
  readonly status?: SubscriptionStatus;
}

export interface SubscriptionPage {
  readonly subscriptions: readonly Subscription[];
  /** Where to go on; absent at the end. */
  readonly next?: number;
}

const readTogether = 200;
/** Of what does not fit, no more is looked at for one page. */
const mostReads = 25;

/**
 * Newest first: an admin's list holds all of the tenant, anybody else's their own; of one bucket that they manage, those of others too.
 * A page may be short while there is a next.
 */
export async function listSubscriptions(
  store: Store,
  caller: Principal,
  filter: SubscriptionFilter,
  { after, max }: Page<number>,
): Promise<SubscriptionPage> {
  const query = await queryOf(store, caller, filter);
  const subscriptions: Subscription[] = [];
  let last = after;
  for (let reads = 0; reads < mostReads; reads += 1) {
    const page = await store.subscriptions.newest(query, {
      max: readTogether,
      ...(last === undefined ? {} : { after: last }),
    });
    for (const found of page) {
      last = found.number;
      if (!fits(found, filter)) continue;
      if (subscriptions.push(found) === max) return { subscriptions, next: last };
    }
    if (page.length < readTogether) return { subscriptions };
    // Others want their turn.
    await setImmediate();
  }
  return { subscriptions, ...(last === undefined ? {} : { next: last }) };
}

async function queryOf(store: Store, caller: Principal, { face, resource, owner }: SubscriptionFilter) {
  const scope = resource === undefined ? undefined : scopeOf(resource);
  const whose = isAdmin(caller) || (await managesBucket(store, caller, scope)) ? owner : caller.name;
  const viewer = viewerOf(caller);
  return {
    tenant: caller.tenant,
    ...(viewer === undefined ? {} : { viewer }),
    ...(face === undefined ? {} : { face }),
    ...(scope === undefined ? {} : { scope }),
    ...(whose === undefined ? {} : { owner: whose }),
  };
}

function scopeOf(resource: string): Uuid {
  const uuid = resource === anyResource ? anyResource : parseUuid(resource);
  if (uuid === undefined) throw invalidField("resource", "must be a resource's uuid or *");
  return uuid;
}

async function managesBucket(store: Store, caller: Principal, scope: Uuid | undefined): Promise<boolean> {
  const bucket = scope === undefined ? undefined : await store.objects.bucketByUuid(scope);
  return bucket !== undefined && mayManage(caller, bucket);
}

function fits(found: Subscription, { event, target, owner, status }: SubscriptionFilter): boolean {
  if (event !== undefined && found.event !== event) return false;
  if (target !== undefined && found.target.kind !== target) return false;
  if (owner !== undefined && found.owner !== owner) return false;
  return status === undefined || statusOf(found) === status;
}
