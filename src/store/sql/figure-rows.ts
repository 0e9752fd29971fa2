import { type Span, spanMs } from "../figures.ts";
import { counted } from "./figure-counts.ts";
import { findOne, type Script, tell } from "./script.ts";
import { integer, type Row, type Step, text } from "./step.ts";

/**
 * The rows of figures that are being counted up, kept by the one writer, which alone changes them. They are read once, and then written
 * whole, which costs half of adding to each figure in SQL. After a commit is undone they are forgotten.
 */

/** Figures of the present hour of one subscription. */
interface HourRow {
  readonly subscription: number;
  readonly tenant: string;
  readonly at: number;
  attempts: number;
  delivered: number;
  dead: number;
  readonly bands: number[];
  acknowledgedMs: number | null;
  failedMs: number | null;
  failedReason: string | null;
  failedStatus: number | null;
  failures: number;
  failingSinceMs: number | null;
}

interface TotalKey {
  readonly tenant: string;
  readonly span: Span;
  readonly face: string;
}

/** Figures of the present minute or hour of a tenant, on one face. */
interface TotalRow extends TotalKey {
  readonly at: number;
  events: number;
  attempts: number;
  delivered: number;
  dead: number;
  readonly bands: number[];
}

/** Beyond so many all are read again. */
const mostKept = 20_000;

/** The newest of a subscription, of whichever hour. */
const newestHour = "SELECT * FROM stat_hour WHERE subscription = ? ORDER BY at DESC LIMIT 1";
const putHour = `INSERT INTO stat_hour (subscription, at, tenant, attempts, delivered, dead, bands, acknowledged_ms, failed_ms, failed_reason,
    failed_status, failures, failing_since_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (subscription, at) DO UPDATE SET attempts = excluded.attempts, delivered = excluded.delivered, dead = excluded.dead,
    bands = excluded.bands, acknowledged_ms = excluded.acknowledged_ms, failed_ms = excluded.failed_ms,
    failed_reason = excluded.failed_reason, failed_status = excluded.failed_status, failures = excluded.failures,
    failing_since_ms = excluded.failing_since_ms`;
const readTotal = "SELECT * FROM stat_total WHERE tenant = ? AND span = ? AND at = ? AND face = ?";
const putTotal = `INSERT INTO stat_total (tenant, span, at, face, events, attempts, delivered, dead, bands)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, span, at, face) DO UPDATE SET events = excluded.events, attempts = excluded.attempts,
    delivered = excluded.delivered, dead = excluded.dead, bands = excluded.bands`;

/** What is added, laid out as `figure-counts.ts` says. */
interface Counts {
  readonly counts: readonly number[];
}

interface OfSubscription extends Counts {
  readonly subscription: number;
  readonly tenant: string;
  /** Of its last failure. */
  readonly reason: string | undefined;
}

interface OfTenant extends Counts {
  readonly tenant: string;
  readonly face: string;
  /** Accepted. */
  readonly events: number;
}

export class FigureRows {
  readonly #hours = new Map<number, HourRow>();
  readonly #totals = new Map<string, TotalRow>();
  readonly #changedHours = new Set<HourRow>();
  readonly #changedTotals = new Set<TotalRow>();

  forget(): void {
    for (const rows of [this.#hours, this.#totals, this.#changedHours, this.#changedTotals]) rows.clear();
  }

  *addHour({ subscription, tenant, counts, reason }: OfSubscription, atMs: number): Script<void> {
    const row = yield* this.#hour(subscription, tenant, atMs);
    addCounts(row, counts);
    stand(row, counts, reason);
    this.#changedHours.add(row);
  }

  /** To the minute and to the hour. */
  *addTotal({ tenant, face, events, counts }: OfTenant, atMs: number): Script<void> {
    for (const span of ["minute", "hour"] as const) {
      const row = yield* this.#total({ tenant, span, face }, atMs);
      row.events += events;
      addCounts(row, counts);
      this.#changedTotals.add(row);
    }
  }

  /** Until then what was added is only here. */
  *write(): Script<void> {
    for (const row of this.#changedHours) yield* tell(hourPut(row));
    for (const row of this.#changedTotals) yield* tell(totalPut(row));
    this.#changedHours.clear();
    this.#changedTotals.clear();
    if (this.#hours.size > mostKept) this.#hours.clear();
    if (this.#totals.size > mostKept) this.#totals.clear();
  }

  *#hour(subscription: number, tenant: string, atMs: number): Script<HourRow> {
    const at = Math.floor(atMs / spanMs.hour);
    const kept = this.#hours.get(subscription);
    // A clock that was set back goes on in the hour that it had come to.
    if (kept !== undefined && kept.at >= at) return kept;
    const before = kept ?? hourOf(yield* findOne(newestHour, subscription));
    const row =
      before === undefined
        ? emptyHour({ subscription, tenant }, at)
        : before.at >= at
          ? before
          : { ...before, at, attempts: 0, delivered: 0, dead: 0, bands: [] };
    this.#hours.set(subscription, row);
    return row;
  }

  *#total(of: TotalKey, atMs: number): Script<TotalRow> {
    const { tenant, span, face } = of;
    const at = Math.floor(atMs / spanMs[span]);
    const key = `${tenant}\n${span}\n${face}`;
    let row = this.#totals.get(key);
    if (row?.at !== at) {
      // One that a clock which was set back comes to again may not be written yet.
      if (row !== undefined) yield* this.write();
      const found = yield* findOne(readTotal, tenant, spanMs[span] / 1_000, at, face);
      row = {
        ...of,
        at,
        ...(found === undefined ? noCounts() : { events: integer(found, "events"), ...countsOf(found) }),
      };
      this.#totals.set(key, row);
    }
    return row;
  }
}

function hourPut(row: HourRow): Step {
  const { subscription, at, tenant, attempts, delivered, dead, bands } = row;
  const { acknowledgedMs, failedMs, failedReason, failedStatus, failures, failingSinceMs } = row;
  const counts = [attempts, delivered, dead, JSON.stringify(bands)];
  const last = [acknowledgedMs, failedMs, failedReason, failedStatus, failures, failingSinceMs];
  return { sql: putHour, params: [subscription, at, tenant, ...counts, ...last] };
}

function totalPut({ tenant, span, at, face, events, attempts, delivered, dead, bands }: TotalRow): Step {
  const place = [tenant, spanMs[span] / 1_000, at, face];
  return { sql: putTotal, params: [...place, events, attempts, delivered, dead, JSON.stringify(bands)] };
}

interface CountedRow {
  attempts: number;
  delivered: number;
  dead: number;
  readonly bands: number[];
}

function addCounts(row: CountedRow, counts: readonly number[]): void {
  row.attempts += counts[counted.attempts] ?? 0;
  row.delivered += counts[counted.delivered] ?? 0;
  row.dead += counts[counted.dead] ?? 0;
  for (let at = counted.bands; at < counts.length; at += 1) {
    while (row.bands.length <= at - counted.bands) row.bands.push(0);
    row.bands[at - counted.bands] = (row.bands[at - counted.bands] ?? 0) + (counts[at] ?? 0);
  }
}

/** How things stand after what was counted. */
function stand(row: HourRow, counts: readonly number[], reason: string | undefined): void {
  const { acknowledgedMs, failures, failingSinceMs, failedMs, failedStatus } = counted;
  const since = counts[failingSinceMs] ?? 0;
  const acknowledged = counts[acknowledgedMs] ?? 0;
  if (acknowledged > 0) {
    row.acknowledgedMs = Math.max(row.acknowledgedMs ?? 0, acknowledged);
    row.failures = 0;
    row.failingSinceMs = null;
  }
  row.failures += counts[failures] ?? 0;
  if (since > 0) row.failingSinceMs ??= since;
  if ((counts[failedMs] ?? 0) === 0) return;
  row.failedMs = counts[failedMs] ?? null;
  row.failedReason = reason ?? null;
  row.failedStatus = counts[failedStatus] === 0 ? null : (counts[failedStatus] ?? null);
}

function noCounts() {
  return { events: 0, attempts: 0, delivered: 0, dead: 0, bands: [] as number[] };
}

function countsOf(row: Row) {
  return {
    attempts: integer(row, "attempts"),
    delivered: integer(row, "delivered"),
    dead: integer(row, "dead"),
    bands: JSON.parse(text(row, "bands")) as number[],
  };
}

function emptyHour(of: Pick<HourRow, "subscription" | "tenant">, at: number): HourRow {
  const { events: _, ...counts } = noCounts();
  const nothing = {
    acknowledgedMs: null,
    failedMs: null,
    failedReason: null,
    failedStatus: null,
    failingSinceMs: null,
  };
  return { ...of, at, ...counts, ...nothing, failures: 0 };
}

function hourOf(row: Row | undefined): HourRow | undefined {
  if (row === undefined) return undefined;
  return {
    subscription: integer(row, "subscription"),
    tenant: text(row, "tenant"),
    at: integer(row, "at"),
    ...countsOf(row),
    acknowledgedMs: row["acknowledged_ms"] as number | null,
    failedMs: row["failed_ms"] as number | null,
    failedReason: row["failed_reason"] as string | null,
    failedStatus: row["failed_status"] as number | null,
    failures: integer(row, "failures"),
    failingSinceMs: row["failing_since_ms"] as number | null,
  };
}
