import type { Face } from "../../domain/event.ts";
import { type TargetStanding, untouched } from "../../domain/health.ts";
import { latencyQuantile } from "../../domain/latency.ts";
import type { FailureReason } from "../../domain/retry.ts";
import { type CountedReason, type Figures, type HourQuery, type SpanQuery, spanMs } from "../figures.ts";
import { statusCodes } from "./deliveries-sql.ts";
import { newestAttempts } from "./newest-attempts.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { integer, optional, type Reads, type Row, type Sql, text } from "./step.ts";
import { pauseOf } from "./subscription-reads.ts";

/** How figures are read. The writer is `figure-writer.ts`. */

const newestColumns =
  "h.at, h.bands, h.acknowledged_ms, h.failed_ms, h.failed_reason, h.failed_status, h.failures, h.failing_since_ms";
/** Attempts of the subscription `of` since the hour ?1. */
const attemptsOf = (of: string): string =>
  `(SELECT sum(attempts) FROM stat_hour WHERE subscription = ${of} AND at >= ?1) AS attempts_lately`;
const standingOf = `SELECT ${newestColumns}, ${attemptsOf("?2")} FROM stat_hour h WHERE h.subscription = ?2 ORDER BY h.at DESC LIMIT 1`;
const standingsOf = `SELECT s.number, s.outcome, s.enabled, s.unconfirmed, s.paused_ms, s.pause_reason, ${newestColumns}, ${attemptsOf("s.number")}
  FROM subscription s INDEXED BY subscription_by_tenant LEFT JOIN stat_hour h ON h.subscription = s.number
    AND h.at = (SELECT max(at) FROM stat_hour WHERE subscription = s.number)
  WHERE s.tenant = ?2 AND s.number < ?3 AND s.deleted_ms IS NULL AND s.ended_ms IS NULL AND ${seenBy("?5", "?6")}
  ORDER BY s.number DESC LIMIT ?4`;
const oldest = (index: string, column: string): string => `SELECT e.time_ms
  FROM delivery d INDEXED BY ${index} JOIN event e ON e.sequence = d.sequence
  WHERE d.${column} = ? AND d.status = 0 AND d.status <> 1 ORDER BY d.sequence LIMIT 1`;
const oldestOfTenant = oldest("delivery_open", "tenant");
const oldestOfOne = oldest("delivery_open_of", "subscription");
const openOfTenant =
  "SELECT coalesce(sum(waiting), 0) AS waiting, coalesce(sum(dead), 0) AS dead FROM open_count WHERE tenant = ?";
const openOfOne = `SELECT count(*) AS n FROM
  (SELECT 1 FROM delivery INDEXED BY delivery_open_of WHERE subscription = ? AND status = ? AND status <> 1 LIMIT ?) few`;

const plain = "attempts, delivered, dead";
/** Reading the bands takes longer than all else. */
const columnsOf = (latency: boolean | undefined): string => (latency === true ? `${plain}, bands` : plain);
const totalsOf = (columns: string): string => `SELECT at, face, events, ${columns} FROM stat_total
  WHERE tenant = ?1 AND span = ?2 AND at >= ?3 AND at < ?4 ORDER BY at, face`;
/** ?1 tenant, ?2 hour. */
const hourOfOne = (columns: string): string => `SELECT h.subscription, s.face, ${columns}
  FROM stat_hour h JOIN subscription s ON s.number = h.subscription WHERE h.tenant = ?1 AND h.at = ?2 AND h.subscription = ?3`;
const hourOfSeen = (columns: string): string => `SELECT h.subscription, s.face, ${columns}
  FROM stat_hour h INDEXED BY stat_hour_by_time JOIN subscription s ON s.number = h.subscription
  WHERE h.tenant = ?1 AND h.at = ?2 AND ${seenBy("?3", "?4")}`;
const lookedAt = "SELECT count(*) AS n FROM stat_hour INDEXED BY stat_hour_by_time WHERE tenant = ? AND at = ?";
const reasonsOfSpans = `SELECT at, reason, attempts, dead FROM stat_reason
  WHERE tenant = ?1 AND span = ?2 AND at IN (SELECT CAST(value AS bigint) FROM json_each(?3)) AND subscription = 0 ORDER BY at, reason`;
const reasonsOfHour = (those: string): string => `SELECT r.reason, sum(r.attempts) AS attempts, sum(r.dead) AS dead
  FROM stat_reason r JOIN subscription s ON s.number = r.subscription
  WHERE r.tenant = ?1 AND r.span = ${spanMs.hour / 1_000} AND r.at = ?2 AND r.subscription <> 0 AND ${those} GROUP BY r.reason`;
const reasonsOfOne = reasonsOfHour("r.subscription = ?3");
const reasonsOfSeen = reasonsOfHour(seenBy("?3", "?4"));
const reasonsLookedAt = `SELECT count(*) AS n FROM stat_reason WHERE tenant = ? AND span = ${spanMs.hour / 1_000} AND at = ?`;

/** Brings figures and usage up to date with what was committed before it is called. */
export type Fold = () => Promise<void>;

export function figures(reads: Reads, fold: Fold): Figures {
  return {
    standing: async (numbers, nowMs) => {
      await fold();
      const standingNow = async (number: number): Promise<TargetStanding> => {
        const row = await reads.get(standingOf, hourBefore(nowMs), number);
        return row === undefined ? untouched : readStanding(row, nowMs);
      };
      return new Map(await Promise.all(numbers.map(async (number) => [number, await standingNow(number)] as const)));
    },
    open: async (of, most) => {
      if ("tenant" in of) {
        const row = (await reads.get(openOfTenant, of.tenant)) ?? {};
        return { waiting: Math.min(integer(row, "waiting"), most), dead: Math.min(integer(row, "dead"), most) };
      }
      const count = async (status: number): Promise<number> =>
        integer((await reads.get(openOfOne, of.subscription, status, most)) ?? {}, "n");
      const [waiting, dead] = await Promise.all([count(statusCodes.waiting), count(statusCodes.dead)]);
      return { waiting, dead };
    },
    standings: async ({ tenant, nowMs, viewer }, { after = Number.MAX_SAFE_INTEGER, max }) => {
      await fold();
      return (await reads.all(standingsOf, hourBefore(nowMs), tenant, after, max, ...viewing(viewer))).map((row) => ({
        number: integer(row, "number"),
        enabled: integer(row, "enabled") === 1,
        ...(row["unconfirmed"] === 1 ? { unconfirmed: true as const } : {}),
        ...optional("outcome", row["outcome"] as "complete" | "failed" | null),
        ...pauseOf(row),
        standing: row["at"] === null ? untouched : readStanding(row, nowMs),
      }));
    },
    oldestWaiting: async (of) => {
      const read = (row: Row): number => integer(row, "time_ms");
      if ("tenant" in of) return await reads.one(read, oldestOfTenant, of.tenant);
      return await reads.one(read, oldestOfOne, of.subscription);
    },
    totals: async (query) => {
      await fold();
      const sql = totalsOf(columnsOf(query.latency));
      return (await reads.all(sql, ...spansOf(query))).map((row) => ({
        atMs: integer(row, "at") * spanMs[query.span],
        events: integer(row, "events"),
        ...(row["face"] === "" ? {} : { face: row["face"] as Face }),
        ...readCounts(row, query.latency),
      }));
    },
    ofHour: async (query) => {
      await fold();
      const sql = query.subscription === undefined ? hourOfSeen : hourOfOne;
      const rows = await reads.all(sql(columnsOf(query.latency)), ...hourly(query));
      const counted = rows.map((row) => ({
        atMs: query.atMs,
        subscription: integer(row, "subscription"),
        face: row["face"] as Face,
        ...readCounts(row, query.latency),
      }));
      return { counted, looked: await looked(reads, lookedAt, query) };
    },
    reasons: async (query) => {
      await fold();
      const [tenant, span, from, to] = spansOf(query);
      const all = JSON.stringify(Array.from({ length: to - from }, (_, index) => from + index));
      return (await reads.all(reasonsOfSpans, tenant, span, all)).map((row) =>
        readReason(row, integer(row, "at") * spanMs[query.span]),
      );
    },
    reasonsOfHour: async (query) => {
      await fold();
      const rows = await reads.all(query.subscription === undefined ? reasonsOfSeen : reasonsOfOne, ...hourly(query));
      const counted = rows.map((row) => readReason(row, query.atMs));
      return { counted, looked: await looked(reads, reasonsLookedAt, query) };
    },
    newestAttempts: async (subscription, page) => newestAttempts(reads, subscription, page),
  };
}

function spansOf({ tenant, span, fromMs, toMs }: SpanQuery): readonly [string, number, number, number] {
  const ms = spanMs[span];
  return [tenant, ms / 1_000, Math.ceil(fromMs / ms), Math.ceil(toMs / ms)];
}

function hourly({ tenant, atMs, subscription, viewer }: HourQuery): Sql[] {
  const place = [tenant, Math.floor(atMs / spanMs.hour)];
  return subscription === undefined ? [...place, ...viewing(viewer)] : [...place, subscription];
}

/** One is found in its place, whatever else there is. */
async function looked(reads: Reads, sql: string, { tenant, atMs, subscription }: HourQuery): Promise<number> {
  if (subscription !== undefined) return 1;
  return integer((await reads.get(sql, tenant, Math.floor(atMs / spanMs.hour))) ?? {}, "n");
}

function readCounts(row: Row, latency: boolean | undefined) {
  return {
    attempts: integer(row, "attempts"),
    delivered: integer(row, "delivered"),
    dead: integer(row, "dead"),
    bands: latency === true ? (JSON.parse(text(row, "bands")) as number[]) : [],
  };
}

function readReason(row: Row, atMs: number): CountedReason {
  return { atMs, reason: text(row, "reason"), attempts: integer(row, "attempts"), dead: integer(row, "dead") };
}

/** Number of the hour before the one of `nowMs`. */
function hourBefore(nowMs: number): number {
  return Math.floor(nowMs / spanMs.hour) - 1;
}

function readStanding(row: Row, nowMs: number): TargetStanding {
  const minutes = (nowMs - hourBefore(nowMs) * spanMs.hour) / spanMs.minute;
  const lately = row["attempts_lately"];
  return {
    ...optional("acknowledgedMs", row["acknowledged_ms"] as number | null),
    ...optional("usualMs", latencyQuantile(JSON.parse(text(row, "bands")) as number[], 0.5)),
    ...failureOf(row),
    failures: integer(row, "failures"),
    ...optional("failingSinceMs", row["failing_since_ms"] as number | null),
    attemptsPerMinute: typeof lately === "number" ? lately / minutes : 0,
  };
}

function failureOf(row: Row): Pick<TargetStanding, "failure"> {
  if (row["failed_ms"] === null) return {};
  const atMs = integer(row, "failed_ms");
  const reason = text(row, "failed_reason") as FailureReason;
  return { failure: { atMs, reason, ...optional("status", row["failed_status"] as number | null) } };
}
