import type { Clock } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import { wireBytes } from "./events-sql.ts";
import { isWell, notCommitted, storeError } from "./replies.ts";
import type { Reply, Request } from "./requests.ts";
import type { UnitUnderWay } from "./stored-unit.ts";
import type { Settled, UnitResult, WireSettlement } from "./wire.ts";

/** Units in one group commit at the most: bounds how long a caller waits for others. */
const unitsPerCommit = 512;
/** Events in one group commit have no more data than this, about, unless a single unit has: it is copied into one message. */
const bytesPerCommit = 4 * 2 ** 20;
/**
 * A commit costs the same few hundred microseconds whether it holds one unit or a hundred. So when the last one was shared by
 * many, the next waits this long for as many; a lone caller never waits.
 */
const crowd = { units: 16, wanted: 96, waitMs: 1 };
/** Outcomes, for which no caller waits, are kept this long for a commit that is made anyway. */
const settlementWaitMs = 8;

/** Jobs wait for a gap between commits, but no longer than this many of them: retention must keep up with a full load. */
const commitsPerJob = 3;

/** Who writes: one request at a time, each answered in its turn. */
export interface Writer {
  send(request: Request, answered: (reply: Reply) => void): void;
  /** `broke` is called when no request will be answered any more; it may be called more than once. */
  onBreak(broke: (error: Error) => void): void;
  /** After the last request was answered. */
  close(): void;
}

interface CommitterOptions {
  readonly clock: Clock;
  /** Called when a job, which retention is, found none. */
  readonly noRoom?: (() => void) | undefined;
  /** Whether there is room for a settlement. */
  readonly mayRecord?: (() => boolean) | undefined;
  /** The error of a store that cannot be read or is not what was written. @param why as the database says it */
  readonly damaged?: (why: string) => Error;
  /** Callers are answered after so long, also when the writer has not answered. Default: never, as it always does. */
  readonly answerMs?: number;
}

interface Waiting<In, Out> {
  readonly input: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What stands between callers and the one who writes. What callers hand in while a commit is under way goes together into the next one
 * (group commit): one message, one transaction, one fsync. Jobs (retention, redrive) wait their turn between commits.
 */
export class Committer {
  readonly #writer: Writer;
  readonly #damaged: (why: string) => Error;
  readonly #clock: Clock;
  #units: UnitUnderWay[] = [];
  #settlement: Waiting<WireSettlement, Settled> | undefined;
  #jobs: Waiting<Request, Reply>[] = [];
  #underWay: ((reply: Reply) => void) | undefined;
  #scheduled: "soon" | "later" | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastUnits = 0;
  #urgent = false;
  #broken: Error | undefined;
  /** How the last commit ended; `undefined` before the first. */
  #lastWell: boolean | undefined;
  #closing = false;
  /** Ends the wait of those whose request is under way; they are not told a second time. */
  #giveUp: (error: Error) => void = () => {};
  readonly #answerMs: number | undefined;
  #overdue: NodeJS.Timeout | undefined;
  /** The writer is at work on one request for longer than callers wait. */
  #stalled = false;
  #stopping = false;
  #commitsSinceJob = 0;
  #writes = 0;
  readonly #noRoom: () => void;
  readonly #mayRecord: () => boolean;

  constructor(
    writer: Writer,
    { clock, noRoom = () => {}, mayRecord = () => true, damaged = notCommitted, answerMs }: CommitterOptions,
  ) {
    this.#answerMs = answerMs;
    this.#clock = clock;
    this.#noRoom = noRoom;
    this.#mayRecord = mayRecord;
    this.#damaged = damaged;
    this.#writer = writer;
    writer.onBreak((error) => this.#break(error));
  }

  commit(unit: UnitUnderWay): void {
    this.#units.push(unit);
    this.#schedule();
  }

  /** One at a time: the feed makes the next one when this one is durable. Unless `urgent`, it waits for a commit to share. */
  settle(settlement: WireSettlement, urgent = false): Promise<Settled> {
    if (!this.#mayRecord()) return Promise.reject(this.errorOf({ kind: "failed", full: true, message: "" }));
    return new Promise((resolve, reject) => {
      this.#urgent = urgent;
      this.#settlement = { input: settlement, resolve, reject };
      this.#schedule();
    });
  }

  job(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ input: request, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * How often the writer was handed something; `undefined` while it is at work, and once it is broken. While it is the same, nothing in the
   * database has changed.
   */
  get writes(): number | undefined {
    return this.#underWay === undefined && this.#broken === undefined ? this.#writes : undefined;
  }

  /** Whether the last commit was made, and the next one can be handed in. */
  get isWell(): boolean {
    return this.#lastWell === true && this.#broken === undefined && !this.#closing;
  }

  /** From now on nothing waits for a writer that does not answer, not even a settlement that it may have made. */
  stopping(): void {
    this.#stopping = true;
    if (this.#stalled) this.#giveUp(this.#overdueError());
  }

  /** After everything that was handed in. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = this.job({ kind: "close" });
    await (this.#answerMs === undefined ? closed : closed.catch(() => {}));
    this.#writer.close();
    this.#break(new SignalboxError("unavailable", "the store is closed"));
  }

  /** Not at once: what other callers hand in during this turn of the loop shall share the commit. */
  #schedule(): void {
    if (this.#broken !== undefined) return this.#break(this.#broken);
    if (this.#stalled) return this.#lose(notCommitted("the database did not answer in time; nothing was changed"));
    if (this.#underWay !== undefined || this.#scheduled === "soon") return;
    const waitMs = this.#patience();
    if (waitMs === 0) {
      clearTimeout(this.#timer);
      this.#scheduled = "soon";
      setImmediate(() => this.#run());
    } else if (this.#scheduled === undefined) {
      this.#scheduled = "later";
      this.#timer = setTimeout(() => this.#run(), waitMs);
    }
  }

  /** How long the next commit may wait for company. */
  #patience(): number {
    if (this.#jobs.length > 0) return 0;
    if (this.#units.length === 0) return this.#settlement === undefined || this.#urgent ? 0 : settlementWaitMs;
    return this.#lastUnits >= crowd.units && this.#units.length < Math.min(crowd.wanted, this.#lastUnits)
      ? crowd.waitMs
      : 0;
  }

  #run(): void {
    this.#scheduled = undefined;
    this.#next();
  }

  #next(): void {
    if (this.#underWay !== undefined || this.#broken !== undefined) return;
    const commits = this.#units.length > 0 || this.#settlement !== undefined;
    const job = this.#jobs[0];
    const mayJump = this.#commitsSinceJob >= commitsPerJob && job?.input.kind !== "close";
    if (job !== undefined && (!commits || mayJump)) {
      this.#commitsSinceJob = 0;
      this.#sendJob();
    } else if (commits) {
      this.#commitsSinceJob += 1;
      this.#sendCommit();
    }
  }

  #sendCommit(): void {
    const units = this.#units.splice(0, this.#unitsForCommit());
    this.#lastUnits = units.length;
    const settlement = this.#settlement;
    this.#settlement = undefined;
    const request: Request = {
      kind: "commit",
      nowMs: this.#clock.now(),
      units: units.map(({ wire }) => wire),
      ...(settlement === undefined ? {} : { settlement: settlement.input }),
    };
    const giveUp = (error: Error): void => {
      for (const unit of units) unit.failed(error);
      // Otherwise the feed would make it a second time.
      if (this.#stopping) settlement?.reject(error);
    };
    this.#send(request, giveUp, (reply) => {
      this.#lastWell = isWell(reply);
      if (reply.kind !== "committed") {
        const error = this.errorOf(reply);
        for (const unit of units) unit.failed(error);
        settlement?.reject(error);
        return;
      }
      for (const [index, unit] of units.entries()) {
        const result = reply.units[index];
        if (result === undefined || result.kind === "failed") unit.failed(this.errorOf(result));
        else unit.ended(result);
      }
      if (reply.settlement?.kind === "settled") settlement?.resolve(reply.settlement);
      else settlement?.reject(this.errorOf(reply.settlement));
    });
  }

  #unitsForCommit(): number {
    let bytes = 0;
    for (let count = 0; count < unitsPerCommit; count += 1) {
      const unit = this.#units[count];
      if (unit === undefined || bytes >= bytesPerCommit) return count;
      for (const event of unit.wire.events) bytes += wireBytes(event);
    }
    return unitsPerCommit;
  }

  #sendJob(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#send(job.input, job.reject, (reply) => {
      if (reply.kind === "failed" && reply.full && job.input.kind !== "ready") this.#noRoom();
      if (job.input.kind === "ready") this.#lastWell = reply.kind === "ok";
      if (reply.kind === "failed") job.reject(this.errorOf(reply));
      else job.resolve(reply);
    });
  }

  #send(request: Request, giveUp: (error: Error) => void, answered: (reply: Reply) => void): void {
    this.#underWay = answered;
    this.#giveUp = giveUp;
    if (this.#answerMs !== undefined) this.#overdue = setTimeout(() => this.#stall(), this.#answerMs);
    this.#writes += 1;
    this.#writer.send(request, (reply) => this.#answered(reply));
  }

  /** Who waits is told, and so is who comes until there is an answer. What was under way is made or not, and the feed hears of it when that is known. */
  #stall(): void {
    this.#stalled = true;
    this.#lastWell = false;
    this.#giveUp(this.#overdueError());
    this.#lose(notCommitted("the database did not answer in time; nothing was changed"));
  }

  #overdueError(): Error {
    return notCommitted(
      `the database has not answered for ${this.#answerMs} ms, so it is not known whether this was done: look before it is tried again`,
    );
  }

  #answered(reply: Reply): void {
    clearTimeout(this.#overdue);
    this.#stalled = false;
    const answered = this.#underWay;
    this.#underWay = undefined;
    answered?.(reply);
    if (this.#units.length > 0 || this.#jobs.length > 0 || this.#settlement !== undefined) this.#schedule();
  }

  /** What a reply that is no answer means to a caller. */
  errorOf(reply: Reply | UnitResult | Settled | undefined): Error {
    return storeError(reply, this.#damaged);
  }

  #break(error: Error): void {
    this.#broken = error;
    clearTimeout(this.#overdue);
    this.#lose(error);
    const underWay = this.#underWay;
    this.#underWay = undefined;
    underWay?.({ kind: "failed", full: false, message: error.message });
  }

  /** What was not handed in yet. */
  #lose(error: Error): void {
    const lostUnits = this.#units;
    const lost = [...this.#jobs, ...(this.#settlement === undefined ? [] : [this.#settlement])];
    this.#units = [];
    this.#jobs = [];
    this.#settlement = undefined;
    for (const unit of lostUnits) unit.failed(error);
    for (const waiting of lost) waiting.reject(error);
  }
}

/** A job of which one kind of answer is expected. */
export async function ask<K extends Reply["kind"]>(
  committer: Committer,
  request: Request,
  kind: K,
): Promise<Extract<Reply, { kind: K }>> {
  const reply = await committer.job(request);
  if (reply.kind !== kind) throw committer.errorOf(reply);
  return reply as Extract<Reply, { kind: K }>;
}
