import { type Span, spanMs } from "../figures.ts";
import { integer, type Row, type Statements, text } from "./step.ts";

/**
 * The rows of figures that are being counted up, kept by the one writer, which alone changes them. They are read once, and then written
 * whole, which costs half of adding to each figure in SQL. After a commit is undone they are forgotten.
 */

/** Figures of the present hour of one subscription. */
export interface HourRow {
  readonly subscription: number;
  readonly tenant: string;
  at: number;
  attempts: number;
  delivered: number;
  dead: number;
  bands: number[];
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

/** Of the others the oldest is read again. */
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

export class FigureRows {
  readonly #statements: Statements;
  readonly #hours = new Map<number, HourRow>();
  readonly #totals = new Map<string, TotalRow>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  forget(): void {
    this.#hours.clear();
    this.#totals.clear();
  }

  hour({ subscription, tenant }: Pick<HourRow, "subscription" | "tenant">, nowMs: number): HourRow {
    const at = Math.floor(nowMs / spanMs.hour);
    let row = this.#hours.get(subscription);
    if (row === undefined) {
      row = this.#statements.one(readHour, newestHour, subscription) ?? emptyHour({ subscription, tenant }, at);
      if (this.#hours.size >= mostKept) this.#hours.clear();
      this.#hours.set(subscription, row);
    }
    // A clock that was set back goes on in the hour that it had come to.
    if (row.at < at) Object.assign(row, { at, attempts: 0, delivered: 0, dead: 0, bands: [] });
    return row;
  }

  writeHour(row: HourRow): void {
    this.#statements
      .prepare(putHour)
      .run(
        row.subscription,
        row.at,
        row.tenant,
        row.attempts,
        row.delivered,
        row.dead,
        JSON.stringify(row.bands),
        row.acknowledgedMs,
        row.failedMs,
        row.failedReason,
        row.failedStatus,
        row.failures,
        row.failingSinceMs,
      );
  }

  total(of: TotalKey, nowMs: number): TotalRow {
    const { tenant, span, face } = of;
    const at = Math.floor(nowMs / spanMs[span]);
    const key = `${tenant}\n${span}\n${face}`;
    let row = this.#totals.get(key);
    if (row?.at !== at) {
      const found = this.#statements.get(readTotal, tenant, spanMs[span] / 1_000, at, face);
      row = {
        ...of,
        at,
        ...(found === undefined ? noCounts() : { events: integer(found, "events"), ...countsOf(found) }),
      };
      if (this.#totals.size >= mostKept) this.#totals.clear();
      this.#totals.set(key, row);
    }
    return row;
  }

  writeTotal({ tenant, span, at, face, events, attempts, delivered, dead, bands }: TotalRow): void {
    const place = [tenant, spanMs[span] / 1_000, at, face] as const;
    this.#statements.prepare(putTotal).run(...place, events, attempts, delivered, dead, JSON.stringify(bands));
  }
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

function readHour(row: Row): HourRow {
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
