import type { AttemptBatch } from "../../domain/batch.ts";
import type { Attempt, DeliveryRecord, StoredStatus } from "../../domain/delivery.ts";
import type { FailureReason } from "../../domain/retry.ts";
import { integer, optional, type Row, type Sql } from "./step.ts";

/** How a delivery and its attempts are written and read back. */

export const statusCodes = { waiting: 0, delivered: 1, dead: 2 } as const satisfies Record<StoredStatus, number>;

export function storedStatus(code: number): StoredStatus {
  return code === 0 ? "waiting" : code === 1 ? "delivered" : "dead";
}

/** The success that ended a delivery stands in its own row; what failed is in `attempt`. */
const putDelivery = `INSERT INTO delivery
  (sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
   made_for, batch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (sequence, subscription)`;

/** Changes nothing where there is one: nearly always there is none. */
export const insertDelivery = `${putDelivery} DO NOTHING`;

export const upsertDelivery = `${putDelivery} DO UPDATE SET
    status = excluded.status, attempts = excluded.attempts, tries = excluded.tries, due_ms = excluded.due_ms,
    reason = excluded.reason, started_ms = excluded.started_ms, duration_ms = excluded.duration_ms,
    http_status = excluded.http_status, snippet = excluded.snippet, made_for = excluded.made_for,
    batch = excluded.batch`;

/** A settlement that is made again after a crash meets its own rows: the later one stands. */
export const insertAttempt = `INSERT INTO attempt
  (sequence, subscription, number, started_ms, duration_ms, http_status, reason, message, snippet, made_for, wire, batch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (sequence, subscription, number) DO UPDATE SET
    started_ms = excluded.started_ms, duration_ms = excluded.duration_ms, http_status = excluded.http_status,
    reason = excluded.reason, message = excluded.message, snippet = excluded.snippet, made_for = excluded.made_for,
    wire = excluded.wire, batch = excluded.batch`;

/** In the place of a reason, which only dead letters have. */
export const unfiltered = "unfiltered";

export function deliveryRow(record: DeliveryRecord): Sql[] {
  const success = record.status === "delivered" ? record.attempt : undefined;
  return [
    record.sequence,
    record.subscription,
    record.tenant,
    statusCodes[record.status],
    record.attempts,
    record.tries,
    record.dueMs ?? null,
    record.reason ?? (record.unfiltered === true ? unfiltered : null),
    success?.startedMs ?? null,
    success?.durationMs ?? null,
    success?.status ?? null,
    success?.snippet ?? null,
    success?.revision ?? null,
  ];
}

/** The row of one that is over. */
export function finishedRow(record: DeliveryRecord): Sql[] {
  return [...deliveryRow(record), record.status === "delivered" ? batchColumn(record.attempt) : null];
}

/** The same text for all that were in one request: it crosses to the writer once. */
function batchColumn(attempt: Attempt | undefined): Sql {
  return attempt?.batch === undefined ? null : `${attempt.batch.id} ${attempt.batch.size}`;
}

function readBatchColumn(text: string): AttemptBatch {
  const [id = "", size] = text.split(" ");
  return { id, size: Number(size) };
}

export function attemptRow(record: DeliveryRecord, attempt: Attempt): Sql[] {
  return [
    record.sequence,
    record.subscription,
    attempt.number,
    attempt.startedMs,
    attempt.durationMs,
    attempt.status ?? null,
    attempt.reason ?? null,
    attempt.message ?? null,
    attempt.snippet ?? null,
    attempt.revision ?? null,
    attempt.wire === undefined ? null : JSON.stringify(attempt.wire),
    batchColumn(attempt),
  ];
}

export function readAttempt(row: Row, number: number): Attempt {
  return {
    number,
    startedMs: integer(row, "started_ms"),
    durationMs: integer(row, "duration_ms"),
    ...optional("status", row["http_status"] as number | null),
    ...(row["reason"] === unfiltered ? {} : optional("reason", row["reason"] as FailureReason | null)),
    ...optional("message", row["message"] as string | null),
    ...optional("snippet", row["snippet"] as string | null),
    ...optional("revision", row["made_for"] as number | null),
    ...(typeof row["batch"] === "string" ? { batch: readBatchColumn(row["batch"]) } : {}),
  };
}
