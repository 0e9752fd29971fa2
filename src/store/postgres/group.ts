import { setTimeout as pause } from "node:timers/promises";
import { SignalboxError } from "../../errors.ts";
import { Accepted, tallyOf } from "../sql/fold.ts";
import { integer, type Row } from "../sql/step.ts";
import type { Placed, Settled, UnitResult, WireError, WireEvent, WireSettlement, WireUnit } from "../sql/wire.ts";
import { arraysOf, columnsOf } from "./columns.ts";
import type { PostgresConnection } from "./connection.ts";
import { postgresQuery, requirements } from "./dialect.ts";
import { isGone, isPassing, writeError } from "./faults.ts";
import { findPlaced } from "./find-placed.ts";
import { type Failure, Flight, unitResultOf } from "./flight.ts";
import type { CommitMarks } from "./marks.ts";
import { lockedTogether, lockQueries, locksOfSettlement } from "./places.ts";
import type { Session } from "./session.ts";
import { settlementQueries } from "./settlement.ts";
import type { Shards } from "./shards.ts";

/** A unit of the group commit at hand, and its place in it. */
interface Pending {
  readonly unit: WireUnit;
  readonly index: number;
}

/** A transaction is tried so often when its connection is lost, or others are in its way. */
export const mostTries = 4;
const againMs = 20;

/** Of {@link WireEvent.row}. */
const eventColumns = columnsOf(
  "id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents",
  new Set(["id", "tenant", "resource", "scope", "names", "actor", "origin", "data", "owners", "addressee", "parents"]),
);
/** When, and in which shard. */
const before = 2;
const appended = `append($1, $2, ${eventColumns.map((_, index) => `$${index + 1 + before}`).join(", ")})`;
const append = { name: "append", text: `SELECT * FROM ${appended}` };
/** Of one unit, with its quotas. */
const judgedAppend = {
  name: "judged_append",
  text: `SELECT made.* FROM judge_quotas($${eventColumns.length + 1 + before}), ${appended} made`,
};
const judge = { name: "judge", text: "SELECT judge_quotas($1)" };

/** Where the log of events ends, as far as this process has written it: what it writes later is behind that. */
export interface Tail {
  last: number;
}

interface GroupOptions {
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
  /** By `performance.now()`: nothing is tried again after this. */
  readonly untilMs: number;
}

/** Not made, and what it was about; or made, with what it placed. */
type Flown =
  | { readonly failure: Failure<Of> }
  | { readonly failure?: undefined; readonly settled: Settled | undefined };

/** A group commit, which may come to several transactions. */
export class Group {
  readonly #options: GroupOptions;
  /** In the order of the units. */
  readonly results: UnitResult[] = [];
  tallies = 0;

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  /** Every unit has its result afterwards. */
  async commit(
    pending: readonly Pending[],
    settlement: WireSettlement | undefined,
  ): Promise<Settled | WireError | undefined> {
    let left = pending;
    let unsettled = settlement;
    let settled: Settled | WireError | undefined;
    // Where one fails others may: fewer are tried together then, and more again as it goes well.
    for (let width = left.length; left.length > 0 || unsettled !== undefined; ) {
      const some = left.slice(0, lockedTogether(left, Math.min(left.length, width)));
      const { failure, ...done } = await this.#fly(some, unsettled);
      if (failure === undefined) {
        if (unsettled !== undefined && "settled" in done) settled = done.settled;
        unsettled = undefined;
        left = left.slice(some.length);
        width = Math.max(1, width * 4);
        continue;
      }
      const { of, error } = failure;
      const [first] = some;
      if (of.kind === "settlement") {
        settled = writeError(error);
        unsettled = undefined;
      } else if (of.kind === "commit" || isGone(error) || first === undefined) {
        const failed = writeError(error);
        for (const { index } of left) this.results[index] = failed;
        return unsettled === undefined ? settled : failed;
      } else if (of.from > 0) width = of.from;
      // Of several that were appended together, one cannot be: half of them are tried first.
      else if (of.to > 1) width = Math.ceil(of.to / 2);
      else {
        const result = unitResultOf(error);
        this.results[first.index] = result;
        left = left.slice(1);
        if (result.kind === "refused") left = await this.#refuse(left);
        width = Math.max(1, Math.floor(width / 4));
      }
    }
    return settled;
  }

  /** Those whose conditions hold now; the others have their result. Of many that want the same, one more transaction finds all that come too late. */
  async #refuse(pending: readonly Pending[]): Promise<readonly Pending[]> {
    let judged: readonly number[];
    try {
      const client = await this.#options.session.client();
      const isHeld = async (check: WireUnit["checks"][number]): Promise<boolean> =>
        (await client.query(postgresQuery(check))).rows.length > 0 === (check.expect === "row");
      judged = await Promise.all(
        pending.map(async ({ unit }) => (await Promise.all(unit.checks.map(isHeld))).indexOf(false)),
      );
    } catch {
      // Their own transaction will tell.
      return pending;
    }
    return pending.filter(({ index }, at) => {
      const check = judged[at] ?? -1;
      if (check >= 0) this.results[index] = { kind: "refused", check };
      return check < 0;
    });
  }

  /** Tries it again while that may help. */
  async #fly(pending: readonly Pending[], settlement: WireSettlement | undefined): Promise<Flown> {
    for (let tries = 1; ; tries += 1) {
      const flown = await this.#attempt(pending, settlement);
      const error = flown.failure?.error;
      const mayHelp = error !== undefined && (isGone(error) || isPassing(error));
      if (!mayHelp || tries === mostTries || performance.now() > this.#options.untilMs) return flown;
      await pause(againMs * tries);
    }
  }

  async #attempt(pending: readonly Pending[], settlement: WireSettlement | undefined): Promise<Flown> {
    const { session, marks, nowMs, shards, elsewhere, hasRivals } = this.#options;
    let connection: PostgresConnection;
    try {
      connection = await session.connection();
    } catch (error) {
      return { failure: { of: whole, error } };
    }
    const { home, losses } = shards;
    if (settlement !== undefined && settlement.marks.losses !== losses)
      return { failure: { of: { kind: "settlement" }, error: lostShards() } };
    const events = [...pending.flatMap(({ unit }) => unit.events), ...(settlement?.events ?? [])];
    if (home === undefined && events.length > 0) return { failure: { of: whole, error: noShard() } };
    const flight = new Flight<Of>(connection, whole);
    const locks = pending.flatMap(({ unit }) => unit.locks ?? []);
    if (settlement !== undefined && hasRivals) locks.push(...locksOfSettlement(settlement));
    for (const query of lockQueries(locks)) void flight.add(whole, query);
    const mark = marks.next();
    void flight.add(whole, mark.query);
    const accepted = new Accepted();
    const placed: Promise<readonly Row[]>[] = [];
    /** Of lines that moved on: what is due, and its subscription. */
    const next = new Map<number, number>();
    for (const [from, to] of runs(pending)) {
      const of = { kind: "units", from, to } as const;
      const some = pending.slice(from, to);
      for (const { unit } of some) addSteps(flight, of, unit);
      const isJudged = some.some(({ unit }) => unit.steps.length > 0);
      placed.push(
        this.#addEvents(
          flight,
          of,
          some.flatMap(({ unit }) => unit.events),
          { accepted, isJudged, home },
        ),
      );
    }
    if (settlement !== undefined) {
      const of = { kind: "settlement" } as const;
      for (const { releases, ...query } of settlementQueries(settlement)) {
        const rows = flight.add(of, query);
        if (releases !== undefined) void rows.then(([row]) => row && next.set(integer(row, "sequence"), releases));
      }
      placed.push(this.#addEvents(flight, of, settlement.events, { accepted, isJudged: false, home }));
    }
    const tally = tallyOf(accepted, settlement?.figures ?? { counts: [], reasons: [] }, nowMs);
    if (tally !== undefined) void flight.add(whole, postgresQuery(tally));
    const ending = await flight.end();
    const made = (rows: readonly Row[]): Flown => {
      if (tally !== undefined) this.tallies += 1;
      for (const [sequence, subscription] of next) if (!shards.holds(sequence)) elsewhere(subscription);
      return { settled: this.#place(rows, pending, settlement) };
    };
    if (ending.kind === "committed") return made((await Promise.all(placed)).flat());
    if (ending.kind === "failed" && !isGone(ending.failure.error)) return ending;
    await session.lost(connection);
    if (ending.kind === "failed") return ending;
    const { last } = this.#options.tail;
    const found = await marks.find(mark.number, (query, begunMs) => findPlaced(query, events, { begunMs, last }));
    return found === undefined ? { failure: { of: whole, error: ending.error } } : made(found);
  }

  async #addEvents(
    flight: Flight<Of>,
    of: Of,
    events: readonly WireEvent[],
    {
      accepted,
      isJudged,
      home = 0,
    }: { readonly accepted: Accepted; readonly isJudged: boolean; readonly home: number | undefined },
  ): Promise<readonly Row[]> {
    const { quotas, nowMs } = this.#options;
    if (events.length === 0) {
      if (isJudged) await flight.add(of, { ...judge, values: [quotas] });
      return [];
    }
    for (const event of events) accepted.add(event);
    const rows = events.map(({ row }) => row);
    const values = [nowMs, home, ...arraysOf(rows, eventColumns)];
    return flight.add(of, isJudged ? { ...judgedAppend, values: [...values, quotas] } : { ...append, values });
  }

  /** Gives each its own. @param rows of the events of units, then of the settlement */
  #place(
    rows: readonly Row[],
    pending: readonly Pending[],
    settlement: WireSettlement | undefined,
  ): Settled | undefined {
    let at = 0;
    const next = (count: number): Placed => placedBy(rows.slice(at, (at += count)));
    for (const { unit, index } of pending) this.results[index] = { kind: "committed", ...next(unit.events.length) };
    const settled = settlement && ({ kind: "settled", ...next(settlement.events.length) } as const);
    const last = rows.at(-1);
    if (last !== undefined) this.#options.tail.last = integer(last, "sequence");
    return settled;
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

/** What a statement of a group commit belongs to: units `from` up to `to`, its settlement, or all of it. */
type Of =
  | { readonly kind: "units"; readonly from: number; readonly to: number }
  | { readonly kind: "settlement" }
  | { readonly kind: "commit" };
const whole: Of = { kind: "commit" };

function addSteps(flight: Flight<Of>, of: Of, { checks, steps }: WireUnit): void {
  for (const query of requirements(checks)) void flight.add(of, query);
  for (const step of steps) void flight.add(of, postgresQuery(step));
}

/** Units that are written by themselves, and between them runs of such as only have events, which are appended together. */
function runs(pending: readonly Pending[]): (readonly [from: number, to: number])[] {
  const found: [number, number][] = [];
  let isOpen = false;
  for (const [at, { unit }] of pending.entries()) {
    const isPlain = unit.checks.length === 0 && unit.steps.length === 0;
    const last = found.at(-1);
    if (isPlain && isOpen && last !== undefined) last[1] = at + 1;
    else found.push([at, at + 1]);
    isOpen = isPlain;
  }
  return found;
}

function placedBy(rows: readonly Row[]): Placed {
  return {
    sequences: rows.map((row) => integer(row, "sequence")),
    revisions: rows.map((row) => integer(row, "revision")),
  };
}
