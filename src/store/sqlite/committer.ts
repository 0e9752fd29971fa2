import { Worker } from "node:worker_threads";
import type { Clock } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import type { Reply, Request, UnitResult, WireError, WireSettlement, WireUnit } from "./messages.ts";

/** Units in one group commit at the most: bounds how long a caller waits for others. */
const unitsPerCommit = 512;

/** Jobs wait for a gap between commits, but no longer than this many of them. */
const commitsPerJob = 8;

interface Waiting<In, Out> {
  readonly input: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The main thread's side of the writer. What callers hand in while a commit is under way goes together into the next one
 * (group commit): one message, one transaction, one fsync. Jobs (retention, redrive) wait their turn between commits.
 */
export class Committer {
  readonly #worker: Worker;
  readonly #clock: Clock;
  #units: Waiting<WireUnit, Exclude<UnitResult, WireError>>[] = [];
  #settlement: Waiting<WireSettlement, void> | undefined;
  #jobs: Waiting<Request, Reply>[] = [];
  #underWay: ((reply: Reply) => void) | undefined;
  #scheduled = false;
  #broken: Error | undefined;
  #closing = false;
  #commitsSinceJob = 0;

  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    // Next to this file is TypeScript when run from source, JavaScript in the published package.
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: path });
    this.#worker.on("message", (reply: Reply) => this.#answered(reply));
    this.#worker.on("error", (error) => this.#break(error));
    this.#worker.on("exit", () => this.#break(new SignalboxError("unavailable", "the store is closed")));
  }

  commit(unit: WireUnit): Promise<Exclude<UnitResult, WireError>> {
    return new Promise((resolve, reject) => {
      this.#units.push({ input: unit, resolve, reject });
      this.#schedule();
    });
  }

  /** One at a time: the feed makes the next one when this one is durable. */
  settle(settlement: WireSettlement): Promise<void> {
    return new Promise((resolve, reject) => {
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

  /** After everything that was handed in. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.job({ kind: "close" });
    await this.#worker.terminate();
  }

  /** Not at once: what other callers hand in during this turn of the loop shall share the commit. */
  #schedule(): void {
    if (this.#broken !== undefined) {
      this.#break(this.#broken);
    } else if (!this.#scheduled && this.#underWay === undefined) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#next();
      });
    }
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
    const units = this.#units.splice(0, unitsPerCommit);
    const settlement = this.#settlement;
    this.#settlement = undefined;
    const request: Request = {
      kind: "commit",
      nowMs: this.#clock.now(),
      units: units.map((unit) => unit.input),
      ...(settlement === undefined ? {} : { settlement: settlement.input }),
    };
    this.#send(request, (reply) => {
      if (reply.kind !== "committed") {
        const error = storeError(reply);
        for (const unit of units) unit.reject(error);
        settlement?.reject(error);
        return;
      }
      for (const [index, unit] of units.entries()) {
        const result = reply.units[index];
        if (result === undefined || result.kind === "failed") unit.reject(storeError(result));
        else unit.resolve(result);
      }
      if (reply.settlement === undefined) settlement?.resolve();
      else settlement?.reject(storeError(reply.settlement));
    });
  }

  #sendJob(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#send(job.input, (reply) => {
      if (reply.kind === "failed") job.reject(storeError(reply));
      else job.resolve(reply);
    });
  }

  #send(request: Request, answered: (reply: Reply) => void): void {
    this.#underWay = answered;
    this.#worker.postMessage(request);
  }

  #answered(reply: Reply): void {
    const answered = this.#underWay;
    this.#underWay = undefined;
    answered?.(reply);
    this.#next();
  }

  #break(error: Error): void {
    this.#broken = error;
    const lost = [...this.#units, ...this.#jobs, ...(this.#settlement === undefined ? [] : [this.#settlement])];
    this.#units = [];
    this.#jobs = [];
    this.#settlement = undefined;
    for (const waiting of lost) waiting.reject(error);
    const underWay = this.#underWay;
    this.#underWay = undefined;
    underWay?.({ kind: "failed", full: false, message: error.message });
  }
}

/** What a reply that is no answer means to a caller. */
export function storeError(reply: Reply | UnitResult | undefined): Error {
  if (reply?.kind !== "failed") return new SignalboxError("internal", `the store answered ${reply?.kind ?? "nothing"}`);
  if (reply.full) {
    return new SignalboxError("storage_full", "the disk is full: nothing was changed; free some space and try again");
  }
  return new SignalboxError("unavailable", `the store could not commit: ${reply.message}`);
}
