import type { Client } from "pg";
import type { Quotas } from "../../domain/quotas.ts";
import type { Writer } from "../sql/committer.ts";
import { FigureRows } from "../sql/figure-rows.ts";
import { Accepted, foldTallies, tallyOf } from "../sql/fold.ts";
import { dropOldNews } from "../sql/news.ts";
import { pruneStep } from "../sql/prune.ts";
import { redriveStep } from "../sql/redrive-step.ts";
import type { Reply, Request } from "../sql/requests.ts";
import { reserveNumbers } from "../sql/reserve.ts";
import { runScriptAsync, type Script } from "../sql/script.ts";
import type { Row, Sql, Step } from "../sql/step.ts";
import type { Placed, Settled, UnitResult, WireError, WireEvent, WireSettlement, WireUnit } from "../sql/wire.ts";
import { arraysOf, columnsOf } from "./columns.ts";
import { isGone } from "./connection.ts";
import { postgresQuery, requirement } from "./dialect.ts";
import { Flight, unitResultOf, writeError } from "./flight.ts";
import type { Session } from "./session.ts";
import { settlementQueries } from "./settlement.ts";

type CommitRequest = Extract<Request, { kind: "commit" }>;

/** A unit of the group commit at hand, and its place in it. */
interface Pending {
  readonly unit: WireUnit;
  readonly index: number;
}

/** Tallies of commits that are folded together, at the most. */
const mostTallies = 64;

/** Of {@link WireEvent.row}. */
const eventColumns = columnsOf(
  "id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents",
  new Set(["id", "tenant", "resource", "scope", "names", "actor", "origin", "data", "owners", "addressee", "parents"]),
);
const append = {
  name: "append",
  text: `SELECT * FROM append($1, ${eventColumns.map((_, index) => `$${index + 2}`).join(", ")})`,
};
const judge = { name: "judge", text: "SELECT judge_quotas($1)" };
/** What happened to the counters outside of units, which only takes away, is no unit's doing. */
const settleQuotas = { name: "settle_quotas", text: "UPDATE quota SET judged = used WHERE used <> judged" };

/**
 * The one that writes, over one connection. A group commit is one transaction and one round trip; a unit that is refused, or fails, ends it,
 * and then those before it are committed without it, and those behind it after that.
 */
export class PostgresWriter implements Writer {
  readonly #session: Session;
  readonly #quotas: string;
  /** Of those that are being counted up: no other process writes them. */
  readonly #rows = new FigureRows();
  #tallies = mostTallies;

  constructor(session: Session, quotas: Quotas) {
    this.#session = session;
    this.#quotas = JSON.stringify(quotas);
  }

  send(request: Request, answered: (reply: Reply) => void): void {
    this.#answer(request).then(answered, (thrown: unknown) => answered(writeError(thrown)));
  }

  onBreak(): void {
    // A connection that is lost is opened again with the next request.
  }

  close(): void {
    // The session outlasts it: the store says by it that its run has ended.
  }

  async #answer(request: Request): Promise<Reply> {
    switch (request.kind) {
      case "commit":
        return this.#commit(request);
      case "prune":
        await this.#fold();
        return { kind: "pruned", ...(await this.#script(pruneStep(request.step))) };
      case "fold":
        if (this.#tallies > 0) await this.#fold();
        return { kind: "ok" };
      case "redrive":
        return { kind: "redriven", ...(await this.#script(redriveStep(request))) };
      case "reserve":
        return { kind: "reserved", first: await this.#script(reserveNumbers(request.counter, request.count)) };
      case "ready":
        await (await this.#session.client()).query("SELECT 1");
        return { kind: "ok" };
      case "release":
        return { kind: "released", any: false };
      case "relieve":
      case "close":
        return { kind: "ok" };
      default:
        return request satisfies never;
    }
  }

  async #script<T>(script: Script<T>): Promise<T> {
    const client = await this.#session.client();
    const all = async (sql: string, ...params: readonly Sql[]): Promise<Row[]> =>
      (await client.query(postgresQuery({ sql, params }))).rows as Row[];
    const run = async (step: Step): Promise<number> => (await client.query(postgresQuery(step))).rowCount ?? 0;
    await client.query("BEGIN");
    try {
      const result = await runScriptAsync({ all, run }, script);
      await client.query("COMMIT");
      return result;
    } catch (thrown) {
      await client.query("ROLLBACK").catch(() => {});
      throw thrown;
    }
  }

  async #fold(): Promise<void> {
    try {
      await this.#script(foldTallies(this.#rows));
      this.#tallies = 0;
    } catch (thrown) {
      this.#rows.forget();
      throw thrown;
    }
    await (await this.#session.client()).query(postgresQuery(dropOldNews));
  }

  async #commit({ nowMs, units, settlement }: CommitRequest): Promise<Reply> {
    const results: UnitResult[] = [];
    const group = new Group(await this.#session.client(), this.#quotas, nowMs, results);
    const settled = await group.commit(
      units.map((unit, index) => ({ unit, index })),
      settlement,
    );
    this.#tallies += group.tallies;
    if (this.#tallies >= mostTallies) await this.#fold().catch(() => {});
    return { kind: "committed", units: results, ...(settled === undefined ? {} : { settlement: settled }) };
  }
}

/** A group commit, which may come to several transactions. */
class Group {
  readonly #client: Client;
  readonly #quotas: string;
  readonly #nowMs: number;
  readonly #results: UnitResult[];
  tallies = 0;

  constructor(client: Client, quotas: string, nowMs: number, results: UnitResult[]) {
    this.#client = client;
    this.#quotas = quotas;
    this.#nowMs = nowMs;
    this.#results = results;
  }

  /** Every unit has its result afterwards. */
  async commit(
    pending: readonly Pending[],
    settlement: WireSettlement | undefined,
  ): Promise<Settled | WireError | undefined> {
    if (pending.length === 0 && settlement === undefined) return undefined;
    const { failure, settled } = await this.#fly(pending, settlement);
    if (failure === undefined) return settled;
    const { of, error } = failure;
    if (of.kind === "settlement") {
      await this.commit(pending, undefined);
      return writeError(error);
    }
    if (of.kind === "commit") throw error;
    if (isGone(error)) throw error;
    const first = pending[of.from];
    if (of.from === 0 && of.to === 1 && first !== undefined) {
      this.#results[first.index] = unitResultOf(error);
      return this.commit(await this.#refuse(pending.slice(1)), settlement);
    }
    // Of several that were appended together, one cannot be: half of them are tried first.
    const middle = of.to - of.from > 1 ? of.from + Math.ceil((of.to - of.from) / 2) : of.from;
    const done = await this.commit(pending.slice(0, middle), settlement);
    await this.commit(await this.#refuse(pending.slice(middle)), undefined);
    return done;
  }

  /** Those whose conditions hold now; the others have their result. Of many that want the same, one more transaction finds all that come too late. */
  async #refuse(pending: readonly Pending[]): Promise<readonly Pending[]> {
    const judged = await Promise.all(
      pending.map(async ({ unit }) => {
        const held = await Promise.all(
          unit.checks.map(async (check) => {
            const { rows } = await this.#client.query(postgresQuery(check));
            return rows.length > 0 === (check.expect === "row");
          }),
        );
        return held.indexOf(false);
      }),
    );
    return pending.filter(({ index }, at) => {
      const check = judged[at] ?? -1;
      if (check >= 0) this.#results[index] = { kind: "refused", check };
      return check < 0;
    });
  }

  async #fly(pending: readonly Pending[], settlement: WireSettlement | undefined) {
    const flight = new Flight<Of>(this.#client, whole);
    const accepted = new Accepted();
    const placed: (() => Promise<void>)[] = [];
    void flight.add(whole, settleQuotas);
    for (const [from, to] of runs(pending)) {
      const some = pending.slice(from, to);
      const of = { kind: "units", from, to } as const;
      for (const { unit } of some) this.#addSteps(flight, of, unit);
      const events = some.flatMap(({ unit }) => unit.events);
      const rows = events.length === 0 ? Promise.resolve([]) : flight.add(of, this.#append(events));
      for (const event of events) accepted.add(event);
      placed.push(async () => this.#place(some, await rows));
    }
    const announced = settlement === undefined ? undefined : this.#addSettlement(flight, settlement, accepted);
    const figures = settlement?.figures ?? { counts: [], reasons: [] };
    const tally = tallyOf(accepted, figures, this.#nowMs);
    if (tally !== undefined) void flight.add(whole, postgresQuery(tally));
    const failure = await flight.end();
    if (failure !== undefined) return { failure };
    if (tally !== undefined) this.tallies += 1;
    for (const place of placed) await place();
    return {
      settled: announced === undefined ? undefined : ({ kind: "settled", ...placedBy(await announced) } as const),
    };
  }

  #addSteps(flight: Flight<Of>, of: Of, { checks, steps }: WireUnit): void {
    for (const [number, check] of checks.entries()) void flight.add(of, requirement(check, number));
    for (const step of steps) void flight.add(of, postgresQuery(step));
    if (steps.length > 0) void flight.add(of, { ...judge, values: [this.#quotas] });
  }

  #append(events: readonly WireEvent[]) {
    const rows = events.map(({ row }) => row);
    return { ...append, values: [this.#nowMs, ...arraysOf(rows, eventColumns)] };
  }

  #addSettlement(flight: Flight<Of>, settlement: WireSettlement, accepted: Accepted): Promise<readonly Row[]> {
    const of = { kind: "settlement" } as const;
    for (const query of settlementQueries(settlement)) void flight.add(of, query);
    for (const event of settlement.events) accepted.add(event);
    return settlement.events.length === 0 ? Promise.resolve([]) : flight.add(of, this.#append(settlement.events));
  }

  #place(some: readonly Pending[], rows: readonly Row[]): void {
    let at = 0;
    for (const { unit, index } of some) {
      const own = rows.slice(at, at + unit.events.length);
      at += unit.events.length;
      this.#results[index] = { kind: "committed", ...placedBy(own) };
    }
  }
}

/** What a statement of a group commit belongs to: units `from` up to `to`, its settlement, or all of it. */
type Of =
  | { readonly kind: "units"; readonly from: number; readonly to: number }
  | { readonly kind: "settlement" }
  | { readonly kind: "commit" };
const whole: Of = { kind: "commit" };

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
    sequences: rows.map((row) => Number(row["sequence"])),
    revisions: rows.map((row) => Number(row["revision"])),
  };
}
