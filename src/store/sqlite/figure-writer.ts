import { spanMs } from "../figures.ts";
import { counted } from "./figure-counts.ts";
import { FigureRows, type HourRow } from "./figure-rows.ts";
import type { WireEvent, WireFigures } from "./messages.ts";
import { type Sql, type Statements, text } from "./step.ts";

/** Writes figures in the commit of what they count. */

/** By tenant and what is counted. */
export type Accepted = Map<string, { readonly tenant: string; readonly counted: string; count: number }>;

export function countAccepted(accepted: Accepted, { tenant, counted: scope }: WireEvent): void {
  if (scope === undefined) return;
  const key = `${tenant}\n${scope}`;
  const counter = accepted.get(key);
  if (counter === undefined) accepted.set(key, { tenant, counted: scope, count: 1 });
  else counter.count += 1;
}

const usageAccepted = `INSERT INTO usage (day, tenant, scope, subscription, accepted) VALUES (?, ?, ?, 0, ?)
  ON CONFLICT (tenant, day, scope, subscription) DO UPDATE SET accepted = accepted + excluded.accepted`;
const usageSent = `INSERT INTO usage (day, tenant, scope, subscription, attempts, delivered, dead) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, day, scope, subscription) DO UPDATE SET
    attempts = attempts + excluded.attempts, delivered = delivered + excluded.delivered, dead = dead + excluded.dead`;
const addReason = `INSERT INTO stat_reason (tenant, span, at, subscription, reason, attempts, dead) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, span, at, subscription, reason) DO UPDATE SET
    attempts = attempts + excluded.attempts, dead = dead + excluded.dead`;
const readPlace = "SELECT tenant, scope, face FROM subscription WHERE number = ?";

interface Place {
  readonly tenant: string;
  readonly scope: string;
  readonly face: string;
}

/** Of a tenant and face: laid out as the counts are. */
interface Total {
  readonly tenant: string;
  readonly face: string;
  readonly counts: number[];
}

export class FigureWriter {
  readonly #statements: Statements;
  readonly #rows: FigureRows;
  /** Of subscriptions, which never change. */
  readonly #places = new Map<number, Place>();

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#rows = new FigureRows(statements);
  }

  /** What is known of subscriptions may have been undone. */
  forgetPlaces(): void {
    this.#places.clear();
  }

  /** What was written may have been undone. */
  forget(): void {
    this.#places.clear();
    this.#rows.forget();
  }

  accepted(accepted: Accepted, nowMs: number): void {
    if (accepted.size === 0) return;
    const day = dayOf(nowMs);
    const events = new Map<string, number>();
    for (const { tenant, counted: scope, count } of accepted.values()) {
      this.#run(usageAccepted, [day, tenant, scope, count]);
      events.set(tenant, (events.get(tenant) ?? 0) + count);
    }
    for (const [tenant, count] of events) {
      for (const span of ["minute", "hour"] as const) {
        const row = this.#rows.total({ tenant, span, face: "" }, nowMs);
        row.events += count;
        this.#rows.writeTotal(row);
      }
    }
  }

  settled({ counts: all, reasons }: WireFigures, nowMs: number): void {
    if (all.length === 0) return;
    const day = dayOf(nowMs);
    const totals = new Map<string, Total>();
    const lastReasons = this.#reasons(reasons, nowMs);
    for (const counts of all) {
      const [subscription = 0, attempts = 0, delivered = 0, dead = 0] = counts;
      const { tenant, scope, face } = this.#place(subscription);
      this.#run(usageSent, [day, tenant, scope, subscription, attempts, delivered, dead]);
      const row = this.#rows.hour({ subscription, tenant }, nowMs);
      addCounts(row, counts);
      stand(row, counts, lastReasons.get(subscription));
      this.#rows.writeHour(row);
      const key = `${tenant}\n${face}`;
      const total = totals.get(key);
      if (total === undefined) totals.set(key, { tenant, face, counts: [...counts] });
      else for (const [index, count] of counts.entries()) total.counts[index] = (total.counts[index] ?? 0) + count;
    }
    for (const { tenant, face, counts } of totals.values()) {
      for (const span of ["minute", "hour"] as const) {
        const row = this.#rows.total({ tenant, span, face }, nowMs);
        addCounts(row, counts);
        this.#rows.writeTotal(row);
      }
    }
  }

  /** The last reason of each subscription. */
  #reasons(reasons: WireFigures["reasons"], nowMs: number): ReadonlyMap<number, string> {
    const last = new Map<number, string>();
    const hour = Math.floor(nowMs / spanMs.hour);
    const totals = new Map<string, readonly [string, string, number, number]>();
    for (const [subscription, reason, failed, died] of reasons) {
      if (failed > 0) last.set(subscription, reason);
      const { tenant } = this.#place(subscription);
      this.#run(addReason, [tenant, spanMs.hour / 1_000, hour, subscription, reason, failed, died]);
      const key = `${tenant}\n${reason}`;
      const [, , failedBefore, diedBefore] = totals.get(key) ?? ["", "", 0, 0];
      totals.set(key, [tenant, reason, failedBefore + failed, diedBefore + died]);
    }
    for (const [tenant, reason, failed, died] of totals.values()) {
      for (const ms of [spanMs.minute, spanMs.hour]) {
        this.#run(addReason, [tenant, ms / 1_000, Math.floor(nowMs / ms), 0, reason, failed, died]);
      }
    }
    return last;
  }

  #run(sql: string, params: readonly Sql[]): void {
    this.#statements.run({ sql, params });
  }

  #place(subscription: number): Place {
    let place = this.#places.get(subscription);
    if (place === undefined) {
      const row = this.#statements.get(readPlace, subscription);
      place =
        row === undefined
          ? { tenant: "", scope: "", face: "" }
          : { tenant: text(row, "tenant"), scope: text(row, "scope"), face: text(row, "face") };
      if (this.#places.size >= 10_000) this.#places.clear();
      this.#places.set(subscription, place);
    }
    return place;
  }
}

function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

interface Counts {
  attempts: number;
  delivered: number;
  dead: number;
  readonly bands: number[];
}

function addCounts(row: Counts, counts: readonly number[]): void {
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
