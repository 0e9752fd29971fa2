import { blockedMs, type DeliveryRecord } from "../../domain/delivery.ts";
import { deliveryRow } from "./deliveries-sql.ts";
import { countAgain } from "./open-counts.ts";
import type { Sql, Step } from "./step.ts";

/** How deliveries that wait are written: when they are due, and where they stand in line. */

const columns = `sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
  made_for, wait_ms, patient_ms, line`;
const stays = `ON CONFLICT (sequence, subscription) DO UPDATE SET
    status = excluded.status, attempts = excluded.attempts, tries = excluded.tries, due_ms = excluded.due_ms,
    reason = excluded.reason, started_ms = NULL, duration_ms = NULL, http_status = NULL, snippet = NULL, made_for = NULL,
    batch = NULL, wait_ms = excluded.wait_ms, patient_ms = excluded.patient_ms, line = excluded.line`;

export const upsertWaiting = `INSERT INTO delivery (${columns})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ${stays}`;

/** One that joins an ordered queue: all but the first are due when the one before is done. */
export const upsertInLine = `INSERT INTO delivery (${columns})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6,
    CASE WHEN EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_line
      WHERE subscription = ?2 AND line = ?16 AND line IS NOT NULL AND status = 0 AND sequence <> ?1)
    THEN ${blockedMs} ELSE ?7 END,
    ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ${stays}`;

export function waitingRow(record: DeliveryRecord): Sql[] {
  return [...deliveryRow(record), record.waitMs ?? 0, record.patientMs ?? null, record.line ?? null];
}

/** The first of a line is due, unless one of it is already: those that are sort before those that are blocked. */
const first = (line: string): string => `UPDATE delivery SET due_ms = ?3, wait_ms = 0
  WHERE subscription = ?1 AND due_ms = ${blockedMs} AND sequence = (SELECT sequence FROM delivery INDEXED BY delivery_line
    WHERE subscription = ?1 AND line = ${line} AND line IS NOT NULL AND status = 0 ORDER BY due_ms, sequence LIMIT 1)`;

/** ?1 subscription, ?2 line, ?3 now. In PostgreSQL another node may have the one that is due then. */
export const releaseLine = `${first("?2")} /*postgres RETURNING sequence*/`;
/** ?1 subscription, ?2 sequence of one of the line, ?3 now. */
const releaseLineOf = first("(SELECT line FROM delivery WHERE sequence = ?2 AND subscription = ?1)");

interface Again {
  readonly sequence: number;
  readonly subscription: number;
  readonly dueMs: number;
}

/** One that is not waiting waits again, in its line if it has one. `those`: which statuses may. */
export function waitAgain({ sequence, subscription, dueMs }: Again, those: "1, 2" | "2"): Step[] {
  const again = `UPDATE delivery SET status = 0, tries = 0, due_ms = iif(line IS NULL, ?1, ${blockedMs}), reason = NULL,
      started_ms = NULL, duration_ms = NULL, http_status = NULL, snippet = NULL, made_for = NULL,
      batch = NULL, wait_ms = 0, patient_ms = NULL
    WHERE sequence = ?2 AND subscription = ?3 AND status IN (${those})`;
  return [
    countAgain({ sequence, subscription }, those),
    { sql: again, params: [dueMs, sequence, subscription] },
    { sql: releaseLineOf, params: [subscription, sequence, dueMs] },
  ];
}

/** ?1 subscription, ?2 sequences (JSON), ?3 now, ?4 for those whose wait was not recorded, ?5 the longest wait. */
const waitsAtMost = "min(coalesce(wait_ms, ?4), ?5)";
export const bringForward = `UPDATE delivery SET due_ms = ?3 + ${waitsAtMost}
  WHERE subscription = ?1 AND sequence IN (SELECT CAST(value AS bigint) FROM json_each(?2)) AND status = 0
    AND due_ms < ${blockedMs} AND due_ms > ?3 + ${waitsAtMost}`;
