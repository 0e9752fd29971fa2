import type { Destination, DestinationWebhook } from "../../domain/destination.ts";
import type { DestinationChange, DestinationCondition, DestinationPatch, Destinations } from "../destinations.ts";
import {
  type Check,
  flag,
  integer,
  json,
  optional,
  optionalFlag,
  parsed,
  type Reads,
  type Row,
  type Sql,
  type Step,
  text,
} from "./step.ts";
import { readSubscription, whole } from "./subscription-reads.ts";

/** Named destinations. What a subscription that goes to one is sent by is read with the subscription (`subscription-reads.ts`). */

const reviseTenant = "UPDATE tenant SET revision = revision + 1 WHERE id = ?";
const add = `INSERT INTO destination (tenant, name, target, sealed, policy, quiet, created_ms, updated_ms, tags, revision)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, (SELECT revision FROM tenant WHERE id = ?1))`;

const reviseTenantOf = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT tenant FROM destination WHERE number = ? AND deleted_ms IS NULL)`;
const revisionNow = "(SELECT t.revision FROM tenant t WHERE t.id = destination.tenant)";
/** ?5: whether a policy is given, ?6 that policy; ?8 and ?9 the same of tags. */
const change = `UPDATE destination SET revision = ${revisionNow}, updated_ms = ?2,
    target = coalesce(?3, target), sealed = coalesce(?4, sealed), policy = CASE WHEN ?5 = 1 THEN ?6 ELSE policy END,
    quiet = coalesce(?7, quiet), tags = CASE WHEN ?8 = 1 THEN ?9 ELSE tags END
  WHERE number = ?1 AND deleted_ms IS NULL`;
const remove = `UPDATE destination SET revision = ${revisionNow}, updated_ms = ?2, deleted_ms = ?2
  WHERE number = ?1 AND deleted_ms IS NULL`;

/** Of those whose scope ended, only what still has something to send. */
const going = `destination = ?1 AND deleted_ms IS NULL AND (ended_ms IS NULL
    OR EXISTS (SELECT 1 FROM delivery d WHERE d.subscription = subscription.number AND d.status = 0))`;
const revisionOfUsers = "(SELECT t.revision FROM tenant t WHERE t.id = subscription.tenant)";
const changeUsers = `UPDATE subscription SET revision = ${revisionOfUsers}, sends_from_revision = ${revisionOfUsers} WHERE ${going}`;
const pauseUsers = `UPDATE subscription SET revision = ${revisionOfUsers}, updated_ms = ?2,
    pause_reason = CASE WHEN paused_ms IS NULL THEN 'destination' ELSE pause_reason END,
    paused_ms = coalesce(paused_ms, ?2)
  WHERE ${going}`;

export function destinationChange(asked: DestinationChange): Step[] {
  switch (asked.do) {
    case "destination.add": {
      const { tenant, name, webhook, policy, alerts, tags, createdMs } = asked.destination;
      const params = [tenant, name, ...targetColumns(webhook), json(policy), flag(!alerts), createdMs, json(tags)];
      return [
        { sql: reviseTenant, params: [tenant] },
        { sql: add, params },
      ];
    }
    case "destination.change":
      return [
        { sql: reviseTenantOf, params: [asked.number] },
        { sql: change, params: [asked.number, asked.atMs, ...patchColumns(asked.patch)] },
        { sql: changeUsers, params: [asked.number] },
      ];
    case "destination.remove":
      return [
        { sql: reviseTenantOf, params: [asked.number] },
        { sql: remove, params: [asked.number, asked.atMs] },
        { sql: pauseUsers, params: [asked.number, asked.atMs] },
      ];
    default:
      return asked satisfies never;
  }
}

function patchColumns({ webhook, policy, alerts, tags }: DestinationPatch): Sql[] {
  const target = webhook === undefined ? [null, null] : targetColumns(webhook);
  const quiet = optionalFlag(alerts === undefined ? undefined : !alerts);
  return [...target, ...given(policy), quiet, ...given(tags)];
}

/** Whether something is said of a column, and what. */
function given(value: object | null | undefined): [isGiven: Sql, value: Sql] {
  return [flag(value !== undefined), value === null ? null : json(value)];
}

function targetColumns({ sealed, ...open }: DestinationWebhook): [target: Sql, sealed: Sql] {
  return [JSON.stringify(open), sealed];
}

const named =
  "SELECT 1 FROM destination INDEXED BY destination_by_name WHERE tenant = ? AND name = ? AND deleted_ms IS NULL";
const many = `SELECT 1 FROM destination INDEXED BY destination_by_name
  WHERE tenant = ? AND deleted_ms IS NULL LIMIT 1 OFFSET ? - 1`;
const live = "SELECT 1 FROM destination WHERE number = ? AND deleted_ms IS NULL";
const unchanged = "SELECT 1 FROM destination WHERE number = ? AND revision = ? AND deleted_ms IS NULL";
const usersOf = "destination = ? AND deleted_ms IS NULL AND ended_ms IS NULL AND outcome IS NULL";
const manyUsers = `SELECT 1 FROM subscription INDEXED BY subscription_to_destination WHERE ${usersOf} LIMIT 1 OFFSET ? - 1`;

export function destinationCheck(condition: DestinationCondition): Check {
  switch (condition.if) {
    case "destination.nameFree":
      return { sql: named, params: [condition.tenant, condition.name], expect: "none" };
    case "destinations.fewer":
      return { sql: many, params: [condition.tenant, condition.fewer], expect: "none" };
    case "destination.live":
      return { sql: live, params: [condition.number], expect: "row" };
    case "destination.revision":
      return { sql: unchanged, params: [condition.number, condition.revision], expect: "row" };
    case "destination.usersFewer":
      return { sql: manyUsers, params: [condition.number, condition.fewer], expect: "none" };
    default:
      return condition satisfies never;
  }
}

const byName = "SELECT * FROM destination WHERE tenant = ? AND name = ? AND deleted_ms IS NULL";
const amongNames = `SELECT * FROM destination
  WHERE tenant = ? AND name IN (SELECT value FROM json_each(?)) AND deleted_ms IS NULL`;
const listed = `SELECT * FROM destination INDEXED BY destination_by_name
  WHERE tenant = ? AND name > ? AND deleted_ms IS NULL ORDER BY name LIMIT ?`;
const users = `SELECT ${whole} FROM subscription s INDEXED BY subscription_to_destination
  WHERE ${usersOf} AND number > ? ORDER BY number LIMIT ?`;
const countUsers = `SELECT count(*) AS users FROM subscription INDEXED BY subscription_to_destination WHERE ${usersOf}`;

/** The reads of `Destinations`. */
export function destinations(reads: Reads): Destinations {
  return {
    get: async (tenant, name) => await reads.one(readDestination, byName, tenant, name),
    byNames: async (tenant, names) => (await reads.all(amongNames, tenant, JSON.stringify(names))).map(readDestination),
    list: async (tenant, { after = "", max }) => (await reads.all(listed, tenant, after, max)).map(readDestination),
    users: async (number, { after = 0, max }) => (await reads.all(users, number, after, max)).map(readSubscription),
    countUsers: async (number) => (await reads.one((row) => integer(row, "users"), countUsers, number)) ?? 0,
  };
}

function readDestination(row: Row): Destination {
  return {
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    name: text(row, "name"),
    webhook: { ...JSON.parse(text(row, "target")), sealed: text(row, "sealed") } as DestinationWebhook,
    ...optional("policy", parsed(row, "policy") as Destination["policy"]),
    alerts: integer(row, "quiet") === 0,
    ...optional("tags", parsed(row, "tags") as Destination["tags"]),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    revision: integer(row, "revision"),
  };
}
