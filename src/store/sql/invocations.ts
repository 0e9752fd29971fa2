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
import type { InvocationNarrowing, InvocationQuery } from "../records.ts";
import { newsOfInvocation } from "./news.ts";
import { flag, integer, json, optional, parsed, type Reads, type Row, type Sql, type Step, text } from "./step.ts";

/** How runs of functions are written, by units and by settlements, and read back. */

const columns = `number, tenant, function, version, trigger, event_type, event_id, operation, subscription, sequence, attempt, status,
   verdict, result, reason, error, logs, logs_cut, created_ms, started_ms, duration_ms, queue_ms, cold_ms`;
/** What another record of the same run may say otherwise. */
const replaced = `tenant = ?2, function = ?3, version = ?4, trigger = ?5, event_type = ?6, event_id = ?7, operation = ?8, status = ?12,
    verdict = ?13, result = ?14, reason = ?15, error = ?16, logs = ?17, logs_cut = ?18, created_ms = ?19, started_ms = ?20,
    duration_ms = ?21, queue_ms = ?22, cold_ms = ?23`;
/** The second number that a run was given, by a process that did not know of the first, is not used. */
const replaceRun = `UPDATE invocation SET ${replaced}
  WHERE sequence = ?10 AND subscription = ?9 AND attempt = ?11 AND number <> ?1 AND status = 'pending'`;
/** What has ended stays, so a settlement that is made again changes nothing. */
const putRun = `INSERT INTO invocation (${columns})
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23
  WHERE NOT EXISTS
    (SELECT 1 FROM invocation WHERE sequence = ?10 AND subscription = ?9 AND attempt = ?11 AND number <> ?1)
  ON CONFLICT (number) DO UPDATE SET subscription = ?9, sequence = ?10, attempt = ?11, ${replaced}
    WHERE invocation.status = 'pending'`;

/** Of the values of {@link invocationRow}. */
export function invocationPut(params: readonly Sql[]): Step[] {
  return [
    { sql: replaceRun, params },
    { sql: putRun, params },
  ];
}

/** Of a delivery that will not be attempted any more: its subscription was deleted. */
export const endPending = `UPDATE invocation SET status = 'failed', reason = 'cancelled',
    error = '{"name":"SandboxError","message":"its subscription was deleted before it began"}'
  WHERE sequence = ? AND subscription = ? AND status = 'pending'`;

export function invocationChange(change: InvocationChange): Step[] {
  const { tenant, number } = change.invocation;
  return [...invocationPut(invocationRow(change.invocation)), newsOfInvocation(tenant, number)];
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
/** Of the numbers ?1 (JSON), a few: what is left of the row is read of those only that are wanted. */
const fitting = `SELECT * FROM invocation WHERE number IN (SELECT CAST(value AS bigint) FROM json_each(?1)) AND tenant = ?2
  AND (EXISTS (SELECT 1 FROM function f WHERE f.number = invocation.function AND f.app = ?3) OR ?3 IS NULL)
  AND (version = ?4 OR ?4 IS NULL) AND (created_ms >= ?5 OR ?5 IS NULL) AND (created_ms < ?6 OR ?6 IS NULL)`;
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
      return await wanted(reads, numbers, query.tenant, {});
    },
    narrowedInvocations: async ({ narrowing, ...query }, { after, max }) => {
      const numbers = await numbersOf(reads, query, { ...optional("after", after), max: window });
      const found: Invocation[] = [];
      let last: number | undefined;
      for (let looked = 0; looked < numbers.length && found.length < max; ) {
        // No more than are wanted still, so that none is read in vain.
        const some = numbers.slice(looked, looked + max - found.length);
        looked += some.length;
        last = some.at(-1);
        found.push(...(await wanted(reads, some, query.tenant, narrowing)));
      }
      if (last === undefined || (last === numbers.at(-1) && numbers.length < window)) return { invocations: found };
      const searchedMs = (await reads.one((row) => integer(row, "created_ms"), byNumber, last)) ?? 0;
      return { invocations: found, next: last, searchedMs };
    },
  };
}

/** Those of the numbers that fit, the newest first. */
async function wanted(
  reads: Reads,
  numbers: readonly number[],
  tenant: string,
  { app, version, sinceMs, untilMs }: InvocationNarrowing,
): Promise<Invocation[]> {
  if (numbers.length === 0) return [];
  const bounds = [app ?? null, version ?? null, sinceMs ?? null, untilMs ?? null];
  const rows = await reads.all(fitting, JSON.stringify(numbers), tenant, ...bounds);
  return rows.map(readInvocation).toSorted((one, other) => other.number - one.number);
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
