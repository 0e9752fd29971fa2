import { setTimeout as pause } from "node:timers/promises";
import type { Reply } from "../sql/requests.ts";
import { integer, type Row } from "../sql/step.ts";
import type { Placed, Settled, UnitResult, WireError, WireSettlement, WireUnit } from "../sql/wire.ts";
import { postgresQuery } from "./dialect.ts";
import { isGone, isPassing, writeError } from "./faults.ts";
import { type Failure, unitResultOf } from "./flight.ts";
import { GroupTransaction, type GroupTransactionOptions, type Landed, type Of } from "./group-transaction.ts";
import { lockedTogether } from "./places.ts";

/** A unit of the group commit at hand, and its place in it. */
interface Pending {
  readonly unit: WireUnit;
  readonly index: number;
}

/** A transaction is tried so often when its connection is lost, or others are in its way. */
export const mostTries = 4;
const againMs = 20;

interface GroupOptions extends GroupTransactionOptions {
  /** By `performance.now()`: nothing is tried again after this. */
  readonly untilMs: number;
}

/**
 * A group commit, which may come to several transactions. As a rule it is one, and then another group may be sent while it is under way. Where one does
 * not do, the rest is written while nothing else is: so its events are behind those of all groups that are answered before it.
 */
export class Group {
  readonly #options: GroupOptions;
  /** In the order of the units. */
  readonly #results: UnitResult[] = [];
  #settled: Settled | WireError | undefined;
  tallies = 0;
  #left: readonly Pending[];
  #unsettled: WireSettlement | undefined;
  /** Where one fails others may: fewer are tried together then, and more again as it goes well. */
  #width: number;
  #isApart = false;
  #tries = 0;

  constructor(options: GroupOptions, units: readonly WireUnit[], settlement: WireSettlement | undefined) {
    this.#options = options;
    this.#left = units.map((unit, index) => ({ unit, index }));
    this.#width = units.length;
    this.#unsettled = settlement;
  }

  /** Each unit has its result, and the settlement. */
  get isDone(): boolean {
    return this.#left.length === 0 && this.#unsettled === undefined;
  }

  get reply(): Extract<Reply, { kind: "committed" }> {
    const settlement = this.#settled;
    return { kind: "committed", units: this.#results, ...(settlement === undefined ? {} : { settlement }) };
  }

  /** Sends all of it, if one transaction does for that; resolves when it is sent. */
  async begin(): Promise<{ readonly landed: Promise<void> }> {
    const some = this.#next();
    if (some.length < this.#left.length) return { landed: Promise.resolve() };
    const { landed } = await this.#send(some);
    return { landed: landed.then((how) => this.#land(some, how)) };
  }

  /** What is left. */
  async finish(): Promise<void> {
    while (!this.isDone) {
      if (this.#tries > 0) await pause(againMs * this.#tries);
      const some = this.#next();
      await this.#land(some, await (await this.#send(some)).landed);
    }
  }

  #next(): readonly Pending[] {
    return this.#left.slice(0, lockedTogether(this.#left, Math.min(this.#left.length, this.#width)));
  }

  #send(some: readonly Pending[]): Promise<{ readonly landed: Promise<Landed> }> {
    const units = some.map(({ unit }) => unit);
    return new GroupTransaction(this.#options, { units, settlement: this.#unsettled, isApart: this.#isApart }).send();
  }

  async #land(some: readonly Pending[], landed: Landed): Promise<void> {
    const { failure } = landed;
    if (failure === undefined) {
      if (landed.isTallied) this.tallies += 1;
      this.#place(landed.rows, some);
      this.#left = this.#left.slice(some.length);
      this.#width = Math.max(1, this.#width * 4);
      this.#tries = 0;
      return;
    }
    const { of, error } = failure;
    if (isGone(error) || isPassing(error)) {
      this.#tries += 1;
      if (this.#tries < mostTries && performance.now() <= this.#options.untilMs) return;
    }
    this.#tries = 0;
    if (of.kind === "together") this.#isApart = true;
    else await this.#fail(some, { of, error });
  }

  async #fail(some: readonly Pending[], { of, error }: Failure<Of>): Promise<void> {
    const [first] = some;
    if (of.kind === "settlement") {
      this.#settled = writeError(error);
      this.#unsettled = undefined;
    } else if (of.kind !== "units" || isGone(error) || first === undefined) {
      const failed = writeError(error);
      for (const { index } of this.#left) this.#results[index] = failed;
      this.#left = [];
      if (this.#unsettled !== undefined) this.#settled = failed;
      this.#unsettled = undefined;
    } else if (of.from > 0) this.#width = of.from;
    // Of several that were appended together, one cannot be: half of them are tried first.
    else if (of.to > 1) this.#width = Math.ceil(of.to / 2);
    else {
      const result = unitResultOf(error);
      this.#results[first.index] = result;
      this.#left = this.#left.slice(1);
      if (result.kind === "refused") this.#left = await this.#refuse(this.#left);
      this.#width = Math.max(1, Math.floor(this.#width / 4));
    }
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
      if (check >= 0) this.#results[index] = { kind: "refused", check };
      return check < 0;
    });
  }

  /** Gives each its own. @param rows of the events of units, then of the settlement */
  #place(rows: readonly Row[], some: readonly Pending[]): void {
    let at = 0;
    const next = (count: number): Placed => placedBy(rows.slice(at, (at += count)));
    for (const { unit, index } of some) this.#results[index] = { kind: "committed", ...next(unit.events.length) };
    if (this.#unsettled === undefined) return;
    this.#settled = { kind: "settled", ...next(this.#unsettled.events.length) };
    this.#unsettled = undefined;
  }
}

function placedBy(rows: readonly Row[]): Placed {
  return {
    sequences: rows.map((row) => integer(row, "sequence")),
    revisions: rows.map((row) => integer(row, "revision")),
  };
}
