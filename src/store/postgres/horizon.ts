import { setTimeout as pause } from "node:timers/promises";
import type { Passed } from "../sql/news.ts";
import { integer, type Reads, type Row } from "../sql/step.ts";

const look = "SELECT events, news, next, oldest FROM look_at_writers()";
/** Many who follow ask together: no more often than this. */
const everyMs = 10;
/** A transaction takes some milliseconds: it is looked again after this, and for so long in all. */
const againMs = 5;
const patienceMs = 100;
/** Transactions have numbers of 32 bits, which go round. */
const round = 2 ** 32;

/** What had been given out at a moment. */
interface Sample {
  readonly numbers: Passed;
  /** The number of the next transaction: whatever had drawn one of those had a lower one. */
  readonly next: number;
}

/**
 * Up to where those may read who follow. Numbers are drawn in transactions, and so a lower one may become visible after a higher one: those of a sample are
 * all there, or never will be, once no transaction of a node's is under way that began to write before the sample was taken. Any transaction that
 * draws numbers has written before; hosts' transactions in the same database are not looked at, however long they last.
 */
export class FollowHorizon {
  readonly #reads: Pick<Reads, "get">;
  /** Taken, and not known to have passed: the oldest first. */
  #samples: Sample[] = [];
  #passed: Passed = { events: 0, news: 0 };
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<unknown> = Promise.resolve();
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<Passed> | undefined;

  constructor(reads: Pick<Reads, "get">) {
    this.#reads = reads;
  }

  /** As of the last look. */
  get known(): Passed {
    return this.#passed;
  }

  /** What was given out when it is asked, where the transactions of then end soon; else what is behind those that do not. */
  now(): Promise<Passed> {
    this.#next ??= this.#afterThisOne();
    return this.#next;
  }

  /** Resolves when every transaction that wrote before the call has ended. */
  async past(): Promise<void> {
    const first = await this.#look();
    while (!this.#hasPassed(first)) {
      await pause(againMs);
      await this.#look();
    }
  }

  async #afterThisOne(): Promise<Passed> {
    await this.#running;
    const waitMs = this.#lookedMs + everyMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    this.#next = undefined;
    this.#lookedMs = performance.now();
    const looked = this.#settled();
    this.#running = looked.catch(() => {});
    return looked;
  }

  async #settled(): Promise<Passed> {
    const first = await this.#look();
    while (!this.#hasPassed(first) && performance.now() - this.#lookedMs < patienceMs) {
      await pause(againMs);
      await this.#look();
    }
    return this.#passed;
  }

  #hasPassed(sample: Sample): boolean {
    return !this.#samples.includes(sample);
  }

  /** One after the other, so that samples are in their order. */
  #look(): Promise<Sample> {
    const looked = this.#looking.then(() => this.#reads.get(look)).then((row) => this.#take(row ?? {}));
    this.#looking = looked.catch(() => {});
    return looked;
  }

  #take(row: Row): Sample {
    const { oldest } = row;
    const numbers = { events: integer(row, "events"), news: integer(row, "news") };
    const sample = { numbers, next: integer(row, "next") };
    const last = this.#samples.at(-1);
    // Another server has taken over: what was under way on the one before is over.
    if (last !== undefined && isBefore(sample.next, last.next)) this.#samples = [];
    this.#samples.push(sample);
    const open = typeof oldest === "number" ? this.#samples.findIndex(({ next }) => isBefore(oldest, next)) : -1;
    const passed = open < 0 ? this.#samples.splice(0) : this.#samples.splice(0, open);
    this.#passed = passed.at(-1)?.numbers ?? this.#passed;
    return sample;
  }
}

/** As PostgreSQL compares numbers of transactions. */
function isBefore(one: number, other: number): boolean {
  return (one - other + 2 * round) % round >= round / 2;
}
