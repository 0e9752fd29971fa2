import { Worker } from "node:worker_threads";
import { type Clock, clockOrigin } from "../../clock.ts";
import { asError } from "../../errors.ts";
import type { EgressAnswer, Posting } from "../egress.ts";
import type { Letter, RequestHead } from "../request-head.ts";
import type { FromSender, SenderData, ToSender, WireHead } from "./messages.ts";
import { unpackAnswers } from "./packed-answers.ts";
import { packHead, packLetter } from "./packed-letters.ts";
import { handedOver, ParcelWriter } from "./parcel.ts";

interface SenderOptions {
  /** The module that the thread runs. */
  readonly file: URL;
  readonly data: Omit<SenderData, "clock">;
  readonly clock: Clock;
  /** The thread ended by itself, with so much under way. */
  readonly lost: (error: Error, underWay: number) => void;
}

/** Heads that a sender knows, in characters of their text: those that came first are forgotten first. */
const mostKnown = 4 * 2 ** 20;
/** A thread that did nothing for so long is ended: each takes some memory. */
const idleMs = 60_000;
/** A thread that ended before it said anything is started again only after this. */
const restartMs = 1_000;
/** How long a thread may take to close its connections. */
const closeMs = 5_000;

/** Of a thread. What it reads and writes is not in its heap. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

const cutOff = (why: string): EgressAnswer => ({
  kind: "failed",
  reason: "connection",
  message: `the thread that sent it ended before the answer was complete (${why})`,
});
const stopped: EgressAnswer = {
  kind: "failed",
  reason: "internal",
  message: "stopped before the answer was complete",
};

/**
 * A thread that signs and sends, as the main thread sees it:
 *
 *   none ──first letter──▶ at work ──nothing to do for a minute──▶ none
 *                             │ ended by itself: what was under way has failed, and the next letter starts another
 *                             └──close──▶ none
 *
 * Letters of one turn of the loop leave in one message at its end; so do their answers.
 */
export class SenderThread {
  readonly #options: SenderOptions;
  #worker: Worker | undefined;
  /** Resolves when the thread says that it is closed, or ends. */
  #closing: (() => void) | undefined;
  /** By their slots. A slot is used again once its answer came. */
  #underWay: (Posting | undefined)[] = [];
  readonly #free: number[] = [];
  #count = 0;
  #usedMs = 0;
  #said = false;
  #notBeforeMs = 0;
  readonly #letters = new ParcelWriter();
  /** By their numbers. */
  readonly #known = new Map<number, number>();
  #knownSize = 0;
  #newHeads: WireHead[] = [];
  readonly #forgotten = new Set<number>();
  #leaving = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** @param signal the number of the posting's, for {@link abort}; 0: it has none. */
  send(letter: Letter, posting: Posting, signal: number): void {
    const slot = this.#free.pop() ?? this.#underWay.length;
    this.#underWay[slot] = posting;
    this.#count += 1;
    if (this.#count === 1) this.#worker?.ref();
    this.#know(letter.head);
    packLetter(this.#letters, letter, posting, { slot, signal });
    if (this.#leaving) return;
    this.#leaving = true;
    setImmediate(() => this.#leave());
  }

  /** Cancels all that was sent under a signal. */
  abort(signal: number): void {
    this.#leave();
    this.#worker?.postMessage({ kind: "abort", signal } satisfies ToSender);
  }

  /** Ends what is under way as `internal`, and the thread when its connections are closed. */
  async close(): Promise<void> {
    this.#leave();
    const worker = this.#worker;
    if (worker !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#closing = resolve;
      const cancel = this.#options.clock.after(closeMs, resolve);
      worker.postMessage({ kind: "close" } satisfies ToSender);
      await promise;
      cancel();
      await this.#end();
    }
    this.#fail(stopped);
  }

  #know(head: RequestHead): void {
    const { number, text } = head;
    if (this.#known.has(number)) return;
    this.#forgotten.delete(number);
    this.#known.set(number, text.length);
    this.#knownSize += text.length;
    this.#newHeads.push(packHead(head));
    for (const [oldest, size] of this.#known) {
      if (this.#knownSize <= mostKnown || oldest === number) break;
      this.#known.delete(oldest);
      this.#knownSize -= size;
      this.#forgotten.add(oldest);
    }
  }

  /** Sends off what was written since the last time. */
  #leave(): void {
    if (!this.#leaving) return;
    const waitMs = this.#notBeforeMs - this.#options.clock.steady();
    if (this.#worker === undefined && waitMs > 0) {
      this.#options.clock.after(waitMs, () => this.#leave());
      return;
    }
    this.#leaving = false;
    const worker = (this.#worker ??= this.#start());
    const [heads, forgotten, letters] = [this.#newHeads, [...this.#forgotten], this.#letters.take()];
    this.#newHeads = [];
    this.#forgotten.clear();
    worker.postMessage({ kind: "letters", heads, forgotten, letters } satisfies ToSender, handedOver(letters));
  }

  #start(): Worker {
    const { file, data } = this.#options;
    const workerData: SenderData = { ...data, clock: clockOrigin };
    const worker = new Worker(file, { workerData, resourceLimits, execArgv: [] });
    const lost = (error: Error): void => {
      if (this.#worker === worker) this.#lost(error);
    };
    worker.on("message", (said: FromSender) => this.#heard(said));
    worker.on("error", (thrown) => lost(asError(thrown)));
    worker.on("exit", (code) => lost(new Error(`exit code ${code}`)));
    this.#said = false;
    this.#endWhenIdle(worker);
    return worker;
  }

  #heard(said: FromSender): void {
    this.#said = true;
    if (said.kind === "closed") this.#closing?.();
    else unpackAnswers(said.answers, this.#answered);
  }

  readonly #answered = (slot: number, answer: EgressAnswer): void => {
    const posting = this.#underWay[slot];
    if (posting === undefined) return;
    this.#underWay[slot] = undefined;
    this.#free.push(slot);
    this.#count -= 1;
    if (this.#count === 0) {
      this.#usedMs = this.#options.clock.steady();
      this.#worker?.unref();
    }
    posting.answered(answer);
  };

  #lost(error: Error): void {
    const { clock, lost } = this.#options;
    this.#notBeforeMs = this.#said ? 0 : clock.steady() + restartMs;
    void this.#end();
    if (this.#closing !== undefined) return this.#closing();
    lost(error, this.#count);
    this.#fail(cutOff(error.message));
  }

  /** Ends the thread, whatever it does. The next one knows nothing. */
  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#known.clear();
    this.#knownSize = 0;
    await worker?.terminate();
  }

  /** All that is under way, what has not left yet too. */
  #fail(answer: EgressAnswer): void {
    const failed = this.#underWay;
    this.#underWay = [];
    this.#free.length = 0;
    this.#count = 0;
    this.#letters.clear();
    this.#newHeads = [];
    this.#forgotten.clear();
    this.#leaving = false;
    for (const posting of failed) posting?.answered(answer);
  }

  #endWhenIdle(worker: Worker): void {
    const { clock } = this.#options;
    clock.after(idleMs, () => {
      if (this.#worker !== worker) return;
      if (this.#count === 0 && clock.steady() - this.#usedMs >= idleMs) void this.#end();
      else this.#endWhenIdle(worker);
    });
  }
}
