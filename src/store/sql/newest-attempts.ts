import type { CountedAttempt, NewestAttempts } from "../figures.ts";
import type { Page } from "../page.ts";
import { storedStatus } from "./deliveries-sql.ts";
import { sequencesPerMs } from "./events-sql.ts";
import { integer, type Reads, type Row, text } from "./step.ts";

/** The attempts of a subscription's newest deliveries: what fine figures of one subscription are made of. */

/** What is retried for long has many attempts. */
const attemptsEach = 4;
/** A success stands in the delivery's row; when it was captured, or was sent again since, among the attempts too. */
const newest = `SELECT d.sequence, d.status, d.attempts, d.started_ms AS success_ms, d.duration_ms AS success_took,
    a.number, a.started_ms, a.duration_ms, a.reason
  FROM (SELECT * FROM delivery INDEXED BY delivery_by_subscription WHERE subscription = ?1 AND sequence < ?2
    ORDER BY sequence DESC LIMIT ?3) d
  LEFT JOIN attempt a ON a.sequence = d.sequence AND a.subscription = d.subscription
  ORDER BY d.sequence DESC, a.number LIMIT ?4`;

export async function newestAttempts(reads: Reads, subscription: number, page: Page<number>): Promise<NewestAttempts> {
  const { after = Number.MAX_SAFE_INTEGER, max } = page;
  const rows = await reads.all(newest, subscription, after, max, max * attemptsEach);
  const attempts: CountedAttempt[] = [];
  let looked = 0;
  let last: number | undefined;
  for (const row of rows) {
    const sequence = integer(row, "sequence");
    if (sequence !== last) {
      looked += 1;
      attempts.push(...successOf(row));
    }
    last = sequence;
    attempts.push(...keptOf(row));
  }
  const isAll = looked < max && rows.length < max * attemptsEach;
  const next =
    isAll || last === undefined ? {} : { next: { sequence: last, sinceMs: Math.ceil(last / sequencesPerMs) } };
  return { attempts, looked, ...next };
}

function successOf(row: Row): CountedAttempt[] {
  if (row["success_ms"] === null) return [];
  const durationMs = integer(row, "success_took");
  return [{ endedMs: integer(row, "success_ms") + durationMs, durationMs }];
}

function keptOf(row: Row): CountedAttempt[] {
  if (row["number"] === null) return [];
  const isLast = row["number"] === row["attempts"];
  if (isLast && row["success_ms"] !== null) return [];
  const durationMs = integer(row, "duration_ms");
  const ended = { endedMs: integer(row, "started_ms") + durationMs, durationMs };
  if (row["reason"] === null) return [ended];
  const died = isLast && storedStatus(integer(row, "status")) === "dead";
  return [{ ...ended, reason: text(row, "reason"), ...(died ? { died: true as const } : {}) }];
}
