import type { Face } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { PastVersion, Subscriptions } from "../store.ts";
import type { Change, Condition, NewSubscription, SubscriptionPatch } from "../unit.ts";
import {
  type Check,
  flag,
  integer,
  json,
  optional,
  optionalFlag,
  parsed,
  type Row,
  type Sql,
  type Statements,
  type Step,
  text,
} from "./step.ts";

export type SubscriptionChange = Extract<
  Change,
  { do: "subscription.add" | "subscription.change" | "subscription.remove" | "subscription.take" }
>;
export type SubscriptionCondition = Extract<Condition, { if: "subscription.revision" }>;

/*
 * Every change first gives the tenant its next revision and then writes it where it belongs. What matched before (of enabled,
 * live subscriptions only) is copied to subscription_past: an event committed before the change still meets it.
 */

const reviseTenant = "UPDATE tenant SET revision = revision + 1 WHERE id = ?";
// An unknown tenant has no revision and fails on NOT NULL.
const add = `INSERT INTO subscription
  (uuid, tenant, face, scope, event, filter, target, policy, enabled, owner, created_ms, updated_ms,
   once, unconfirmed, retry, from_revision, revision)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14,
   (SELECT revision FROM tenant WHERE id = ?2), (SELECT revision FROM tenant WHERE id = ?2))`;

const reviseTenantOf = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM subscription WHERE uuid = ? AND deleted_ms IS NULL)`;
/**
 * ?3 event or NULL; ?4 whether a filter is given, ?5 that filter; ?6 enabled, ?7 scope, ?8 unconfirmed or NULL. Pausing is not among
 * what matches.
 */
const matchesOtherwise = `(event <> coalesce(?3, event) OR (?4 = 1 AND filter IS NOT ?5) OR enabled <> coalesce(?6, enabled)
  OR scope <> coalesce(?7, scope) OR unconfirmed <> coalesce(?8, unconfirmed))`;
const keepChanged = keep(`uuid = ?1 AND ${matchesOtherwise}`);
const change = `UPDATE subscription SET
    revision = (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant),
    from_revision = CASE WHEN ${matchesOtherwise}
      THEN (SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant) ELSE from_revision END,
    event = coalesce(?3, event),
    filter = CASE WHEN ?4 = 1 THEN ?5 ELSE filter END,
    enabled = coalesce(?6, enabled),
    scope = coalesce(?7, scope),
    unconfirmed = coalesce(?8, unconfirmed),
    target = coalesce(?9, target),
    policy = coalesce(?10, policy),
    paused = CASE WHEN ?11 = 1 THEN ?12 ELSE paused END,
    once = coalesce(?13, once),
    retry = coalesce(?14, retry),
    updated_ms = ?2
  WHERE uuid = ?1 AND deleted_ms IS NULL`;

/** Of a tenant's (?1) one-shot subscriptions, those among ?2 (JSON) that nobody took; ?3 is the sequence of the event. */
const take = `UPDATE subscription
  SET taken = ?3, updated_ms = ?4, revision = (SELECT t.revision FROM tenant t WHERE t.id = ?1)
  WHERE number IN (SELECT value FROM json_each(?2)) AND tenant = ?1 AND once = 1 AND taken IS NULL AND deleted_ms IS NULL`;
/**
 * What a taken subscription waits for, and one that was made persistent after the event: it met that too. Made again after a crash it
 * changes nothing.
 */
const claim = `INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries, due_ms)
  SELECT ?3, number, tenant, 0, 0, 0, ?4 FROM subscription
  WHERE number IN (SELECT value FROM json_each(?2)) AND tenant = ?1
    AND (taken = ?3 OR (once = 0 AND taken IS NULL AND deleted_ms IS NULL))
  ON CONFLICT (sequence, subscription) DO NOTHING`;

const keepRemoved = keep("uuid = ?1");
const removeOne = remove("uuid = ?1");

const reviseTenantOfBucket = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM bucket WHERE uuid = ? AND deleted_ms IS NULL)`;
const ofLiveBucket = `tenant = (SELECT b.tenant FROM bucket b WHERE b.uuid = ?1 AND b.deleted_ms IS NULL)
    AND scope = ?1 AND face <> 'notifications'`;
const keepEnded = keep(ofLiveBucket);
const end = endAll(ofLiveBucket);

/** Copies how `those` match, of which ?1 decides, to where ?2 is when that ended. */
export function keep(those: string): string {
  return `INSERT INTO subscription_past (number, from_revision, to_revision, tenant, event, filter, scope, until_ms)
    SELECT number, from_revision, (SELECT t.revision FROM tenant t WHERE t.id = s.tenant), tenant, event, filter, scope, ?2
    FROM subscription s
    WHERE ${those} AND deleted_ms IS NULL AND ended_ms IS NULL AND enabled = 1 AND unconfirmed = 0 AND taken IS NULL`;
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

export function subscriptionChange(change: SubscriptionChange): Step[] {
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
    case "subscription.take": {
      const { tenant, subscriptions, sequence, dueMs } = change;
      const taken = [tenant, JSON.stringify(subscriptions), sequence] as const;
      return [
        { sql: reviseTenant, params: [tenant] },
        { sql: take, params: [...taken, dueMs] },
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
    json(patch.target),
    json(patch.policy),
    flag(patch.paused !== undefined),
    patch.paused === undefined || patch.paused === null ? null : JSON.stringify(patch.paused),
    optionalFlag(patch.once),
    json(patch.retry),
  ];
  return [
    { sql: reviseTenantOf, params: [uuid] },
    { sql: keepChanged, params: matching },
    { sql: change, params: [...matching, ...rest] },
  ];
}

/** Ends the live subscriptions of a bucket that is not deleted yet, but those that are told of its end. */
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
    AND scope = ?1 AND face <> 'notifications'`;
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

const unchanged = "SELECT 1 FROM subscription WHERE uuid = ? AND revision = ? AND deleted_ms IS NULL";

export function subscriptionCheck({ uuid, revision }: SubscriptionCondition): Check {
  return { sql: unchanged, params: [uuid, revision], expect: "row" };
}

const byUuid = "SELECT * FROM subscription WHERE uuid = ?";
const byNumber = "SELECT * FROM subscription WHERE number = ?";
const liveOfTenant = `SELECT * FROM subscription
  WHERE tenant = ?1 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL AND (?3 IS NULL OR face = ?3)
  ORDER BY number LIMIT ?4`;
const liveOfScope = `SELECT * FROM subscription
  WHERE tenant = ?1 AND scope = ?5 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL
    AND (?3 IS NULL OR face = ?3)
  ORDER BY number LIMIT ?4`;
// One statement, so that the revision and what had changed by then are of one instant.
/** Newest first. ?2 NULL: whatever the face; ?4: whether deleted ones count, and ?5: only of that resource. */
const newest = (those: string): string => `SELECT * FROM subscription
  WHERE tenant = ?1 AND (?2 IS NULL OR face = ?2) AND number < ?3 AND (deleted_ms IS NOT NULL) <= ?4
    AND (?5 IS NULL OR scope = ?5) AND ${those} ORDER BY number DESC LIMIT ?6`;
const newestOfFace = newest("1");
const newestOfOwner = newest("owner = ?7");
const listeningAfter = `SELECT * FROM subscription INDEXED BY subscription_listening
  WHERE tenant = ?1 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL AND (?3 IS NULL OR face = ?3)
  ORDER BY number LIMIT ?4`;
const countOfOwner = `SELECT count(*) AS n FROM (SELECT 1 FROM subscription INDEXED BY subscription_by_owner
  WHERE tenant = ?1 AND owner = ?2 AND deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL LIMIT ?3)`;
const watchedScopes = "SELECT DISTINCT scope FROM subscription WHERE face = 'notifications' AND scope LIKE '%-011'";
const changedAfter = `SELECT t.revision AS tenant_revision, s.* FROM tenant t
  LEFT JOIN subscription s ON s.tenant = t.id AND s.revision > ?2
  WHERE t.id = ?1 ORDER BY s.revision, s.number`;
const pastAt = `SELECT p.number, p.event, p.filter, s.uuid, s.face, coalesce(p.scope, s.scope) AS scope
  FROM subscription_past p JOIN subscription s ON s.number = p.number
  WHERE p.tenant = ?1 AND p.to_revision > ?2 AND p.from_revision <= ?2
  ORDER BY p.to_revision, p.number`;

/** The reads of `Subscriptions`. */
export function subscriptions(statements: Statements): Subscriptions {
  return {
    get: async (uuid) => {
      const row = statements.get(byUuid, uuid);
      return row === undefined ? undefined : readSubscription(row);
    },
    byNumber: async (number) => {
      const row = statements.get(byNumber, number);
      return row === undefined ? undefined : readSubscription(row);
    },
    list: async ({ tenant, face, scope }, { after = 0, max }) => {
      const rows =
        scope === undefined
          ? statements.all(liveOfTenant, tenant, after, face ?? null, max)
          : statements.all(liveOfScope, tenant, after, face ?? null, max, scope);
      return rows.map(readSubscription);
    },
    newest: async ({ tenant, face, owner, scope, deleted = false }, { after = Number.MAX_SAFE_INTEGER, max }) => {
      const params = [tenant, face ?? null, after, flag(deleted), scope ?? null, max];
      const rows =
        owner === undefined ? statements.all(newestOfFace, ...params) : statements.all(newestOfOwner, ...params, owner);
      return rows.map(readSubscription);
    },
    listening: async ({ tenant, face }, { after = 0, max }) =>
      statements.all(listeningAfter, tenant, after, face ?? null, max).map(readSubscription),
    countOf: async ({ tenant, owner }, most) => integer(statements.get(countOfOwner, tenant, owner, most) ?? {}, "n"),
    watched: async () => statements.all(watchedScopes).map((row) => text(row, "scope") as Uuid),
    changedSince: async (tenant, revision) => {
      const rows = statements.all(changedAfter, tenant, revision);
      return {
        revision: rows[0] === undefined ? 0 : integer(rows[0], "tenant_revision"),
        changed: rows.filter((row) => row["number"] !== null).map(readSubscription),
      };
    },
    pastAt: async (tenant, revision) => statements.all(pastAt, tenant, revision).map(readPast),
  };
}

function newRow(subscription: NewSubscription): Sql[] {
  const { uuid, tenant, face, scope, event, filter, target, policy, enabled, owner, createdMs } = subscription;
  const how = [JSON.stringify(target), JSON.stringify(policy), flag(enabled)];
  const more = [flag(subscription.once === true), flag(subscription.unconfirmed === true), json(subscription.retry)];
  return [uuid, tenant, face, scope, event, filter ?? null, ...how, owner, createdMs, ...more];
}

export function readSubscription(row: Row): Subscription {
  const paused = row["paused"] as string | null;
  return {
    uuid: text(row, "uuid") as Uuid,
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    face: text(row, "face") as Face,
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as string | null),
    target: JSON.parse(text(row, "target")) as Subscription["target"],
    policy: JSON.parse(text(row, "policy")) as Subscription["policy"],
    enabled: integer(row, "enabled") === 1,
    ...(row["once"] === 1 ? { once: true } : {}),
    ...optional("taken", row["taken"] as number | null),
    ...optional("outcome", row["outcome"] as "complete" | "failed" | null),
    ...(row["unconfirmed"] === 1 ? { unconfirmed: true } : {}),
    ...optional("retry", parsed(row, "retry") as Subscription["retry"]),
    ...(paused === null ? {} : { paused: JSON.parse(paused) as NonNullable<Subscription["paused"]> }),
    ...optional("deletedMs", row["deleted_ms"] as number | null),
    ...optional("endedMs", row["ended_ms"] as number | null),
    owner: text(row, "owner"),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    fromRevision: integer(row, "from_revision"),
    revision: integer(row, "revision"),
  };
}

function readPast(row: Row): PastVersion {
  return {
    number: integer(row, "number"),
    uuid: text(row, "uuid") as Uuid,
    face: text(row, "face") as Face,
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as string | null),
  };
}
