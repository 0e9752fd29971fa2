import type { DatabaseSync } from "node:sqlite";
import { noQuotas, type Quotas } from "../../domain/quotas.ts";
import { asError } from "../../errors.ts";
import { insertAttempt, insertDelivery, upsertDelivery } from "../sql/deliveries-sql.ts";
import { insertEvent, sequencesPerMs } from "../sql/events-sql.ts";
import { Accepted } from "../sql/fold.ts";
import { endPending, invocationPut } from "../sql/invocations.ts";
import { dropOldNews, newsOfSettlement } from "../sql/news.ts";
import type { Reply, Request } from "../sql/requests.ts";
import { integer, type Sql } from "../sql/step.ts";
import { releaseLine, upsertInLine, upsertWaiting } from "../sql/waiting-sql.ts";
import type {
  Placed,
  Settled,
  UnitResult,
  WireError,
  WireEvent,
  WireFigures,
  WireSettlement,
  WireUnit,
} from "../sql/wire.ts";
import { FigureWriter } from "./figure-writer.ts";
import { OpenCounts } from "./open-counts.ts";
import { judgeQuotas, settleQuotas } from "./quota-judge.ts";
import type { Statements } from "./statements.ts";
import { type Counted, failure, transaction } from "./transaction.ts";

type CommitRequest = Extract<Request, { kind: "commit" }>;

interface RunnerOptions {
  /** Called for each commit. */
  readonly counted?: Counted;
  /** Default: as much as numbers can count. */
  readonly quotas?: Quotas;
}

const noFigures: WireFigures = { counts: [], reasons: [] };

const readMark = "SELECT value FROM meta WHERE key = ?";
const writeMark = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const readRevision = "SELECT revision FROM tenant WHERE id = ?";
const setOutcome = "UPDATE subscription SET outcome = ?3 WHERE number = ?1 AND taken = ?2";

/**
 * Runs group commits. Units share one transaction, each in a savepoint of its own, so that one caller's failed condition or
 * statement undoes nothing of another's; a failed COMMIT fails them all, and nothing of it stays.
 */
export class CommitRunner {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #counted: Counted | undefined;
  /** Of tenants whose operator has said nothing else. */
  readonly #quotas: Quotas;
  #last: number;
  /** By tenant, within one group commit. */
  readonly #revisions = new Map<string, number>();
  readonly #figures: FigureWriter;

  constructor(db: DatabaseSync, statements: Statements, { counted, quotas = noQuotas }: RunnerOptions = {}) {
    this.#quotas = quotas;
    this.#db = db;
    this.#counted = counted;
    this.#statements = statements;
    this.#figures = new FigureWriter(statements);
    const row = statements.get(readMark, "last_sequence");
    this.#last = row === undefined ? 0 : integer(row, "value");
  }

  /** The tenant's revision as of now, in this very transaction. */
  #revision(tenant: string): number {
    let revision = this.#revisions.get(tenant);
    if (revision === undefined) {
      const row = this.#statements.get(readRevision, tenant);
      if (row === undefined) throw new RangeError(`tenant ${tenant} does not exist`);
      revision = integer(row, "revision");
      this.#revisions.set(tenant, revision);
    }
    return revision;
  }

  run({ nowMs, units, settlement }: CommitRequest): Reply {
    const before = this.#last;
    this.#revisions.clear();
    try {
      return transaction(
        this.#db,
        () => {
          const accepted = new Accepted();
          settleQuotas(this.#statements);
          const results = units.map((unit) => this.#unit(unit, nowMs, accepted));
          const settled = settlement === undefined ? undefined : this.#settle(settlement, nowMs, accepted);
          const figures = settled?.kind === "settled" ? settlement?.figures : undefined;
          if (this.#figures.keep(accepted, figures ?? noFigures, nowMs)) this.fold();
          if (this.#last !== before) this.#statements.run({ sql: writeMark, params: ["last_sequence", this.#last] });
          return { kind: "committed", units: results, ...(settled === undefined ? {} : { settlement: settled }) };
        },
        this.#counted,
      );
    } catch (thrown) {
      this.#last = before;
      this.#figures.forget();
      return failure(asError(thrown));
    }
  }

  /** Whether {@link fold} has anything to do. */
  get isBehind(): boolean {
    return this.#figures.isBehind;
  }

  /** In a transaction, now and then: figures and usage up to date, and no news beyond those that are kept. */
  fold(): void {
    this.#figures.fold();
    this.#statements.run(dropOldNews);
  }

  #unit(unit: WireUnit, nowMs: number, accepted: Accepted): UnitResult {
    const alone = unit.checks.length === 0 && unit.steps.length === 0 && unit.events.length === 1;
    // A single insert is atomic by itself: the savepoint would only cost.
    if (alone) return this.#guarded(unit, nowMs, accepted);
    this.#db.exec("SAVEPOINT unit");
    const result = this.#guarded(unit, nowMs, accepted);
    if (result.kind !== "committed") this.#db.exec("ROLLBACK TO unit");
    this.#db.exec("RELEASE unit");
    return result;
  }

  #guarded(unit: WireUnit, nowMs: number, accepted: Accepted): UnitResult {
    const before = this.#last;
    try {
      for (const [index, { sql, params, expect }] of unit.checks.entries()) {
        const found = this.#statements.get(sql, ...params) !== undefined;
        if (found !== (expect === "row")) return { kind: "refused", check: index };
      }
      for (const step of unit.steps) this.#statements.run(step);
      const exceeded = unit.steps.length === 0 ? undefined : judgeQuotas(this.#statements, this.#quotas);
      if (exceeded !== undefined) return { kind: "exceeded", exceeded };
      const first = Math.max(this.#last + 1, nowMs * sequencesPerMs);
      // Only a unit with steps can have changed a revision.
      if (unit.steps.length > 0) this.#revisions.clear();
      const placed = this.#insert(unit.events, first);
      for (const event of unit.events) accepted.add(event);
      return { kind: "committed", ...placed };
    } catch (thrown) {
      // A full disk ends the whole transaction: let the caller of the group see that.
      if (!this.#db.isTransaction) throw thrown;
      const failed = failure(asError(thrown));
      if (failed.full) throw thrown;
      this.#last = before;
      this.#revisions.clear();
      return failed;
    }
  }

  /** Gives the events their sequences, `first` and those after it. */
  #insert(events: readonly WireEvent[], first: number): Placed {
    const sequences: number[] = [];
    const revisions: number[] = [];
    for (const { row, tenant } of events) {
      const revision = this.#revision(tenant);
      const sequence = first + sequences.length;
      this.#statements.prepare(insertEvent).run(sequence, revision, ...row);
      this.#last = sequence;
      sequences.push(sequence);
      revisions.push(revision);
    }
    return { sequences, revisions };
  }

  #putDeliveries({ deliveries, waiting, inLine }: WireSettlement): void {
    const statements = this.#statements;
    const counts = new OpenCounts(statements);
    const insert = statements.prepare(insertDelivery);
    const upsert = (sql: string, row: readonly Sql[]): void => {
      const before = counts.statusOf(row);
      statements.prepare(sql).run(...row);
      counts.change(row, before);
    };
    for (const row of deliveries) {
      if (Number(insert.run(...row).changes) === 1) counts.change(row, undefined);
      else upsert(upsertDelivery, row);
    }
    for (const row of waiting) upsert(upsertWaiting, row);
    for (const row of inLine) upsert(upsertInLine, row);
    counts.write();
  }

  #settle(settlement: WireSettlement, nowMs: number, accepted: Accepted): Settled | WireError {
    const before = this.#last;
    this.#db.exec("SAVEPOINT settlement");
    try {
      this.#putDeliveries(settlement);
      for (const line of settlement.released) this.#statements.prepare(releaseLine).run(...line);
      for (const row of settlement.attempts) this.#statements.prepare(insertAttempt).run(...row);
      for (const step of settlement.invocations.flatMap(invocationPut)) this.#statements.run(step);
      for (const place of settlement.buried) this.#statements.prepare(endPending).run(...place);
      for (const outcome of settlement.outcomes) this.#statements.run({ sql: setOutcome, params: outcome });
      const first = Math.max(this.#last + 1, nowMs * sequencesPerMs);
      const placed = this.#insert(settlement.events, first);
      for (const step of newsOfSettlement(settlement)) this.#statements.run(step);
      for (const [, watermark] of settlement.marks.watermarks) {
        this.#statements.run({ sql: writeMark, params: ["watermark", watermark] });
      }
      this.#db.exec("RELEASE settlement");
      for (const event of settlement.events) accepted.add(event);
      return { kind: "settled", ...placed };
    } catch (thrown) {
      const failed = failure(asError(thrown));
      if (!this.#db.isTransaction || failed.full) throw thrown;
      this.#last = before;
      this.#db.exec("ROLLBACK TO settlement");
      this.#db.exec("RELEASE settlement");
      return failed;
    }
  }
}
