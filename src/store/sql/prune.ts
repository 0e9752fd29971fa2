import { spanMs } from "../figures.ts";
import { receivedKeptMs } from "../received-events.ts";
import { countDropped } from "./open-counts.ts";
import { findAll, findOne, perform, type Script, tell } from "./script.ts";
import { integer } from "./step.ts";
import type { PruneStep } from "./wire.ts";

/** Retention, one small step at a time, between group commits. */

const candidates = `SELECT sequence, time_ms FROM event
  WHERE sequence > ? AND sequence < ? AND sequence <= (SELECT value FROM meta WHERE key = 'watermark') ORDER BY sequence LIMIT ?`;
/** Events of a run that may not go: they are not dispatched yet, something of theirs waits, or is dead, to be kept, and still within its time. */
const needed = `SELECT DISTINCT d.sequence FROM delivery d JOIN event e ON e.sequence = d.sequence
  LEFT JOIN subscription s ON s.number = d.subscription
  WHERE d.sequence BETWEEN ?1 AND ?2
    AND (d.status = 0 OR (d.status = 2 AND e.time_ms >= ?3 AND coalesce(s.keep_dead, 1) = 1))
  UNION SELECT sequence FROM event_aside WHERE sequence BETWEEN ?1 AND ?2`;
const dropAttempts = "DELETE FROM attempt WHERE sequence BETWEEN ? AND ?";
const dropDeliveries = "DELETE FROM delivery WHERE sequence BETWEEN ? AND ?";
const dropRuns = "DELETE FROM invocation WHERE sequence BETWEEN ? AND ?";
const dropEvents = "DELETE FROM event WHERE sequence BETWEEN ? AND ?";
/** As long as events wait for dispatch, the versions that the oldest of them may meet stay, however old. */
const dropPast = `DELETE FROM subscription_past WHERE until_ms < min(?1, coalesce(
  (SELECT time_ms FROM event WHERE sequence > (SELECT value FROM meta WHERE key = 'watermark') ORDER BY sequence LIMIT 1),
  ?1), coalesce(
  (SELECT time_ms FROM event WHERE sequence =
    (SELECT sequence FROM event_aside WHERE sequence > 0 ORDER BY sequence LIMIT 1)), ?1))`;
const readMark = "SELECT value FROM meta WHERE key = 'prune_at'";
const writeMark =
  "INSERT INTO meta (key, value) VALUES ('prune_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/** One that is pending for so long has lost the process that ran it: no function may run for longer than minutes. */
const dayMs = 86_400_000;
/** ?3: a pending one goes when it is older than that, too. */
const dropLoneRuns = `DELETE FROM invocation WHERE number IN (SELECT number FROM invocation INDEXED BY invocation_without_event
  WHERE sequence IS NULL AND created_ms < ?1 AND (status <> 'pending' OR created_ms < ?3) ORDER BY created_ms LIMIT ?2)`;
const dropDecisions = `DELETE FROM decision WHERE (tenant, operation) IN
  (SELECT tenant, operation FROM decision INDEXED BY decision_by_time WHERE time_ms < ?1 ORDER BY time_ms LIMIT ?2)`;
const dropEnded = `DELETE FROM operation_end WHERE operation IN
  (SELECT operation FROM operation_end INDEXED BY operation_end_by_time WHERE ended_ms < ?1 ORDER BY ended_ms LIMIT ?2)`;
const dropRemembered = `DELETE FROM remembered WHERE (tenant, principal, key) IN
  (SELECT tenant, principal, key FROM remembered INDEXED BY remembered_by_age
   WHERE created_ms < ?1 ORDER BY created_ms LIMIT ?2)`;

const dropReceived = `DELETE FROM received_event WHERE (tenant, key) IN
  (SELECT tenant, key FROM received_event INDEXED BY received_event_by_time
   WHERE received_ms < ?1 ORDER BY received_ms LIMIT ?2)`;

const dropSessions = `DELETE FROM session WHERE uuid IN
  (SELECT uuid FROM session INDEXED BY session_by_end WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)`;
const dropCodes = `DELETE FROM login_code WHERE hash IN
  (SELECT hash FROM login_code INDEXED BY login_code_by_end WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)`;

const dropRedrives = `DELETE FROM redrive WHERE uuid IN
  (SELECT uuid FROM redrive INDEXED BY redrive_over WHERE state <> 'running' AND created_ms < ?1 ORDER BY created_ms LIMIT ?2)`;

const dropPauses = `DELETE FROM subscription_pause WHERE (subscription, since_ms) IN
  (SELECT subscription, since_ms FROM subscription_pause INDEXED BY subscription_pause_by_end WHERE until_ms < ?1 ORDER BY until_ms LIMIT ?2)`;

/** Of resources that are gone, once no event is left that a subscriber could still receive through them. */
const dropGrants = `DELETE FROM resource_grant WHERE (resource, grantee) IN
  (SELECT resource, grantee FROM resource_grant INDEXED BY resource_grant_ended
   WHERE ended_ms IS NOT NULL AND ended_ms < min(?1, coalesce((SELECT time_ms FROM event WHERE sequence > 0 ORDER BY sequence LIMIT 1), ?1))
   ORDER BY ended_ms LIMIT ?2)`;

/** One-shot subscriptions that are over, and deleted ones, of those that go then, once nothing of what was sent to them is kept. */
const dropSubscriptions = `DELETE FROM subscription WHERE number IN
  (SELECT s.number FROM subscription s INDEXED BY subscription_over
   WHERE s.drop_when_over = 1 AND (s.outcome IS NOT NULL OR s.deleted_ms IS NOT NULL) AND s.updated_ms < ?1
     AND coalesce(s.deleted_ms, 0) < ?1 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.subscription = s.number)
   ORDER BY s.updated_ms LIMIT ?2)`;

/** Deleted ones, once no subscription that is kept went there. */
const dropDestinations = `DELETE FROM destination WHERE number IN
  (SELECT x.number FROM destination x INDEXED BY destination_deleted
   WHERE x.deleted_ms < ?1 AND NOT EXISTS
     (SELECT 1 FROM subscription s INDEXED BY subscription_to_destination WHERE s.destination = x.number)
   ORDER BY x.deleted_ms LIMIT ?2)`;

/** Figures of minutes are kept for two days, those of hours for ninety. ?1 span, ?2 the first that stays, ?3 at most so many. */
const minutesKeptMs = 2 * dayMs;
const hoursKeptMs = 90 * dayMs;
const dropTotals = `DELETE FROM stat_total WHERE (tenant, span, at, face) IN
  (SELECT tenant, span, at, face FROM stat_total INDEXED BY stat_total_by_time WHERE span = ?1 AND at < ?2 LIMIT ?3)`;
const dropReasons = `DELETE FROM stat_reason WHERE (tenant, span, at, subscription, reason) IN
  (SELECT tenant, span, at, subscription, reason FROM stat_reason INDEXED BY stat_reason_by_time
   WHERE span = ?1 AND at < ?2 LIMIT ?3)`;
const dropHours = `DELETE FROM stat_hour WHERE (subscription, at) IN
  (SELECT subscription, at FROM stat_hour INDEXED BY stat_hour_by_time WHERE at < ?1 LIMIT ?2)`;

/** At most `max` of each kind. */
export function* pruneStep(step: PruneStep): Script<{ readonly dropped: number; readonly more: boolean }> {
  const { beforeMs, max, nowMs } = step;
  const { dropped, more } = yield* pruneEvents(step);
  const others = [
    yield* perform({ sql: dropLoneRuns, params: [beforeMs, max, nowMs - dayMs] }),
    yield* perform({ sql: dropDecisions, params: [beforeMs, max] }),
    yield* perform({ sql: dropEnded, params: [beforeMs, max] }),
    yield* perform({ sql: dropRemembered, params: [nowMs - dayMs, max] }),
    yield* perform({ sql: dropReceived, params: [nowMs - receivedKeptMs, max] }),
    yield* perform({ sql: dropSessions, params: [nowMs, max] }),
    yield* perform({ sql: dropCodes, params: [nowMs, max] }),
    yield* perform({ sql: dropPauses, params: [beforeMs, max] }),
    yield* perform({ sql: dropRedrives, params: [beforeMs, max] }),
    yield* perform({ sql: dropSubscriptions, params: [beforeMs, max] }),
    yield* perform({ sql: dropDestinations, params: [beforeMs, max] }),
    yield* perform({ sql: dropGrants, params: [beforeMs, max] }),
    ...(yield* pruneFigures(step)),
  ];
  return { dropped, more: more || others.includes(max) };
}

function* pruneFigures({ max, nowMs }: PruneStep): Script<number[]> {
  const firstMinute = Math.floor((nowMs - minutesKeptMs) / spanMs.minute);
  const firstHour = Math.floor((nowMs - hoursKeptMs) / spanMs.hour);
  const ends = [
    [spanMs.minute / 1_000, firstMinute, max],
    [spanMs.hour / 1_000, firstHour, max],
  ];
  const dropped = [yield* perform({ sql: dropHours, params: [firstHour, max] })];
  for (const params of ends) {
    for (const sql of [dropTotals, dropReasons]) dropped.push(yield* perform({ sql, params }));
  }
  return dropped;
}

/**
 * Looks at the next `max` events after the place where the last step stopped, and drops those that may go. At the end of what
 * is old enough the place goes back to the beginning, for what was needed then and may go later.
 */
function* pruneEvents(step: PruneStep): Script<{ readonly dropped: number; readonly more: boolean }> {
  const mark = yield* findOne(readMark);
  const from = mark === undefined ? 0 : integer(mark, "value");
  const old = yield* findAll(candidates, from, step.below ?? Number.MAX_SAFE_INTEGER, step.max);
  const oldest = old.map((row) => integer(row, "sequence"));
  // Sequences follow the clock: the first event that is too young ends the oldest.
  const young = old.findIndex((row) => integer(row, "time_ms") >= step.beforeMs);
  const more = young < 0 && oldest.length === step.max;
  if (young >= 0) oldest.length = young;
  const last = oldest.at(-1);
  yield* tell({ sql: writeMark, params: [more && last !== undefined ? last : 0] });
  if (!more) yield* tell({ sql: dropPast, params: [step.beforeMs] });
  const first = oldest[0];
  if (first === undefined || last === undefined) return { dropped: 0, more: false };
  const kept = new Set((yield* findAll(needed, first, last, step.deadBeforeMs)).map((row) => integer(row, "sequence")));
  for (const [start, end] of gaps(oldest, kept)) {
    yield* tell({ sql: dropAttempts, params: [start, end] });
    yield* tell(countDropped(start, end));
    yield* tell({ sql: dropDeliveries, params: [start, end] });
    yield* tell({ sql: dropRuns, params: [start, end] });
    yield* tell({ sql: dropEvents, params: [start, end] });
  }
  return { dropped: oldest.length - kept.size, more };
}

/** Maximal runs `[first, last]` of `sequences` that hold none of `kept`. */
function gaps(sequences: readonly number[], kept: ReadonlySet<number>): [number, number][] {
  const found: [number, number][] = [];
  let open: [number, number] | undefined;
  for (const sequence of sequences) {
    if (kept.has(sequence)) {
      open = undefined;
    } else if (open === undefined) {
      open = [sequence, sequence];
      found.push(open);
    } else {
      open[1] = sequence;
    }
  }
  return found;
}
