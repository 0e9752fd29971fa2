import type { Json } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { Chain, Params, User } from "../../domain/lifecycle.ts";
import { outcomeStatus } from "../operation-records.ts";
import type { DecisionPlace, OperationChange, OperationCondition } from "../operations.ts";
import type { Decision, DecisionHook, EndedOperation, Intent, RecordedConflict, Remembered } from "../records.ts";
import type { Operations } from "../store.ts";
import {
  type Check,
  flag,
  integer,
  json,
  optional,
  parsed,
  type Reads,
  type Row,
  type Sql,
  type Step,
  text,
} from "./step.ts";

const addDecision = `INSERT INTO decision
  (tenant, operation, event_type, outcome, resource, actor, origin, time_ms, duration_ms, hooks, conflicts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const addRemembered = `INSERT INTO remembered (tenant, principal, key, fingerprint, status, body, created_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const answerRemembered = `UPDATE remembered SET status = ?4, body = ?5
  WHERE tenant = ?1 AND principal = ?2 AND key = ?3 AND status = ${outcomeStatus}`;
const addIntent = `INSERT INTO intent
  (operation, tenant, type, params, "user", app, chain, ran, created_ms, unresolved, node, origin, resource, ask_ms, asked,
   host_transaction)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const noteTransaction = "UPDATE intent SET host_transaction = ?2 WHERE operation = ?1";
const removeIntent = "DELETE FROM intent WHERE operation = ?";
const addEnded = `INSERT INTO operation_end (operation, tenant, type, outcome, event, reason, ended_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const leaveUnresolved = "UPDATE intent SET unresolved = ?2, ask_ms = ?3, asked = asked + 1 WHERE operation = ?1";

export function operationChange(change: OperationChange): Step[] {
  switch (change.do) {
    case "decision.add":
      return [{ sql: addDecision, params: decisionRow(change.decision) }];
    case "remembered.add": {
      const { tenant, principal, key, fingerprint, status, body, createdMs } = change.remembered;
      return [
        { sql: addRemembered, params: [tenant, principal, key, fingerprint, status, JSON.stringify(body), createdMs] },
      ];
    }
    case "remembered.answer": {
      const { tenant, principal, key, status, body } = change;
      return [{ sql: answerRemembered, params: [tenant, principal, key, status, JSON.stringify(body)] }];
    }
    case "intent.add":
      return [{ sql: addIntent, params: intentRow(change.intent) }];
    case "intent.transaction":
      return [{ sql: noteTransaction, params: [change.operation, JSON.stringify(change.transaction)] }];
    case "intent.remove":
      return [{ sql: removeIntent, params: [change.operation] }];
    case "intent.end": {
      const { operation, tenant, type, outcome, event, reason, endedMs } = change.ended;
      return [
        { sql: removeIntent, params: [operation] },
        { sql: addEnded, params: [operation, tenant, type, outcome, event ?? null, reason ?? null, endedMs] },
      ];
    }
    case "intent.unresolved":
      return [{ sql: leaveUnresolved, params: [change.operation, change.reason, change.askMs ?? null] }];
    default:
      return change satisfies never;
  }
}

function decisionRow(decision: Decision): Sql[] {
  const { tenant, operation, eventType, outcome, resource, actor, origin, timeMs, durationMs } = decision;
  const how = [JSON.stringify(decision.hooks), JSON.stringify(decision.conflicts)];
  return [tenant, operation, eventType, outcome, resource ?? null, actor ?? null, origin, timeMs, durationMs, ...how];
}

function intentRow(intent: Intent): Sql[] {
  const { operation, tenant, type, params, user, app, chain, ran, createdMs, unresolved, node } = intent;
  const { origin, resource, askMs, asked, transaction } = intent;
  const what = [JSON.stringify(params), json(user), json(app), json(chain), JSON.stringify(ran)];
  const begun = [
    createdMs,
    unresolved ?? null,
    node ?? null,
    origin,
    resource ?? null,
    askMs ?? null,
    asked,
    json(transaction),
  ];
  return [operation, tenant, type, ...what, ...begun];
}

const rememberedAt = "SELECT * FROM remembered WHERE tenant = ? AND principal = ? AND key = ?";
const intentThere = "SELECT 1 FROM intent WHERE operation = ?";

export function operationCheck(condition: OperationCondition): Check {
  switch (condition.if) {
    case "remembered.absent":
      return { sql: rememberedAt, params: [condition.tenant, condition.principal, condition.key], expect: "none" };
    case "intent.open":
      return { sql: intentThere, params: [condition.operation], expect: "row" };
    default:
      return condition satisfies never;
  }
}

const decisionOf = "SELECT * FROM decision WHERE tenant = ? AND operation = ?";
/** Of a tenant that one page looks at: their hooks are read, some kilobytes of each at the most. */
const lookedAt = 500;
const endOfDecisions = `SELECT time_ms, operation FROM decision INDEXED BY decision_by_tenant
  WHERE tenant = ?1 AND (time_ms, operation) < (?2, ?3) AND time_ms <= ?2 AND time_ms >= ?4
  ORDER BY time_ms DESC, operation DESC LIMIT 1 OFFSET ${lookedAt - 1}`;
const asked = "EXISTS (SELECT 1 FROM json_each(hooks) WHERE CAST(value ->> 'function' AS bigint) = ?10)";
const newestDecisions = `SELECT * FROM decision INDEXED BY decision_by_tenant
  WHERE tenant = ?1 AND (time_ms, operation) < (?2, ?3) AND time_ms <= ?2 AND time_ms >= ?4
    AND (time_ms, operation) >= (?5, ?6)
    AND (event_type = ?7 OR ?7 IS NULL) AND (outcome = ?8 OR ?8 IS NULL) AND (resource = ?9 OR ?9 IS NULL)
    AND (${asked} OR ?10 IS NULL)
  ORDER BY time_ms DESC, operation DESC LIMIT ?11`;
const intentOf = "SELECT * FROM intent WHERE operation = ?";
/** ?2 origin, ?3 whether it is unresolved, 0 or 1. */
const narrowed = "(origin = ?2 OR ?2 IS NULL) AND (iif(unresolved IS NOT NULL, 1, 0) = ?3 OR ?3 IS NULL)";
const intentsAfter = `SELECT * FROM intent WHERE operation > ?1 AND ${narrowed} ORDER BY operation LIMIT ?4`;
const intentsOfTenant = `SELECT * FROM intent INDEXED BY intent_by_tenant
  WHERE tenant = ?5 AND operation > ?1 AND ${narrowed} ORDER BY operation LIMIT ?4`;
const intentsDue = "SELECT * FROM intent INDEXED BY intent_due WHERE ask_ms <= ? ORDER BY ask_ms LIMIT ?";
const nextDue = "SELECT ask_ms FROM intent INDEXED BY intent_due WHERE ask_ms IS NOT NULL ORDER BY ask_ms LIMIT 1";
const endedOf = "SELECT * FROM operation_end WHERE operation = ?";
const countIntents =
  "SELECT coalesce(sum(intents), 0) AS open, coalesce(sum(unresolved), 0) AS unresolved FROM open_count";

/** The reads of `Operations`. */
export function operations(reads: Reads): Operations {
  return {
    decision: async (tenant, operation) => await reads.one(readDecision, decisionOf, tenant, operation),
    decisions: async ({ tenant, eventType, outcome, resource, function: fn, sinceMs = 0, untilMs }, { after, max }) => {
      const from = after ?? { timeMs: untilMs ?? Number.MAX_SAFE_INTEGER, operation: "" };
      const start = [tenant, from.timeMs, from.operation, sinceMs] as const;
      const end = await reads.get(endOfDecisions, ...start);
      const last = end === undefined ? undefined : placeOf(end);
      const stop = [last?.timeMs ?? sinceMs, last?.operation ?? ""] as const;
      const wanted = [eventType ?? null, outcome ?? null, resource ?? null, fn ?? null] as const;
      const rows = await reads.all(newestDecisions, ...start, ...stop, ...wanted, max);
      const full = rows.length < max ? undefined : rows.at(-1);
      return { decisions: rows.map(readDecision), ...optional("next", full === undefined ? last : placeOf(full)) };
    },
    remembered: async ({ tenant, principal, key }) =>
      await reads.one(readRemembered, rememberedAt, tenant, principal, key),
    intents: async ({ tenant, origin, state }, { after = "", max }) => {
      const isUnresolved = state === undefined ? null : flag(state === "unresolved");
      const query = [after, origin ?? null, isUnresolved, max] as const;
      const rows =
        tenant === undefined
          ? await reads.all(intentsAfter, ...query)
          : await reads.all(intentsOfTenant, ...query, tenant);
      return rows.map(readIntent);
    },
    intent: async (operation) => await reads.one(readIntent, intentOf, operation),
    dueIntents: async (nowMs, max) => (await reads.all(intentsDue, nowMs, max)).map(readIntent),
    nextDueMs: async () => await reads.one((row) => integer(row, "ask_ms"), nextDue),
    ended: async (operation) => await reads.one(readEnded, endedOf, operation),
    intentCounts: async () => {
      const row = (await reads.get(countIntents)) ?? {};
      return { open: integer(row, "open"), unresolved: integer(row, "unresolved") };
    },
  };
}

function placeOf(row: Row): DecisionPlace {
  return { timeMs: integer(row, "time_ms"), operation: text(row, "operation") };
}

function readDecision(row: Row): Decision {
  return {
    operation: text(row, "operation"),
    tenant: text(row, "tenant"),
    eventType: text(row, "event_type"),
    outcome: text(row, "outcome") as Decision["outcome"],
    ...optional("resource", row["resource"] as Uuid | null),
    ...optional("actor", row["actor"] as string | null),
    origin: text(row, "origin"),
    timeMs: integer(row, "time_ms"),
    durationMs: integer(row, "duration_ms"),
    hooks: JSON.parse(text(row, "hooks")) as DecisionHook[],
    conflicts: JSON.parse(text(row, "conflicts")) as RecordedConflict[],
  };
}

function readRemembered(row: Row): Remembered {
  return {
    tenant: text(row, "tenant"),
    principal: text(row, "principal"),
    key: text(row, "key"),
    fingerprint: text(row, "fingerprint"),
    status: integer(row, "status"),
    body: JSON.parse(text(row, "body")) as Json,
    createdMs: integer(row, "created_ms"),
  };
}

function readIntent(row: Row): Intent {
  return {
    operation: text(row, "operation"),
    tenant: text(row, "tenant"),
    type: text(row, "type"),
    params: JSON.parse(text(row, "params")) as Params,
    ...optional("user", parsed(row, "user") as User | undefined),
    ...optional("app", parsed(row, "app") as Intent["app"]),
    ...optional("chain", parsed(row, "chain") as Chain | undefined),
    ran: JSON.parse(text(row, "ran")) as number[],
    createdMs: integer(row, "created_ms"),
    origin: text(row, "origin") as Intent["origin"],
    ...optional("resource", row["resource"] as Uuid | null),
    ...optional("askMs", row["ask_ms"] as number | null),
    asked: integer(row, "asked"),
    ...optional("node", row["node"] as string | null),
    ...optional("unresolved", row["unresolved"] as string | null),
    ...optional("transaction", parsed(row, "host_transaction") as Intent["transaction"]),
  };
}

function readEnded(row: Row): EndedOperation {
  return {
    operation: text(row, "operation"),
    tenant: text(row, "tenant"),
    type: text(row, "type"),
    outcome: text(row, "outcome") as EndedOperation["outcome"],
    ...optional("event", row["event"] as string | null),
    ...optional("reason", row["reason"] as string | null),
    endedMs: integer(row, "ended_ms"),
  };
}
