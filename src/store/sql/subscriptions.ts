import type { Face } from "../../domain/event.ts";
import type { Need } from "../../domain/face-rules.ts";
import { accessText, faceFields } from "../../domain/filter/index.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { Pause } from "../../domain/subscription.ts";
import type { SubscriberCondition, SubscriptionCondition, SubscriptionUnitChange } from "../subscriptions.ts";
import type { NewSubscription, SubscriptionPatch } from "../unit.ts";
import { countNew } from "./open-counts.ts";
import { type Check, flag, json, optionalFlag, type Sql, type Step } from "./step.ts";
import { destinationColumn, targetColumns } from "./target-columns.ts";

type Checked = Exclude<SubscriptionCondition, SubscriberCondition>;

/*
 * Every change first gives the tenant its next revision and then writes it where it belongs. How it stood before (of live
 * subscriptions only) is copied to subscription_past: an event committed before the change still meets what matched then.
 */

const reviseTenant = "UPDATE tenant SET revision = revision + 1 WHERE id = ?";
// An unknown tenant has no revision and fails on NOT NULL.
const add = `INSERT INTO subscription
  (uuid, tenant, face, scope, event, filter, target, sealed, function, policy, enabled, owner, created_ms, updated_ms,
   once, unconfirmed, retry, pace, keep_dead, ends_with_scope, drop_when_over, once_per_function, seen_by, needs,
   capture, access, destination, managed, from_revision, sends_from_revision, revision)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
   (SELECT revision FROM tenant WHERE id = ?2), (SELECT revision FROM tenant WHERE id = ?2),
   (SELECT revision FROM tenant WHERE id = ?2))`;

const reviseTenantOf = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM subscription WHERE uuid = ? AND deleted_ms IS NULL)`;
/**
 * ?3 event or NULL; ?4 whether a filter is given, ?5 that filter; ?6 enabled, ?7 scope, ?8 unconfirmed or NULL. Pausing is not among
 * what matches.
 */
const matchesOtherwise = `(event <> coalesce(?3, event) OR (?4 = 1 AND filter IS DISTINCT FROM ?5) OR enabled <> coalesce(?6, enabled)
  OR scope <> coalesce(?7, scope) OR unconfirmed <> coalesce(?8, unconfirmed))`;
const keepChanged = keep(`uuid = ?1 AND ${matchesOtherwise}`);
/** What an attempt sends is made of its target, and of how the subscription calls the event. */
const sendsOtherwise = "(CAST(?9 AS text) IS NOT NULL OR event <> coalesce(?3, event) OR scope <> coalesce(?7, scope))";
const change = `UPDATE subscription SET
    revision = (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant),
    from_revision = CASE WHEN ${matchesOtherwise}
      THEN (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant) ELSE from_revision END,
    sends_from_revision = CASE WHEN ${sendsOtherwise}
      THEN (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant) ELSE sends_from_revision END,
    event = coalesce(?3, event),
    filter = CASE WHEN ?4 = 1 THEN ?5 ELSE filter END,
    access = CASE WHEN ?4 = 0 THEN access WHEN face = 'objects' THEN ?23 ELSE ?24 END,
    enabled = coalesce(?6, enabled),
    scope = coalesce(?7, scope),
    unconfirmed = coalesce(?8, unconfirmed),
    target = coalesce(?9, target),
    sealed = CASE WHEN CAST(?9 AS text) IS NULL THEN coalesce(?21, sealed) ELSE ?10 END,
    function = CASE WHEN CAST(?9 AS text) IS NULL THEN function ELSE ?11 END,
    policy = coalesce(?12, policy),
    paused_ms = CASE WHEN ?13 = 1 THEN ?14 ELSE paused_ms END,
    pause_reason = CASE WHEN ?13 = 1 THEN ?15 ELSE pause_reason END,
    once = coalesce(?16, once),
    retry = coalesce(?17, retry),
    owner = coalesce(?18, owner),
    pace = coalesce(?19, pace),
    keep_dead = coalesce(?20, keep_dead),
    destination = CASE WHEN CAST(?9 AS text) IS NULL THEN destination ELSE ?25 END,
    managed = coalesce(?26, managed),
    capture = CASE WHEN CAST(?22 AS text) IS NULL THEN capture WHEN ?22 = 'failures' THEN NULL ELSE ?22 END,
    updated_ms = ?2
  WHERE uuid = ?1 AND deleted_ms IS NULL`;

/** Of a tenant's (?1) one-shot subscriptions, those among ?2 (JSON) that were not taken; ?3 is the sequence of the event. */
const take = `UPDATE subscription
  SET taken = ?3, updated_ms = ?4, revision = (SELECT t.revision FROM tenant t WHERE t.id = ?1)
  WHERE number IN (SELECT CAST(value AS bigint) FROM json_each(?2)) AND tenant = ?1 AND once = 1 AND taken IS NULL AND deleted_ms IS NULL`;
/**
 * What a taken subscription waits for, and one that was made persistent after the event: it met that too. Made again after a crash it
 * changes nothing.
 */
const claimed = `FROM subscription WHERE number IN (SELECT CAST(value AS bigint) FROM json_each(?2)) AND tenant = ?1
    AND (taken = ?3 OR (once = 0 AND taken IS NULL AND deleted_ms IS NULL))`;
const claim = `INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries, due_ms, wait_ms)
  SELECT ?3, number, tenant, 0, 0, 0, ?4, 0 ${claimed}
  ON CONFLICT (sequence, subscription) DO NOTHING`;
const countClaim = countNew(
  `${claimed} AND NOT EXISTS (SELECT 1 FROM delivery WHERE sequence = ?3 AND delivery.subscription = number)`,
);

/** ?1 is JSON. Of one whose filter has been changed since it stays as it is. */
const noteAccess = `UPDATE subscription SET access = json_each.value ->> 'access' FROM json_each(?1)
  WHERE subscription.number = CAST(json_each.value ->> 'number' AS bigint) AND subscription.filter = json_each.value ->> 'filter'`;

const keepRemoved = keep("uuid = ?1");
const removeOne = remove("uuid = ?1");

const reviseTenantOfBucket = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM bucket WHERE uuid = ? AND deleted_ms IS NULL)`;
const ofLiveBucket = `tenant = (SELECT b.tenant FROM bucket b WHERE b.uuid = ?1 AND b.deleted_ms IS NULL)
    AND scope = ?1 AND ends_with_scope = 1`;
const keepEnded = keep(ofLiveBucket);
const end = endAll(ofLiveBucket);

/** Copies how `those` match, of which ?1 decides, to where ?2 is when that ended. */
export function keep(those: string): string {
  return `INSERT INTO subscription_past (number, from_revision, to_revision, tenant, event, filter, scope, until_ms, off)
    SELECT number, from_revision, (SELECT t.revision FROM tenant t WHERE t.id = s.tenant), tenant, event, filter, scope, ?2,
      CASE WHEN taken IS NOT NULL THEN 'taken' WHEN unconfirmed = 1 THEN 'unconfirmed' WHEN enabled = 0 THEN 'disabled' END
    FROM subscription s
    WHERE ${those} AND deleted_ms IS NULL AND ended_ms IS NULL`;
}

function endAll(those: string): string {
  return `UPDATE subscription
    SET ended_ms = ?2, revision = (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant)
    WHERE ${those} AND deleted_ms IS NULL AND ended_ms IS NULL`;
}

/** Deletes `those`, of which ?1 decides, at ?2. */
export function remove(those: string): string {
  return `UPDATE subscription
    SET deleted_ms = ?2, revision = (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant)
    WHERE ${those} AND deleted_ms IS NULL`;
}

export function subscriptionChange(change: SubscriptionUnitChange): Step[] {
  switch (change.do) {
    case "subscription.add":
      return [
        { sql: reviseTenant, params: [change.subscription.tenant] },
        { sql: add, params: newRow(change.subscription) },
      ];
    case "subscription.change":
      return changed(change.uuid, change.patch, change.atMs);
    case "subscription.remove":
      return [
        { sql: reviseTenantOf, params: [change.uuid] },
        { sql: keepRemoved, params: [change.uuid, change.atMs] },
        { sql: removeOne, params: [change.uuid, change.atMs] },
      ];
    case "subscription.access":
      return [{ sql: noteAccess, params: [JSON.stringify(change.made)] }];
    case "subscription.take": {
      const { tenant, subscriptions, sequence, dueMs } = change;
      const taken = [tenant, JSON.stringify(subscriptions), sequence] as const;
      return [
        { sql: reviseTenant, params: [tenant] },
        { sql: take, params: [...taken, dueMs] },
        { sql: countClaim, params: taken },
        { sql: claim, params: [...taken, dueMs] },
      ];
    }
    default:
      return change satisfies never;
  }
}

function changed(uuid: Uuid, patch: SubscriptionPatch, atMs: number): Step[] {
  const matching: Sql[] = [
    uuid,
    atMs,
    patch.event ?? null,
    flag(patch.filter !== undefined),
    patch.filter ?? null,
    optionalFlag(patch.enabled),
    patch.scope ?? null,
    optionalFlag(patch.unconfirmed),
  ];
  const rest: Sql[] = [
    ...(patch.target === undefined ? [null, null, null] : targetColumns(patch.target)),
    json(patch.policy),
    flag(patch.paused !== undefined),
    patch.paused?.sinceMs ?? null,
    patch.paused?.reason ?? null,
    optionalFlag(patch.once),
    json(patch.retry),
    patch.owner ?? null,
    json(patch.pace),
    optionalFlag(patch.keepDead),
    patch.sealed ?? null,
    patch.capture ?? null,
    accessOn("objects", patch.filter),
    accessOn("notifications", patch.filter),
    destinationColumn(patch.target),
    json(patch.managed),
  ];
  return [
    { sql: reviseTenantOf, params: [uuid] },
    { sql: keepChanged, params: matching },
    { sql: change, params: [...matching, ...rest] },
  ];
}

/** Ends the live subscriptions of a bucket that is not deleted yet, but those that are notified of its end. */
export function endSubscriptions(bucket: Uuid, atMs: number): Step[] {
  return [
    { sql: reviseTenantOfBucket, params: [bucket] },
    { sql: keepEnded, params: [bucket, atMs] },
    { sql: end, params: [bucket, atMs] },
  ];
}

const reviseTenantOfApp = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM app WHERE uuid = ? AND deleted = 0)`;
const ofLiveApp = `tenant = (SELECT a.tenant FROM app a WHERE a.uuid = ?1 AND a.deleted = 0)
    AND scope = ?1 AND ends_with_scope = 1`;
const keepOfApp = keep(ofLiveApp);
const endOfApp = endAll(ofLiveApp);

/** The same of an app. */
export function endSubscriptionsOfApp(app: Uuid, atMs: number): Step[] {
  return [
    { sql: reviseTenantOfApp, params: [app] },
    { sql: keepOfApp, params: [app, atMs] },
    { sql: endOfApp, params: [app, atMs] },
  ];
}

const toOthers = "deleted_ms IS NULL AND ended_ms IS NULL AND function IS NULL";
const ofOwner = `tenant = ?1 AND owner = ?2 AND ${toOthers}`;
const ofOperator = `tenant IN (SELECT id FROM tenant) AND owner = 'operator:' || ?2 AND ${toOthers}`;

/** What needs one of ?3 (JSON), which the owner is not any more, but for those who manage the bucket as its owner. */
const beyond = `${ofOwner} AND needs IN (SELECT value FROM json_each(?3))
  AND (needs <> 'manager' OR NOT EXISTS (SELECT 1 FROM bucket b WHERE b.uuid = scope AND b.owner = ?2))`;

type PauseReason = Extract<Pause["reason"], "owner_ended" | "owner_role">;

/** `at`: the parameter behind those of which `those` decides. */
function pausing(those: string, reason: PauseReason, at = "?3"): { readonly revise: string; readonly pause: string } {
  return {
    revise: `UPDATE tenant SET revision = revision + 1 WHERE id IN (SELECT tenant FROM subscription WHERE ${those})`,
    pause: `UPDATE subscription SET
      paused_ms = ${at},
      pause_reason = '${reason}',
      revision = (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant),
      updated_ms = ${at}
    WHERE ${those}`,
  };
}

const ended = { own: pausing(ofOwner, "owner_ended"), elsewhere: pausing(ofOperator, "owner_ended") };
const lowered = { own: pausing(beyond, "owner_role", "?4"), elsewhere: pausing(ofOperator, "owner_role") };

interface OfPrincipal {
  readonly tenant: string;
  readonly name: string;
  readonly atMs: number;
  /** Also as an operator in other tenants. */
  readonly everywhere?: boolean;
}

/** @param more of which the reads decide, beside the owner. */
function pauseThose(
  { revise, pause }: ReturnType<typeof pausing>,
  { tenant, name, atMs }: OfPrincipal,
  ...more: readonly string[]
): Step[] {
  const those = [tenant, name, ...more];
  return [
    { sql: revise, params: those },
    { sql: pause, params: [...those, atMs] },
  ];
}

/** What goes to webhooks and addresses for a principal that ends waits until others decide about it. */
export function pauseSubscriptionsOf(of: OfPrincipal): Step[] {
  return [...pauseThose(ended.own, of), ...(of.everywhere === true ? pauseThose(ended.elsewhere, of) : [])];
}

/** The same of what needs something that a principal is not any more. */
export function pauseSubscriptionsBeyond(of: OfPrincipal & { readonly beyond: readonly Need[] }): Step[] {
  return [
    ...(of.beyond.length === 0 ? [] : pauseThose(lowered.own, of, JSON.stringify(of.beyond))),
    ...(of.everywhere === true ? pauseThose(lowered.elsewhere, of) : []),
  ];
}

const unchanged = "SELECT 1 FROM subscription WHERE uuid = ? AND revision = ? AND deleted_ms IS NULL";

const manyOfOwner = `SELECT 1 FROM subscription INDEXED BY subscription_counted
  WHERE tenant = ? AND owner = ? AND deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL LIMIT 1 OFFSET ? - 1`;
const manyOnScope = `SELECT 1 FROM subscription INDEXED BY subscription_by_scope
  WHERE tenant = ? AND scope = ? AND face = ? AND deleted_ms IS NULL AND ended_ms IS NULL LIMIT 1 OFFSET ? - 1`;

export function subscriptionCheck(condition: Checked): Check {
  if (condition.if === "subscription.revision") {
    return { sql: unchanged, params: [condition.uuid, condition.revision], expect: "row" };
  }
  const { tenant, of, fewer } = condition;
  return "owner" in of
    ? { sql: manyOfOwner, params: [tenant, of.owner, fewer], expect: "none" }
    : { sql: manyOnScope, params: [tenant, of.scope, of.face, fewer], expect: "none" };
}

function newRow(subscription: NewSubscription): Sql[] {
  const { uuid, tenant, face, scope, event, filter, target, policy, enabled, owner, createdMs } = subscription;
  const how = [...targetColumns(target), JSON.stringify(policy), flag(enabled)];
  const more = [
    flag(subscription.once === true),
    flag(subscription.unconfirmed === true),
    json(subscription.retry),
    json(subscription.pace),
    flag(subscription.keepDead !== false),
    flag(subscription.endsWithScope !== false),
    flag(subscription.dropWhenOver === true),
    flag(subscription.oncePerFunction === true),
    subscription.seenBy ?? null,
    subscription.needs ?? null,
    subscription.capture ?? null,
    accessOn(face, filter),
    destinationColumn(target),
    json(subscription.managed),
  ];
  return [uuid, tenant, face, scope, event, filter ?? null, ...how, owner, createdMs, ...more];
}

function accessOn(face: Face, filter: string | null | undefined): string | null {
  return filter === undefined || filter === null ? null : accessText(filter, faceFields[face]);
}
