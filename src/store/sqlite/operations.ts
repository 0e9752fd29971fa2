import type { Json } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { Chain, Params, User } from "../../domain/lifecycle.ts";
import type { DecisionPlace, OperationChange, OperationCondition } from "../operations.ts";
import type { Decision, DecisionHook, Intent, RecordedConflict, Remembered } from "../records.ts";
import type { Operations } from "../store.ts";
import {
  type Check,
  integer,
  json,
  optional,
  parsed,
  type Row,
  type Sql,
  type Statements,
  type Step,
  text,
} from "./step.ts";

const addDecision = `INSERT INTO decision
  (tenant, operation, event_type, outcome, resource, actor, origin, time_ms, duration_ms, hooks, conflicts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const addRemembered = `INSERT INTO remembered (tenant, principal, key, fingerprint, status, body, created_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const addIntent = `INSERT INTO intent (operation, tenant, type, params, user, app, chain, ran, created_ms, unresolved, node)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const removeIntent = "DELETE FROM intent WHERE operation = ?";
const leaveUnresolved = "UPDATE intent SET unresolved = ?2 WHERE operation = ?1";

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
    case "intent.add":
      return [{ sql: addIntent, params: intentRow(change.intent) }];
    case "intent.remove":
      return [{ sql: removeIntent, params: [change.operation] }];
    case "intent.unresolved":
      return [{ sql: leaveUnresolved, params: [change.operation, change.reason] }];
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
  const what = [JSON.stringify(params), json(user), json(app), json(chain), JSON.stringify(ran)];
  return [operation, tenant, type, ...what, createdMs, unresolved ?? null, node ?? null];
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
const asked = "EXISTS (SELECT 1 FROM json_each(hooks) WHERE json_extract(value, '$.function') = ?10)";
const newestDecisions = `SELECT * FROM decision INDEXED BY decision_by_tenant
  WHERE tenant = ?1 AND (time_ms, operation) < (?2, ?3) AND time_ms <= ?2 AND time_ms >= ?4
    AND (time_ms, operation) >= (?5, ?6)
    AND (?7 IS NULL OR event_type = ?7) AND (?8 IS NULL OR outcome = ?8) AND (?9 IS NULL OR resource = ?9)
    AND (?10 IS NULL OR ${asked})
  ORDER BY time_ms DESC, operation DESC LIMIT ?11`;
const intentOf = "SELECT * FROM intent WHERE operation = ?";
const intentsAfter = "SELECT * FROM intent WHERE operation > ? ORDER BY operation LIMIT ?";
const intentsOfTenant = `SELECT * FROM intent INDEXED BY intent_by_tenant
  WHERE tenant = ? AND operation > ? ORDER BY operation LIMIT ?`;
const countIntents =
  "SELECT coalesce(sum(intents), 0) AS open, coalesce(sum(unresolved), 0) AS unresolved FROM open_count";

/** The reads of `Operations`. */
export function operations(statements: Statements): Operations {
  return {
    decision: async (tenant, operation) => statements.one(readDecision, decisionOf, tenant, operation),
    decisions: async ({ tenant, eventType, outcome, resource, function: fn, sinceMs = 0, untilMs }, { after, max }) => {
      const from = after ?? { timeMs: untilMs ?? Number.MAX_SAFE_INTEGER, operation: "" };
      const start = [tenant, from.timeMs, from.operation, sinceMs] as const;
      const end = statements.get(endOfDecisions, ...start);
      const last = end === undefined ? undefined : placeOf(end);
      const stop = [last?.timeMs ?? sinceMs, last?.operation ?? ""] as const;
      const wanted = [eventType ?? null, outcome ?? null, resource ?? null, fn ?? null] as const;
      const rows = statements.all(newestDecisions, ...start, ...stop, ...wanted, max);
      const full = rows.length < max ? undefined : rows.at(-1);
      return { decisions: rows.map(readDecision), ...optional("next", full === undefined ? last : placeOf(full)) };
    },
    remembered: async ({ tenant, principal, key }) =>
      statements.one(readRemembered, rememberedAt, tenant, principal, key),
    intents: async ({ tenant }, { after = "", max }) => {
      const rows =
        tenant === undefined
          ? statements.all(intentsAfter, after, max)
          : statements.all(intentsOfTenant, tenant, after, max);
      return rows.map(readIntent);
    },
    intent: async (operation) => statements.one(readIntent, intentOf, operation),
    intentCounts: async () => {
      const row = statements.get(countIntents) ?? {};
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
    ...optional("node", row["node"] as string | null),
    ...optional("unresolved", row["unresolved"] as string | null),
  };
}
