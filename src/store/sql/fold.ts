import { spanMs } from "../figures.ts";
import type { FigureRows } from "./figure-rows.ts";
import { findAll, type Script, tell } from "./script.ts";
import { integer, type Row, type Sql, type Step, text } from "./step.ts";
import type { WireEvent, WireFigures } from "./wire.ts";

/**
 * What is counted. A commit keeps its tally, one row, in the transaction of what it counts; every so many commits their tallies are
 * folded into the figures and the usage, which have a row for each subscription, tenant and span. So a commit costs the same however
 * many figures there are, and a process that is killed in between has lost none: the tallies are folded later.
 *
 *   commit ──▶ tally ──fold──▶ usage, stat_hour, stat_total, stat_reason
 */

/** Events by tenant and what they are counted under. */
export class Accepted {
  readonly #all = new Map<string, [tenant: string, scope: string, events: number]>();

  add({ tenant, counted: scope }: WireEvent): void {
    if (scope === undefined) return;
    const key = `${tenant}\n${scope}`;
    const counter = this.#all.get(key);
    if (counter === undefined) this.#all.set(key, [tenant, scope, 1]);
    else counter[2] += 1;
  }

  get size(): number {
    return this.#all.size;
  }

  all(): Tally["accepted"] {
    return [...this.#all.values()];
  }
}

interface Tally extends WireFigures {
  readonly accepted: readonly (readonly [tenant: string, scope: string, events: number])[];
}

const addTally = "INSERT INTO tally (at_ms, counted) VALUES (?, ?)";
const readTallies = "SELECT at_ms, counted FROM tally ORDER BY number";
const dropTallies = "DELETE FROM tally";
const addAccepted = `INSERT INTO usage (day, tenant, scope, subscription, accepted) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (tenant, day, scope, subscription) DO UPDATE SET accepted = usage.accepted + excluded.accepted`;
const addSent = `INSERT INTO usage (day, tenant, scope, subscription, attempts, delivered, dead) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, day, scope, subscription) DO UPDATE SET
    attempts = usage.attempts + excluded.attempts, delivered = usage.delivered + excluded.delivered,
    dead = usage.dead + excluded.dead`;
const addReason = `INSERT INTO stat_reason (tenant, span, at, subscription, reason, attempts, dead) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, span, at, subscription, reason) DO UPDATE SET
    attempts = stat_reason.attempts + excluded.attempts, dead = stat_reason.dead + excluded.dead`;
const readPlaces = `SELECT number, tenant, scope, face FROM subscription
  WHERE number IN (SELECT CAST(value AS bigint) FROM json_each(?))`;

interface Place {
  readonly tenant: string;
  readonly scope: string;
  readonly face: string;
}

/** Of a subscription that is gone. */
const nowhere: Place = { tenant: "", scope: "", face: "" };

/** Keeps what a commit counts; nothing where it counts nothing. */
export function tallyOf(accepted: Accepted, { counts, reasons }: WireFigures, atMs: number): Step | undefined {
  const tally: Tally = { accepted: accepted.all(), counts, reasons };
  if (tally.accepted.length === 0 && counts.length === 0) return undefined;
  return { sql: addTally, params: [atMs, JSON.stringify(tally)] };
}

/** Takes all tallies there are, for one who alone keeps any; three times as fast as one statement that does both. */
export function* allTallies(): Script<readonly Row[]> {
  const rows = yield* findAll(readTallies);
  yield* tell({ sql: dropTallies, params: [] });
  return rows;
}

/**
 * Brings figures and usage up to date.
 *
 * @param figures those that are being counted up
 * @param taken the tallies, in their order, which are there no more
 */
export function* foldTallies(figures: FigureRows, taken: Script<readonly Row[]>): Script<void> {
  const tallies = (yield* taken).map((row) => ({
    tally: JSON.parse(text(row, "counted")) as Tally,
    atMs: integer(row, "at_ms"),
  }));
  const folding = new Folding(figures);
  yield* folding.look(tallies.map(({ tally }) => tally));
  for (const { tally, atMs } of tallies) yield* folding.add(tally, atMs);
  yield* folding.write();
}

/** Adds tallies up, each under its own time, the oldest first. */
class Folding {
  readonly #rows: FigureRows;
  readonly #sums = new Map<string, { readonly sql: string; readonly key: readonly Sql[]; readonly sums: number[] }>();
  readonly #places = new Map<number, Place>();

  constructor(rows: FigureRows) {
    this.#rows = rows;
  }

  /** Where the subscriptions are that are to be added, all at once. */
  *look(tallies: readonly Tally[]): Script<void> {
    const numbers = new Set<number>();
    for (const { counts, reasons } of tallies) {
      for (const [subscription = 0] of [...counts, ...reasons]) numbers.add(subscription);
    }
    if (numbers.size === 0) return;
    for (const row of yield* findAll(readPlaces, JSON.stringify([...numbers]))) {
      const place = { tenant: text(row, "tenant"), scope: text(row, "scope"), face: text(row, "face") };
      this.#places.set(integer(row, "number"), place);
    }
  }

  *add({ accepted, counts, reasons }: Tally, atMs: number): Script<void> {
    const day = new Date(atMs).toISOString().slice(0, 10);
    for (const [tenant, scope, events] of accepted) {
      this.#sum(addAccepted, [day, tenant, scope, 0], [events]);
      yield* this.#rows.addTotal({ tenant, face: "", events, counts: [] }, atMs);
    }
    const lastReasons = this.#reasons(reasons, atMs);
    for (const one of counts) {
      const [subscription = 0, attempts = 0, delivered = 0, dead = 0] = one;
      const { tenant, scope, face } = this.#place(subscription);
      this.#sum(addSent, [day, tenant, scope, subscription], [attempts, delivered, dead]);
      yield* this.#rows.addHour({ subscription, tenant, counts: one, reason: lastReasons.get(subscription) }, atMs);
      yield* this.#rows.addTotal({ tenant, face, events: 0, counts: one }, atMs);
    }
  }

  /** Returns the last reason of each subscription. */
  #reasons(reasons: Tally["reasons"], atMs: number): ReadonlyMap<number, string> {
    const last = new Map<number, string>();
    for (const [subscription, reason, failed, died] of reasons) {
      if (failed > 0) last.set(subscription, reason);
      const { tenant } = this.#place(subscription);
      const sum = (ms: number, of: number): void =>
        this.#sum(addReason, [tenant, ms / 1_000, Math.floor(atMs / ms), of, reason], [failed, died]);
      sum(spanMs.hour, subscription);
      sum(spanMs.minute, 0);
      sum(spanMs.hour, 0);
    }
    return last;
  }

  #sum(sql: string, key: readonly Sql[], add: readonly number[]): void {
    const name = `${sql}\n${key.join("\n")}`;
    const found = this.#sums.get(name);
    if (found === undefined) this.#sums.set(name, { sql, key, sums: [...add] });
    else for (const [index, count] of add.entries()) found.sums[index] = (found.sums[index] ?? 0) + count;
  }

  #place(subscription: number): Place {
    return this.#places.get(subscription) ?? nowhere;
  }

  *write(): Script<void> {
    yield* this.#rows.write();
    for (const { sql, key, sums } of this.#sums.values()) yield* tell({ sql, params: [...key, ...sums] });
  }
}
