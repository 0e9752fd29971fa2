import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import type { Quotas } from "../../domain/quotas.ts";
import { aloneAmongSteps, joiningAnyLine, type UnitLocks } from "../locks.ts";
import type { Writer } from "../sql/committer.ts";
import { pruneStep } from "../sql/prune.ts";
import { redriveStep } from "../sql/redrive-step.ts";
import type { Reply, Request } from "../sql/requests.ts";
import { reserveNumbers } from "../sql/reserve.ts";
import { perform, runScriptAsync, type Script } from "../sql/script.ts";
import type { Row, Sql, Step } from "../sql/step.ts";
import type { PruneStep, WireUnit } from "../sql/wire.ts";
import type { PostgresConnection } from "./connection.ts";
import { postgresQuery } from "./dialect.ts";
import { isGone, isPassing, writeError } from "./faults.ts";
import { commit } from "./flight.ts";
import { Folds } from "./folds.ts";
import { Group, mostTries } from "./group.ts";
import type { GroupTransactionOptions } from "./group-transaction.ts";
import { CommitMarks } from "./marks.ts";
import { dropOldNumbers } from "./news.ts";
import type { Partitions } from "./partitions.ts";
import { lockQueries } from "./places.ts";
import { dropRunsLeft } from "./runs-left.ts";
import type { Session } from "./session.ts";
import type { Shards } from "./shards.ts";
import { isPlain } from "./usual-commit.ts";

type CommitRequest = Extract<Request, { kind: "commit" }>;

const againMs = 20;
/** What happened to the counters outside of units, which only takes away, is no unit's doing. */
const settleQuotas = { name: "settle_quotas", text: "SELECT settle_quotas()" };

interface WriterOptions {
  readonly session: Session;
  readonly quotas: Quotas;
  /** What is not made in this time is not tried again. */
  readonly answerMs: number;
  /** The greatest sequence that there is. */
  readonly newest: number;
  readonly shards: Shards;
  readonly partitions: Partitions;
  /** See {@link Group}. */
  readonly elsewhere: (subscription: number) => void;
  /** Other nodes write at the same time. */
  readonly hasRivals: boolean;
}

/** A transaction that runs a script. */
interface ScriptRun<T> {
  readonly script: () => Script<T>;
  /** What it locks where others write at the same time. */
  readonly locks?: UnitLocks;
  /** Called each time when it was not made. */
  readonly undone?: () => void;
}

/**
 * The one that writes, over one connection. A group commit is one transaction and one round trip, and the next may be sent before that is answered; a unit that
 * is refused, or fails, ends it, and then those before it are committed without it, and those behind it after that. Where the connection is lost before the
 * answer to a COMMIT, nothing else is written until it is known what became of it.
 */
export class PostgresWriter implements Writer {
  readonly #session: Session;
  readonly #marks: CommitMarks;
  readonly #answerMs: number;
  readonly #partitions: Partitions;
  readonly #hasRivals: boolean;
  readonly #of: Omit<GroupTransactionOptions, "nowMs">;
  readonly #folds: Folds;
  #isFolding = false;
  /** Until what is done alone is done: jobs, and what is left of commits. */
  #alone: Promise<unknown> = Promise.resolve();
  /** Until the last commit is sent. */
  #sent: Promise<unknown> = Promise.resolve();
  /** Until the first transactions of commits have landed. */
  #landed: Promise<unknown> = Promise.resolve();

  constructor({ session, quotas, answerMs, newest, shards, partitions, elsewhere, hasRivals }: WriterOptions) {
    this.#session = session;
    this.#marks = new CommitMarks(session);
    this.#answerMs = answerMs;
    this.#partitions = partitions;
    this.#hasRivals = hasRivals;
    const tail = { last: newest };
    this.#of = { session, marks: this.#marks, quotas: JSON.stringify(quotas), tail, shards, elsewhere, hasRivals };
    this.#folds = new Folds(hasRivals);
  }

  overlaps(unit: WireUnit): boolean {
    return isPlain(unit);
  }

  send(request: Request, answered: (reply: Reply) => void): void {
    if (request.kind === "commit") this.#commit(request, answered);
    else
      void this.#whileAlone(() => this.#answer(request))
        .catch(writeError)
        .then(answered);
  }

  /** After everything that was sent before it, and before what is sent after it. */
  #whileAlone<T>(work: () => Promise<T>): Promise<T> {
    const done = Promise.all([this.#alone, this.#sent, this.#landed]).then(work);
    this.#alone = done.catch(() => {});
    return done;
  }

  /**
   * Runs something on the connection that writes, between what else it does. Where that fails the connection is given up, and with it all locks of it that
   * nothing may know of.
   */
  between(work: (client: Client) => Promise<void>): Promise<void> {
    return this.#whileAlone(() => this.#over(work));
  }

  async #over<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const connection = await this.#session.connection();
    try {
      return await work(connection.client);
    } catch (thrown) {
      await this.#session.lost(connection);
      throw thrown;
    }
  }

  onBreak(): void {
    // A connection that is lost is opened again with the next request.
  }

  close(): void {
    // The session outlasts it: the store says by it that its run has ended.
  }

  async #answer(request: Exclude<Request, CommitRequest>): Promise<Reply> {
    switch (request.kind) {
      case "prune":
        await this.#fold({ isAsked: true });
        return { kind: "pruned", ...(await this.#prune(request.step)) };
      case "fold":
        if (await this.#isBehind()) await this.#fold({ isAsked: true });
        return { kind: "ok" };
      case "redrive":
        return {
          kind: "redriven",
          ...(await this.#script({ script: () => redriveStep(request), locks: joiningAnyLine })),
        };
      case "reserve":
        return {
          kind: "reserved",
          first: await this.#script({ script: () => reserveNumbers(request.counter, request.count) }),
        };
      case "ready":
        return this.#ready();
      case "release":
        return { kind: "released", any: false };
      case "relieve":
      case "close":
        return { kind: "ok" };
      default:
        return request satisfies never;
    }
  }

  async #prune(step: PruneStep): Promise<{ readonly dropped: number; readonly more: boolean }> {
    const { below, restEnds, changed } = await this.#over((client) => this.#partitions.keep(client, step));
    const pruned = await this.#script({
      script: function* () {
        const { dropped, more } = yield* pruneStep({ ...step, below });
        return { dropped, more: (yield* dropRunsLeft(restEnds, step.max)) || more };
      },
      locks: aloneAmongSteps,
    });
    return { ...pruned, more: pruned.more || changed };
  }

  async #ready(): Promise<Reply> {
    const connection = await this.#session.connection();
    try {
      await connection.client.query("SELECT 1");
      return { kind: "ok" };
    } catch (thrown) {
      if (isGone(thrown)) await this.#session.lost(connection);
      throw thrown;
    }
  }

  /** In a transaction, again while that may help. */
  async #script<T>({ script, locks, undone = () => {} }: ScriptRun<T>): Promise<T> {
    const first = locks !== undefined && this.#hasRivals ? [locks] : [];
    const untilMs = performance.now() + this.#answerMs;
    for (let tries = 1; ; tries += 1) {
      const connection = await this.#session.connection();
      const ended = await this.#attempt(connection, script(), first);
      if ("result" in ended) return ended.result;
      undone();
      const mayHelp = isGone(ended.error) || isPassing(ended.error);
      if (!mayHelp || tries === mostTries || performance.now() > untilMs) throw ended.error;
      await pause(againMs * tries);
    }
  }

  async #attempt<T>(
    connection: PostgresConnection,
    script: Script<T>,
    locks: readonly UnitLocks[],
  ): Promise<{ readonly result: T } | { readonly error: unknown }> {
    const { client } = connection;
    const all = async (sql: string, ...params: readonly Sql[]): Promise<Row[]> =>
      (await client.query(postgresQuery({ sql, params }))).rows as Row[];
    const run = async (step: Step): Promise<number> => (await client.query(postgresQuery(step))).rowCount ?? 0;
    const mark = this.#marks.next();
    let result: T;
    try {
      await client.query("BEGIN");
      for (const query of lockQueries(locks)) await client.query(query);
      await client.query(mark.query);
      result = await runScriptAsync({ all, run }, script);
      await client.query(settleQuotas);
    } catch (error) {
      if (isGone(error)) await this.#session.lost(connection);
      else await client.query("ROLLBACK").catch(() => this.#session.lost(connection));
      return { error };
    }
    const ending = await commit(connection);
    if (ending.kind === "committed") return { result };
    if (ending.kind === "failed") return { error: ending.error };
    await this.#session.lost(connection);
    const isMade = await this.#marks.find(mark.number, async () => true);
    return isMade === true ? { result } : { error: ending.error };
  }

  /** Whether there is anything to fold. */
  async #isBehind(): Promise<boolean> {
    if (!this.#hasRivals) return this.#folds.tallies > 0;
    return (await (await this.#session.client()).query(postgresQuery(this.#folds.anyLeft))).rows.length > 0;
  }

  async #fold(how: { readonly isAsked: boolean }): Promise<void> {
    const [folds, marks] = [this.#folds, this.#marks];
    await this.#script({
      script: function* () {
        yield* folds.fold(how);
        yield* perform(dropOldNumbers);
        for (const step of marks.dropPast()) yield* perform(step);
      },
      undone: () => folds.undone(),
    });
    folds.done();
    marks.dropped();
  }

  /** Sent while others are under way, and answered behind those that were sent before; what one transaction does not do for is written alone. */
  #commit({ nowMs, units, settlement }: CommitRequest, answered: (reply: Reply) => void): void {
    const untilMs = performance.now() + this.#answerMs;
    const group = new Group({ ...this.#of, nowMs, untilMs }, units, settlement);
    const answer = (): void => {
      this.#folds.kept(group.tallies);
      answered(group.reply);
      this.#foldWhereDue();
    };
    const fail = (thrown: unknown): void => answered(writeError(thrown));
    const landedBefore = this.#landed;
    const begun = Promise.all([this.#alone, this.#sent]).then(() => group.begin());
    this.#sent = begun.catch(() => {});
    this.#landed = begun
      .then(({ landed }) => Promise.all([landed, landedBefore]))
      .then(() => {
        if (group.isDone) answer();
        else void this.#whileAlone(() => group.finish()).then(answer, fail);
      }, fail);
  }

  #foldWhereDue(): void {
    if (!this.#folds.isDue || this.#isFolding) return;
    this.#isFolding = true;
    void this.#whileAlone(() => this.#fold({ isAsked: false }))
      .catch(() => {})
      .finally(() => {
        this.#isFolding = false;
      });
  }
}
