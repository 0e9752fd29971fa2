import { SignalboxError } from "../../errors.ts";
import { Accepted, tallyOf } from "../sql/fold.ts";
import { integer, type Row, type Step } from "../sql/step.ts";
import type { WireEvent, WireSettlement, WireUnit } from "../sql/wire.ts";
import { arraysOf } from "./columns.ts";
import type { PostgresConnection } from "./connection.ts";
import { postgresQuery, requirements } from "./dialect.ts";
import { isGone } from "./faults.ts";
import { findPlaced } from "./find-placed.ts";
import { type Failure, Flight, flyAlone } from "./flight.ts";
import type { CommitMarks } from "./marks.ts";
import { lockQueries, locksOfSettlement } from "./places.ts";
import type { Session } from "./session.ts";
import { settlementQueries } from "./settlement.ts";
import type { Shards } from "./shards.ts";
import { appendedColumns, isUsual, usualQuery } from "./usual-commit.ts";

/** When, and in which shard. */
const before = 2;
const appended = `append($1, $2, ${appendedColumns.map((_, index) => `$${index + 1 + before}`).join(", ")})`;
const append = { name: "append", text: `SELECT * FROM ${appended}` };
/** Of one unit, with its quotas. */
const judgedAppend = {
  name: "judged_append",
  text: `SELECT made.* FROM judge_quotas($${appendedColumns.length + 1 + before}), ${appended} made`,
};
const judge = { name: "judge", text: "SELECT judge_quotas($1)" };

/** Where the log of events ends, as far as this process has written it: what it writes later is behind that. */
interface Tail {
  last: number;
}

export interface GroupTransactionOptions {
  readonly session: Session;
  readonly marks: CommitMarks;
  readonly quotas: string;
  readonly nowMs: number;
  readonly tail: Tail;
  readonly shards: Shards;
  /** Called when another node has something due of the subscription of this number. */
  readonly elsewhere: (subscription: number) => void;
  /** Other nodes write at the same time. */
  readonly hasRivals: boolean;
}

/** What one transaction of a group commit writes. */
interface Load {
  readonly units: readonly WireUnit[];
  readonly settlement: WireSettlement | undefined;
  /** Statement by statement, so that one that fails tells by which unit. */
  readonly isApart: boolean;
}

/** Not made, and what it was about; or made, with the rows of the events of units, then of the settlement. */
export type Landed =
  | { readonly failure: Failure<Of> }
  | { readonly failure?: undefined; readonly rows: readonly Row[]; readonly isTallied: boolean };

/** What a statement of a group commit belongs to: units `from` up to `to`, its settlement, the transaction itself, or all that it writes. */
export type Of =
  | { readonly kind: "units"; readonly from: number; readonly to: number }
  | { readonly kind: "settlement" }
  | { readonly kind: "commit" }
  | { readonly kind: "together" };
const whole: Of = { kind: "commit" };
const together: Of = { kind: "together" };

const noFigures = { counts: [], reasons: [] } as const;

/** One transaction of a group commit. */
export class GroupTransaction {
  readonly #options: GroupTransactionOptions;
  readonly #load: Load;
  readonly #events: readonly WireEvent[];
  readonly #accepted = new Accepted();
  readonly #tally: Step | undefined;
  readonly #last: number;

  constructor(options: GroupTransactionOptions, load: Load) {
    this.#options = options;
    this.#load = load;
    const { units, settlement } = load;
    this.#events = [...units.flatMap(({ events }) => events), ...(settlement?.events ?? [])];
    for (const event of this.#events) this.#accepted.add(event);
    this.#tally = tallyOf(this.#accepted, settlement?.figures ?? noFigures, options.nowMs);
    this.#last = options.tail.last;
  }

  /** Resolves when it is sent: what is sent after it is written after it. */
  async send(): Promise<{ readonly landed: Promise<Landed> }> {
    const failed = (of: Of, error: unknown): { readonly landed: Promise<Landed> } => ({
      landed: Promise.resolve({ failure: { of, error } }),
    });
    let connection: PostgresConnection;
    try {
      connection = await this.#options.session.connection();
    } catch (error) {
      return failed(whole, error);
    }
    const { home, losses } = this.#options.shards;
    const { units, settlement, isApart } = this.#load;
    if (settlement !== undefined && settlement.marks.losses !== losses)
      return failed({ kind: "settlement" }, lostShards());
    if (home === undefined && this.#events.length > 0) return failed(whole, noShard());
    const isTogether = !isApart && isUsual(units, settlement);
    const landed = isTogether ? this.#flyTogether(connection, home ?? 0) : this.#flyApart(connection, home ?? 0);
    return { landed };
  }

  async #flyTogether(connection: PostgresConnection, home: number): Promise<Landed> {
    const { session, marks, nowMs } = this.#options;
    const mark = marks.next();
    const { settlement } = this.#load;
    const query = usualQuery({ mark: mark.row, nowMs, home, events: this.#events, settlement, tally: this.#tally });
    const ending = await flyAlone(connection, query);
    if (ending.kind === "committed") return this.#made(ending.rows);
    if (ending.kind === "failed") return { failure: { of: together, error: ending.error } };
    await session.lost(connection);
    return this.#find(mark.number, ending.error);
  }

  async #flyApart(connection: PostgresConnection, home: number): Promise<Landed> {
    const { session, marks, shards, elsewhere, hasRivals } = this.#options;
    const { units, settlement } = this.#load;
    const flight = new Flight<Of>(connection, whole);
    const locks = units.flatMap((unit) => unit.locks ?? []);
    if (settlement !== undefined && hasRivals) locks.push(...locksOfSettlement(settlement));
    for (const query of lockQueries(locks)) void flight.add(whole, query);
    const mark = marks.next();
    void flight.add(whole, mark.query);
    const placed: Promise<readonly Row[]>[] = [];
    /** Of lines that moved on: what is due, and its subscription. */
    const next = new Map<number, number>();
    for (const [from, to] of runs(units)) {
      const of = { kind: "units", from, to } as const;
      const some = units.slice(from, to);
      for (const unit of some) addSteps(flight, of, unit);
      const isJudged = some.some(({ steps }) => steps.length > 0);
      const events = some.flatMap((unit) => unit.events);
      placed.push(this.#append(flight, of, events, { isJudged, home }));
    }
    if (settlement !== undefined) {
      const of = { kind: "settlement" } as const;
      for (const { releases, ...query } of settlementQueries(settlement)) {
        const rows = flight.add(of, query);
        if (releases !== undefined) void rows.then(([row]) => row && next.set(integer(row, "sequence"), releases));
      }
      placed.push(this.#append(flight, of, settlement.events, { isJudged: false, home }));
    }
    if (this.#tally !== undefined) void flight.add(whole, postgresQuery(this.#tally));
    const ending = await flight.end();
    let landed: Landed;
    if (ending.kind === "committed") landed = this.#made((await Promise.all(placed)).flat());
    else if (ending.kind === "failed") {
      if (isGone(ending.failure.error)) await session.lost(connection);
      return ending;
    } else {
      await session.lost(connection);
      landed = await this.#find(mark.number, ending.error);
    }
    if (landed.failure === undefined) {
      for (const [sequence, subscription] of next) if (!shards.holds(sequence)) elsewhere(subscription);
    }
    return landed;
  }

  #append(
    flight: Flight<Of>,
    of: Of,
    events: readonly WireEvent[],
    { isJudged, home }: { readonly isJudged: boolean; readonly home: number },
  ): Promise<readonly Row[]> {
    const { quotas, nowMs } = this.#options;
    if (events.length === 0) {
      return isJudged ? flight.add(of, { ...judge, values: [quotas] }).then(() => []) : Promise.resolve([]);
    }
    const rows = events.map(({ row }) => row);
    const values = [nowMs, home, ...arraysOf(rows, appendedColumns)];
    return flight.add(of, isJudged ? { ...judgedAppend, values: [...values, quotas] } : { ...append, values });
  }

  #made(rows: readonly Row[]): Landed {
    const last = rows.at(-1);
    const { tail } = this.#options;
    if (last !== undefined) tail.last = Math.max(tail.last, integer(last, "sequence"));
    return { rows, isTallied: this.#tally !== undefined };
  }

  /** What became of it, which is without an answer. */
  async #find(mark: number, error: unknown): Promise<Landed> {
    const last = this.#last;
    const rows = await this.#options.marks.find(mark, (query, begunMs) =>
      findPlaced(query, this.#events, { begunMs, last }),
    );
    return rows === undefined ? { failure: { of: whole, error } } : this.#made(rows);
  }
}

function lostShards(): SignalboxError {
  return new SignalboxError("unavailable", "another node has taken over a part of the log since");
}

/** Another node has, or had, what this one held. */
function noShard(): SignalboxError {
  return new SignalboxError(
    "unavailable",
    "this node holds no part of the log yet: try again in a moment, or on another node",
  );
}

function addSteps(flight: Flight<Of>, of: Of, { checks, steps }: WireUnit): void {
  for (const query of requirements(checks)) void flight.add(of, query);
  for (const step of steps) void flight.add(of, postgresQuery(step));
}

/** Units that are written by themselves, and between them runs of such as only have events, which are appended together. */
function runs(units: readonly WireUnit[]): (readonly [from: number, to: number])[] {
  const found: [number, number][] = [];
  let isOpen = false;
  for (const [at, { checks, steps }] of units.entries()) {
    const isPlain = checks.length === 0 && steps.length === 0;
    const last = found.at(-1);
    if (isPlain && isOpen && last !== undefined) last[1] = at + 1;
    else found.push([at, at + 1]);
    isOpen = isPlain;
  }
  return found;
}
