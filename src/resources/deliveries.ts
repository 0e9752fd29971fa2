import type { Clock } from "../clock.ts";
import { managesTenant, mayManage, mayReach, type Principal } from "../domain/access.ts";
import type { Attempt } from "../domain/delivery.ts";
import { newUuid, parseDeliveryUuid, parseUuid, type Uuid } from "../domain/ids.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import type { Publish } from "../publish.ts";
import type { Redrive } from "../store/records.ts";
import type { Delivery, DeliveryPlace, DeliveryQuery, Store } from "../store/store.ts";
import { findBucket } from "./buckets.ts";

/** What was sent and what was not, and sending it again. Members see what is of buckets that they own or were granted. */

export interface DeliveryDeps {
  readonly store: Store;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly wake: (subscription: number) => void;
  readonly startRedrive: (redrive: Uuid) => void;
}

/** The part of a query that keeps members to what they may see. */
function sight(caller: Principal): Pick<DeliveryQuery, "tenant" | "visibleTo"> {
  return { tenant: caller.tenant, ...(managesTenant(caller) ? {} : { visibleTo: caller.name }) };
}

export interface DeliveryFilter {
  /** By name. */
  readonly bucket?: string;
  /** By uuid, as it was given. */
  readonly rule?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/**
 * Names as the store knows them.
 *
 * @throws SignalboxError `not_found` when a bucket or rule is named that the caller may not see.
 */
export async function resolveFilter(
  store: Store,
  caller: Principal,
  { bucket, rule, sinceMs, untilMs }: DeliveryFilter,
) {
  const scope = bucket === undefined ? undefined : await findBucket(store, caller, bucket, "read");
  const subscription = rule === undefined ? undefined : await visibleRule(store, caller, rule);
  return {
    ...(scope === undefined ? {} : { scope: scope.uuid }),
    ...(subscription === undefined ? {} : { subscription: subscription.uuid }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

/** A rule that is or was; members must see its bucket. */
async function visibleRule(store: Store, caller: Principal, id: string) {
  const uuid = parseUuid(id);
  const rule = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  if (rule === undefined || rule.tenant !== caller.tenant) throw notFound(`rule '${id}'`);
  if (managesTenant(caller)) return rule;
  const bucket = await store.objects.bucketByUuid(rule.scope);
  const grant = await store.identities.grant(rule.scope, caller.name);
  if (bucket === undefined || !mayReach(caller, bucket, "read", grant)) throw notFound(`rule '${id}'`);
  return rule;
}

/** Newest event first; a page may be short while there is a `next`. */
export async function listDeliveries(
  store: Store,
  caller: Principal,
  filter: DeliveryFilter & Pick<DeliveryQuery, "status">,
  page: { readonly after?: DeliveryPlace; readonly max: number },
): Promise<{ readonly deliveries: readonly Delivery[]; readonly next?: DeliveryPlace }> {
  const query = { ...(await resolveFilter(store, caller, filter)), ...sight(caller) };
  return store.deliveries.list(filter.status === undefined ? query : { ...query, status: filter.status }, page);
}

/** @throws SignalboxError `not_found` when there is no such delivery that the caller may see. */
export async function findDelivery(store: Store, caller: Principal, id: string): Promise<Delivery> {
  const parsed = parseDeliveryUuid(id);
  const rule = parsed === undefined ? undefined : await store.subscriptions.get(parsed.subscription);
  if (parsed === undefined || rule === undefined || rule.tenant !== caller.tenant) throw notFound(`delivery '${id}'`);
  // As the first of the list that begins just before it, so that sight is judged where lists judge it.
  const { deliveries } = await store.deliveries.list(
    { ...sight(caller), subscription: rule.uuid },
    { after: { sequence: parsed.sequence, subscription: rule.number + 1 }, max: 1 },
  );
  const found = deliveries[0];
  if (found?.event.sequence !== parsed.sequence) throw notFound(`delivery '${id}'`);
  return found;
}

/** All that are kept, the first first. */
export function attemptsOf(store: Store, delivery: Delivery): Promise<Attempt[]> {
  return store.deliveries.attempts({ sequence: delivery.event.sequence, subscription: delivery.number });
}

/**
 * Sends a finished delivery again, under its own id, with as many tries as a new one.
 *
 * @throws SignalboxError `not_found`; `forbidden` for who may only read its bucket; `conflict` when it still waits, or its rule
 * was deleted.
 */
export async function redriveDelivery(deps: DeliveryDeps, caller: Principal, id: string): Promise<Delivery> {
  const { store, publish, clock, wake } = deps;
  const { event, subscription: uuid, number, status } = await findDelivery(store, caller, id);
  const rule = await store.subscriptions.get(uuid);
  await checkMayResend(store, caller, rule?.scope);
  if (rule === undefined || rule.deletedMs !== undefined) {
    throw new SignalboxError("conflict", `the rule of delivery '${id}' was deleted: there is nobody left to send to`);
  }
  const place = { sequence: event.sequence, subscription: number };
  const commit = await publish({
    conditions: [{ if: "delivery.finished", ...place }],
    changes: [{ do: "delivery.redrive", ...place, dueMs: clock.now() }],
  });
  if (commit.kind === "refused") {
    const why = status === "paused" ? "its rule is paused or disabled" : "it has tries left";
    throw new SignalboxError("conflict", `delivery '${id}' still waits: ${why}`);
  }
  wake(number);
  return findDelivery(store, caller, id);
}

async function checkMayResend(store: Store, caller: Principal, scope: Uuid | undefined): Promise<void> {
  if (managesTenant(caller) || scope === undefined) return;
  const bucket = await store.objects.bucketByUuid(scope);
  const grant = await store.identities.grant(scope, caller.name);
  if (bucket === undefined || !mayReach(caller, bucket, "write", grant)) {
    throw new SignalboxError("forbidden", "you may read this bucket, not send its events again: ask its owner");
  }
}

/**
 * Sends all dead letters that fit the filter again, as a job that survives crashes. Members say which bucket, or which rule,
 * of those that they manage.
 *
 * @throws SignalboxError `not_found`; `invalid_request`; `conflict` when the rule was deleted.
 */
export async function startRedrive(deps: DeliveryDeps, caller: Principal, filter: DeliveryFilter): Promise<Redrive> {
  const { store, publish, clock, startRedrive: start } = deps;
  if (filter.bucket === undefined && filter.rule === undefined && !managesTenant(caller)) {
    throw invalidField("bucket", "is required: a member sends the dead letters of one bucket, or of one rule, again");
  }
  const rule = filter.rule === undefined ? undefined : await visibleRule(store, caller, filter.rule);
  if (rule?.deletedMs !== undefined) {
    throw new SignalboxError("conflict", `rule '${rule.uuid}' was deleted: there is nobody left to send to`);
  }
  const resolved = await resolveFilter(store, caller, filter);
  for (const scope of [resolved.scope, rule?.scope]) {
    if (scope !== undefined) await checkManaged(store, caller, scope);
  }
  const redrive: Redrive = {
    uuid: newUuid("job", { nowMs: clock.now(), bytes: clock.bytes(10) }),
    tenant: caller.tenant,
    filter: resolved,
    state: "running",
    redriven: 0,
    createdMs: clock.now(),
    createdBy: caller.name,
  };
  await publish({ changes: [{ do: "redrive.add", redrive }] });
  start(redrive.uuid);
  return redrive;
}

async function checkManaged(store: Store, caller: Principal, scope: Uuid): Promise<void> {
  if (managesTenant(caller)) return;
  const bucket = await store.objects.bucketByUuid(scope);
  if (bucket === undefined || !mayManage(caller, bucket)) throw notFound("a bucket of yours by that name");
}

/** @throws SignalboxError `not_found` when there is no such job; members see those that they started. */
export async function findRedrive(store: Store, caller: Principal, id: string): Promise<Redrive> {
  const uuid = parseUuid(id);
  const job = uuid === undefined ? undefined : await store.deliveries.redrive(uuid);
  const visible = job?.tenant === caller.tenant && (managesTenant(caller) || job.createdBy === caller.name);
  if (job === undefined || !visible) throw notFound(`redrive '${id}'`);
  return job;
}
