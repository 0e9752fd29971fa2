import { setImmediate } from "node:timers/promises";
import { mayManage, type Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Face } from "../domain/event.ts";
import { anyResource, parseUuid, type Uuid } from "../domain/ids.ts";
import {
  type FunctionSubscription,
  isRule,
  type RuleSubscription,
  runsFunction,
  type Subscription,
  type Target,
} from "../domain/subscription.ts";
import { isAdmin, viewerOf } from "../domain/visibility.ts";
import { invalidField } from "../errors.ts";
import type { Bucket, KnownFunction } from "../store/records.ts";
import type { Page, Store, Subscriptions } from "../store/store.ts";
import { managedBucket } from "./find.ts";
import { type SubscriptionStatus, statusOf } from "./status.ts";

interface SubscriptionFilter {
  readonly face?: Face;
  readonly event?: string;
  /** A uuid as it was given, or `*`. */
  readonly resource?: string;
  readonly target?: Target["kind"];
  /** The name of one that is there. */
  readonly destination?: string;
  readonly owner?: string;
  readonly status?: SubscriptionStatus;
}

interface SubscriptionPage {
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
  const goesThere = await towards(store, caller, filter);
  const subscriptions: Subscription[] = [];
  let last = after;
  for (let reads = 0; reads < mostReads; reads += 1) {
    const page = await store.subscriptions.newest(query, {
      max: readTogether,
      ...defined({ after: last }),
    });
    for (const found of page) {
      last = found.number;
      if (!fits(found, filter) || !goesThere(found)) continue;
      if (subscriptions.push(found) === max) return { subscriptions, next: last };
    }
    if (page.length < readTogether) return { subscriptions };
    // Others want their turn.
    await setImmediate();
  }
  return { subscriptions, ...defined({ next: last }) };
}

async function queryOf(store: Store, caller: Principal, { face, resource, owner }: SubscriptionFilter) {
  const scope = resource === undefined ? undefined : scopeOf(resource);
  const whose = isAdmin(caller) || (await managesBucket(store, caller, scope)) ? owner : caller.name;
  const viewer = viewerOf(caller);
  return {
    tenant: caller.tenant,
    ...defined({ viewer, face, scope, owner: whose }),
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

/** By what the name stands for now: what went to one that was deleted does not go to another of its name. */
async function towards(
  { destinations }: Pick<Store, "destinations">,
  { tenant }: Principal,
  { destination: name }: SubscriptionFilter,
): Promise<(found: Subscription) => boolean> {
  if (name === undefined) return () => true;
  const number = (await destinations.get(tenant, name))?.number;
  return ({ target }) => target.kind === "destination" && target.destination === number;
}

const readAtOnce = 500;

/** Those of a place that go to one kind of target, oldest first. */
async function* oldestFirst<S extends Subscription>(
  store: Store,
  query: Parameters<Subscriptions["list"]>[0],
  { is, after, max = readAtOnce }: { readonly is: (one: Subscription) => one is S } & Partial<Page<number>>,
): AsyncGenerator<S, void> {
  for (let last = after; ; ) {
    const page = await store.subscriptions.list(query, { max, ...defined({ after: last }) });
    yield* page.filter(is);
    last = page.at(-1)?.number;
    if (page.length < max) return;
  }
}

/** The rules of a bucket that the caller manages, oldest first. Those that go elsewhere are no rules, and make no page shorter. */
export async function listRules(
  store: Store,
  caller: Principal,
  { bucket, ...page }: Page<number> & { readonly bucket: string },
): Promise<readonly RuleSubscription[]> {
  const { uuid: scope } = await managedBucket(store, caller, bucket);
  const query = { tenant: caller.tenant, face: "objects", scope } as const;
  const rules: RuleSubscription[] = [];
  for await (const rule of oldestFirst(store, query, { is: isRule, ...page })) {
    if (rules.push(rule) === page.max) break;
  }
  return rules;
}

/** Beyond so many they are not counted. */
const mostCounted = 1_000;

/** How many rules a bucket has; `undefined`: more than are counted. */
export async function countRules(store: Store, { tenant, uuid: scope }: Bucket): Promise<number | undefined> {
  let count = 0;
  for await (const _ of oldestFirst(store, { tenant, face: "objects", scope }, { is: isRule })) {
    count += 1;
    if (count > mostCounted) return undefined;
  }
  return count;
}

/** A function that is subscribed to an event type. */
export interface Subscriber {
  readonly subscription: FunctionSubscription;
  readonly fn: KnownFunction;
}

/** @throws TypeError when it runs no function, or one that is not there: it ends with its function. */
export async function subscriberOf(store: Store, subscription: Subscription): Promise<Subscriber> {
  const fn = runsFunction(subscription) ? await store.functions.byNumber(subscription.target.function) : undefined;
  if (fn === undefined || !runsFunction(subscription)) throw new TypeError(`${subscription.uuid} runs no function`);
  return { subscription, fn };
}

interface SubscriberQuery {
  readonly tenant: string;
  /** An app's. */
  readonly scope?: Uuid;
  readonly event: string;
}

/** All, oldest first: there are no more of them than there may be hooks. */
export async function listSubscribers(store: Store, { event, ...query }: SubscriberQuery): Promise<Subscriber[]> {
  const found: Subscriber[] = [];
  for await (const subscription of oldestFirst(store, { ...query, face: "lifecycle" }, { is: runsFunction })) {
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
  for await (const { event } of oldestFirst(store, { ...query, face: "lifecycle" }, { is: runsFunction })) {
    counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  return counts;
}
