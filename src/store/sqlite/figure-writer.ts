import { spanMs } from "../figures.ts";
import { FigureRows } from "./figure-rows.ts";
import type { WireEvent, WireFigures } from "./messages.ts";
import { integer, type Sql, type Statements, text } from "./step.ts";

/**
 * Writes what is counted. A commit keeps its tally, one row, in the transaction of what it counts; every so many commits their tallies are
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

  all(): Tally["accepted"] {
    return [...this.#all.values()];
  }
}

interface Tally extends WireFigures {
  readonly accepted: readonly (readonly [tenant: string, scope: string, events: number])[];
}

/** Commits whose tallies are folded together, at the most; and so many counts in them, which bounds how long that takes: 5 ms. */
const mostTallies = 64;
const mostCounts = 512;

const putTally = "INSERT INTO tally (at_ms, counted) VALUES (?, ?)";
const readTallies = "SELECT at_ms, counted FROM tally ORDER BY number";
const dropTallies = "DELETE FROM tally";
const addAccepted = `INSERT INTO usage (day, tenant, scope, subscription, accepted) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (tenant, day, scope, subscription) DO UPDATE SET accepted = accepted + excluded.accepted`;
const addSent = `INSERT INTO usage (day, tenant, scope, subscription, attempts, delivered, dead) VALUES (?, ?, ?, ?, ?, ?, ?)
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

export class FigureWriter {
  readonly #statements: Statements;
  readonly #rows: FigureRows;
  #tallies = 0;
  #counts = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#rows = new FigureRows(statements);
    // Those of a process that was killed are folded with the first commit.
    if (this.#read().length > 0) this.#tallies = mostTallies;
  }

  /** What was written may have been undone, folding included. */
  forget(): void {
    this.#rows.forget();
    this.#tallies = mostTallies;
  }

  /** Keeps what a commit counts, and returns whether it is time to fold. */
  keep(accepted: Accepted, { counts, reasons }: WireFigures, nowMs: number): boolean {
    const tally: Tally = { accepted: accepted.all(), counts, reasons };
    if (tally.accepted.length > 0 || counts.length > 0) {
      this.#statements.prepare(putTally).run(nowMs, JSON.stringify(tally));
      this.#tallies += 1;
      this.#counts += tally.accepted.length + counts.length + reasons.length;
    }
    return this.#tallies >= mostTallies || this.#counts >= mostCounts;
  }

  /** Whether any tally is kept. */
  get isBehind(): boolean {
    return this.#tallies > 0;
  }

  /** Brings figures and usage up to date. */
  fold(): void {
    const folding = new Folding(this.#statements, this.#rows);
    for (const row of this.#read()) folding.add(JSON.parse(text(row, "counted")) as Tally, integer(row, "at_ms"));
    folding.write();
    this.#statements.run({ sql: dropTallies, params: [] });
    this.#tallies = 0;
    this.#counts = 0;
  }

  #read() {
    return this.#statements.all(readTallies);
  }
}

/** Adds tallies up, each under its own time, the oldest first. */
class Folding {
  readonly #statements: Statements;
  readonly #rows: FigureRows;
  readonly #sums = new Map<string, { readonly sql: string; readonly key: readonly Sql[]; readonly sums: number[] }>();
  readonly #places = new Map<number, Place>();

  constructor(statements: Statements, rows: FigureRows) {
    this.#statements = statements;
    this.#rows = rows;
  }

  add({ accepted, counts, reasons }: Tally, atMs: number): void {
    const day = new Date(atMs).toISOString().slice(0, 10);
    for (const [tenant, scope, events] of accepted) {
      this.#sum(addAccepted, [day, tenant, scope, 0], [events]);
      this.#rows.addTotal({ tenant, face: "", events, counts: [] }, atMs);
    }
    const lastReasons = this.#reasons(reasons, atMs);
    for (const one of counts) {
      const [subscription = 0, attempts = 0, delivered = 0, dead = 0] = one;
      const { tenant, scope, face } = this.#place(subscription);
      this.#sum(addSent, [day, tenant, scope, subscription], [attempts, delivered, dead]);
      this.#rows.addHour({ subscription, tenant, counts: one, reason: lastReasons.get(subscription) }, atMs);
      this.#rows.addTotal({ tenant, face, events: 0, counts: one }, atMs);
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
    let place = this.#places.get(subscription);
    if (place === undefined) {
      const row = this.#statements.get(readPlace, subscription);
      place =
        row === undefined
          ? { tenant: "", scope: "", face: "" }
          : { tenant: text(row, "tenant"), scope: text(row, "scope"), face: text(row, "face") };
      this.#places.set(subscription, place);
    }
    return place;
  }

  write(): void {
    this.#rows.write();
    for (const { sql, key, sums } of this.#sums.values()) this.#statements.run({ sql, params: [...key, ...sums] });
  }
}
