import type { Json } from "../../domain/event.ts";
import {
  type Invocation,
  type InvocationStatus,
  type InvocationTrigger,
  invocationStatuses,
  invocationTriggers,
  type LogLine,
  type ThrownError,
} from "../../domain/invocation.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { InvocationChange, Invocations } from "../invocations.ts";
import type { Page } from "../page.ts";
import type { InvocationQuery } from "../records.ts";
import { newsOfInvocation } from "./news.ts";
import { flag, integer, json, optional, parsed, type Reads, type Row, type Sql, type Step, text } from "./step.ts";

/** How runs of functions are written, by units and by settlements, and read back. */

/** What another record of the same run may say otherwise. */
const replaced = `tenant = excluded.tenant, function = excluded.function, version = excluded.version, trigger = excluded.trigger,
    event_type = excluded.event_type, event_id = excluded.event_id, operation = excluded.operation,
    status = excluded.status, verdict = excluded.verdict, result = excluded.result, reason = excluded.reason,
    error = excluded.error, logs = excluded.logs, logs_cut = excluded.logs_cut, created_ms = excluded.created_ms,
    started_ms = excluded.started_ms, duration_ms = excluded.duration_ms, queue_ms = excluded.queue_ms,
    cold_ms = excluded.cold_ms`;
/**
 * The second number that a run was given, by a process that did not know of the first, is not used. What has ended stays, so a
 * settlement that is made again changes nothing.
 */
export const upsertInvocation = `INSERT INTO invocation
  (number, tenant, function, version, trigger, event_type, event_id, operation, subscription, sequence, attempt, status,
   verdict, result, reason, error, logs, logs_cut, created_ms, started_ms, duration_ms, queue_ms, cold_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (sequence, subscription, attempt) WHERE sequence IS NOT NULL
    DO UPDATE SET ${replaced} WHERE status = 'pending'
  ON CONFLICT (number)
    DO UPDATE SET subscription = excluded.subscription, sequence = excluded.sequence, attempt = excluded.attempt, ${replaced}
    WHERE status = 'pending'`;

/** Of a delivery that will not be attempted any more: its subscription was deleted. */
export const endPending = `UPDATE invocation SET status = 'failed', reason = 'cancelled',
    error = '{"name":"SandboxError","message":"its subscription was deleted before it began"}'
  WHERE sequence = ? AND subscription = ? AND status = 'pending'`;

export function invocationChange(change: InvocationChange): Step[] {
  const { tenant, number } = change.invocation;
  return [{ sql: upsertInvocation, params: invocationRow(change.invocation) }, newsOfInvocation(tenant, number)];
}

export function invocationRow(invocation: Invocation): Sql[] {
  return [
    invocation.number,
    invocation.tenant,
    invocation.function,
    invocation.version,
    invocation.trigger,
    invocation.eventType,
    invocation.eventId,
    invocation.operation,
    invocation.subscription ?? null,
    invocation.sequence ?? null,
    invocation.attempt,
    invocation.status,
    json(invocation.verdict),
    json(invocation.result),
    invocation.reason ?? null,
    json(invocation.error),
    JSON.stringify(invocation.logs),
    flag(invocation.logsCut),
    invocation.createdMs,
    invocation.startedMs ?? null,
    invocation.durationMs ?? null,
    invocation.queueMs ?? null,
    invocation.coldMs ?? null,
  ];
}

const byNumber = "SELECT * FROM invocation WHERE number = ?";
const fitting = `SELECT * FROM invocation WHERE number = ?1 AND tenant = ?2
  AND (?3 IS NULL OR EXISTS (SELECT 1 FROM function f WHERE f.number = invocation.function AND f.app = ?3))
  AND (?4 IS NULL OR version = ?4) AND (?5 IS NULL OR created_ms >= ?5) AND (?6 IS NULL OR created_ms < ?6)`;
const byAttempt = "SELECT * FROM invocation WHERE sequence = ? AND subscription = ? AND attempt = ?";
const inRun = "status = ? AND trigger = ? AND number < ? ORDER BY number DESC LIMIT ?";
const numbersBefore = {
  all: `SELECT number FROM invocation INDEXED BY invocation_by_tenant WHERE tenant = ? AND ${inRun}`,
  ofEventType: `SELECT number FROM invocation INDEXED BY invocation_by_event_type
    WHERE tenant = ? AND event_type = ? AND ${inRun}`,
  ofFunction: `SELECT number FROM invocation INDEXED BY invocation_by_function WHERE function = ? AND ${inRun}`,
  ofBoth: `SELECT number FROM invocation INDEXED BY invocation_by_function_and_event_type
    WHERE function = ? AND event_type = ? AND ${inRun}`,
} as const;

/** The index that knows what is wanted, and what it begins with. */
function indexFor({ tenant, function: fn, eventType }: InvocationQuery): readonly [sql: string, ...of: Sql[]] {
  if (fn === undefined) {
    return eventType === undefined ? [numbersBefore.all, tenant] : [numbersBefore.ofEventType, tenant, eventType];
  }
  return eventType === undefined ? [numbersBefore.ofFunction, fn] : [numbersBefore.ofBoth, fn, eventType];
}

export function invocations(reads: Reads): Omit<Invocations, "reserveInvocations"> {
  return {
    invocation: async (number) => await reads.one(readInvocation, byNumber, number),
    invocationOf: async ({ sequence, subscription, attempt }) =>
      await reads.one(readInvocation, byAttempt, sequence, subscription, attempt),
    invocations: async (query, page) => {
      const numbers = await numbersOf(reads, query, page);
      const found = await Promise.all(numbers.map(async (number) => reads.all(byNumber, number)));
      return found
        .flat()
        .map(readInvocation)
        .filter((invocation) => invocation.tenant === query.tenant);
    },
    narrowedInvocations: async ({ narrowing, ...query }, { after, max }) => {
      const numbers = await numbersOf(reads, query, { ...optional("after", after), max: window });
      const { app = null, version = null, sinceMs = null, untilMs = null } = narrowing;
      const found: Invocation[] = [];
      let last: number | undefined;
      for (const number of numbers) {
        if (found.length === max) break;
        last = number;
        found.push(
          ...(await reads.all(fitting, number, query.tenant, app, version, sinceMs, untilMs)).map(readInvocation),
        );
      }
      if (last === undefined || (last === numbers.at(-1) && numbers.length < window)) return { invocations: found };
      const searchedMs = (await reads.one((row) => integer(row, "created_ms"), byNumber, last)) ?? 0;
      return { invocations: found, next: last, searchedMs };
    },
  };
}

/** Rows that one narrowed page may look at: a few milliseconds. */
const window = 500;

/** The newest, of all runs of the index. */
async function numbersOf(
  reads: Reads,
  query: InvocationQuery,
  { after = Number.MAX_SAFE_INTEGER, max }: Page<number>,
): Promise<readonly number[]> {
  const [sql, ...of] = indexFor(query);
  const found = await Promise.all(
    runs(query).map(async ([status, trigger]) => reads.all(sql, ...of, status, trigger, after, max)),
  );
  const numbers = found.flat().map((row) => integer(row, "number"));
  return numbers.toSorted((a, b) => b - a).slice(0, max);
}

/** The runs of the index that a query wants: so the only failure among a million successes is found as fast as they are. */
function runs({ status, trigger }: InvocationQuery): [InvocationStatus, InvocationTrigger][] {
  const triggers = trigger === undefined ? invocationTriggers : [trigger];
  return (status === undefined ? invocationStatuses : [status]).flatMap((status) =>
    triggers.map((trigger): [InvocationStatus, InvocationTrigger] => [status, trigger]),
  );
}

function readInvocation(row: Row): Invocation {
  return {
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    function: integer(row, "function"),
    version: integer(row, "version"),
    trigger: text(row, "trigger") as InvocationTrigger,
    eventType: text(row, "event_type"),
    eventId: text(row, "event_id"),
    operation: text(row, "operation"),
    ...optional("subscription", row["subscription"] as number | null),
    ...optional("sequence", row["sequence"] as number | null),
    attempt: integer(row, "attempt"),
    status: text(row, "status") as InvocationStatus,
    ...optional("verdict", parsed(row, "verdict") as Verdict | undefined),
    // A null is a result, too.
    ...(row["result"] === null ? {} : { result: parsed(row, "result") as Json }),
    ...optional("reason", row["reason"] as NonNullable<Invocation["reason"]> | null),
    ...optional("error", parsed(row, "error") as ThrownError | undefined),
    logs: JSON.parse(text(row, "logs")) as LogLine[],
    logsCut: integer(row, "logs_cut") === 1,
    createdMs: integer(row, "created_ms"),
    ...optional("startedMs", row["started_ms"] as number | null),
    ...optional("durationMs", row["duration_ms"] as number | null),
    ...optional("queueMs", row["queue_ms"] as number | null),
    ...optional("coldMs", row["cold_ms"] as number | null),
  };
}
