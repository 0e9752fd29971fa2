import type { Clock } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import { Occupation } from "./occupation.ts";
import { isWell, notCommitted, storeError } from "./replies.ts";
import type { Reply, Request } from "./requests.ts";
import { SentRequests } from "./sent-requests.ts";
import type { UnitUnderWay } from "./stored-unit.ts";
import { WaitingUnits } from "./waiting-units.ts";
import type { Settled, UnitResult, WireSettlement, WireUnit } from "./wire.ts";

/**
 * A commit costs the same few hundred microseconds whether it holds one unit or a hundred. So when the last one was shared by
 * many, the next waits this long for as many; a lone caller never waits.
 */
const crowd = { units: 16, wanted: 96, waitMs: 1 };
/** Outcomes, for which no caller waits, are kept this long for a commit that is made anyway. */
const settlementWaitMs = 8;

/** A commit is handed in while another is under way where it has so many units at least. */
const overlapped = 24;
/** Jobs wait for a gap between commits, but no longer than this many of them: retention must keep up with a full load. */
const commitsPerJob = 3;

/** Who writes. */
export interface Writer {
  /**
   * Whether a commit of such units, and no others, may be sent while it is at work on one: while it writes the one, this thread makes the other. They are
   * answered in the order of the events in them. Default: none.
   */
  overlaps?(unit: WireUnit): boolean;
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
  readonly #units: WaitingUnits;
  #settlement: Waiting<WireSettlement, Settled> | undefined;
  #jobs: Waiting<Request, Reply>[] = [];
  readonly #sent: SentRequests;
  readonly #occupation = new Occupation();
  #scheduled: "soon" | "later" | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastUnits = 0;
  #urgent = false;
  #broken: Error | undefined;
  /** How the last commit ended; `undefined` before the first. */
  #lastWell: boolean | undefined;
  #closing = false;
  readonly #answerMs: number | undefined;
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
    this.#units = new WaitingUnits((unit) => writer.overlaps?.(unit) === true);
    this.#sent = new SentRequests({ answerMs, overdue: ({ giveUp }) => this.#stall(giveUp) });
    writer.onBreak((error) => this.#break(error));
  }

  commit(unit: UnitUnderWay): void {
    this.#units.add(unit);
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
    return this.#sent.size === 0 && this.#broken === undefined ? this.#writes : undefined;
  }

  /** Whether the last commit was made, and the next one can be handed in. */
  get isWell(): boolean {
    return this.#lastWell === true && this.#broken === undefined && !this.#closing;
  }

  /** From now on nothing waits for a writer that does not answer, not even a settlement that it may have made. */
  stopping(): void {
    this.#stopping = true;
    this.#sent.giveUp(this.#overdueError());
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
    if (this.#sent.isStalled) return this.#lose(unanswered());
    if (!this.#hasRoom() || this.#scheduled === "soon") return;
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

  /** Whether the writer takes another request; of a commit, what there is of it now. */
  #hasRoom(): boolean {
    if (this.#sent.size === 0) return true;
    return this.#sent.size === 1 && !this.#sent.isJob && this.#jobs.length === 0 && this.#mayOverlap();
  }

  /** It pays to make one while another is written. */
  #mayOverlap(count = this.#units.size): boolean {
    return count >= overlapped && this.#units.overlap && this.#occupation.isHigh;
  }

  /** How long the next commit may wait for company. */
  #patience(): number {
    if (this.#jobs.length > 0) return 0;
    if (this.#units.size === 0) return this.#settlement === undefined || this.#urgent ? 0 : settlementWaitMs;
    return this.#lastUnits >= crowd.units && this.#units.size < Math.min(crowd.wanted, this.#lastUnits)
      ? crowd.waitMs
      : 0;
  }

  #run(): void {
    this.#scheduled = undefined;
    this.#next();
  }

  #next(): void {
    if (!this.#hasRoom() || this.#broken !== undefined) return;
    const commits = this.#units.size > 0 || this.#settlement !== undefined;
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
    const half = Math.ceil(this.#units.size / 2);
    // The other half can overlap.
    const units = this.#units.take(this.#mayOverlap(half) ? half : this.#units.size);
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
    const sent = { isJob: request.kind !== "commit", giveUp, answered };
    this.#sent.begin(sent);
    this.#writes += 1;
    this.#writer.send(request, (reply) => {
      this.#sent.answered(sent, reply);
      if (this.#units.size > 0 || this.#jobs.length > 0 || this.#settlement !== undefined) this.#schedule();
    });
    // The other half of what there was.
    if (this.#mayOverlap()) this.#schedule();
  }

  /** Who waits is told, and so is who comes until there is an answer. What was under way is made or not, and the feed hears of it when that is known. */
  #stall(giveUp: (error: Error) => void): void {
    this.#lastWell = false;
    giveUp(this.#overdueError());
    this.#lose(unanswered());
  }

  #overdueError(): Error {
    return notCommitted(
      `the database has not answered for ${this.#answerMs} ms, so it is not known whether this was done: look before it is tried again`,
    );
  }

  /** What a reply that is no answer means to a caller. */
  errorOf(reply: Reply | UnitResult | Settled | undefined): Error {
    return storeError(reply, this.#damaged);
  }

  #break(error: Error): void {
    this.#broken = error;
    this.#lose(error);
    this.#sent.breakOff({ kind: "failed", full: false, message: error.message });
  }

  /** What was not handed in yet. */
  #lose(error: Error): void {
    const lostUnits = this.#units.takeAll();
    const lost = [...this.#jobs, ...(this.#settlement === undefined ? [] : [this.#settlement])];
    this.#jobs = [];
    this.#settlement = undefined;
    for (const unit of lostUnits) unit.failed(error);
    for (const waiting of lost) waiting.reject(error);
  }
}

function unanswered(): Error {
  return notCommitted("the database did not answer in time; nothing was changed");
}
