import type { S3Client } from "@aws-sdk/client-s3";
import { type Clock, sleep } from "../../clock.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type S3Failure, s3FailureOf, unavailable } from "./failures.ts";
import type { S3Place } from "./place.ts";

const tries = 4;
/** Before the second try; four times as long before each after it, and up to twice as long by chance. */
const firstWaitMs = 100;
const answerMs = 30_000;
/** A body is given so much longer: 32 KiB a second is less than any link to a bucket should have. */
const msPerKiB = 1_000 / 32;
const logEveryMs = 60_000;
/** Refusals of an S3 that is as it should be. */
const sound: ReadonlySet<S3Failure["kind"]> = new Set(["missing", "exists", "range"]);

interface CallOptions {
  /** Bytes that are sent. Default 0. */
  readonly bytes?: number;
  /** Default {@link tries}. */
  readonly tries?: number;
  /** How long one try may take before its answer begins. Default half a minute, and longer with bytes. */
  readonly limitMs?: number;
}

interface S3CallsDeps {
  readonly client: S3Client;
  readonly place: S3Place;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks an S3, again where that may help, and for so long at the most. */
export class S3Calls {
  readonly client: S3Client;
  readonly #deps: S3CallsDeps;
  readonly #closing = new AbortController();
  #loggedMs: number | undefined;
  #answeredMs: number | undefined;

  constructor(deps: S3CallsDeps) {
    this.client = deps.client;
    this.#deps = deps;
  }

  /** Aborts when nothing is to go on. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** By the clock of waits; `undefined`: the last answer was a failure, or there was none yet. */
  get answeredMs(): number | undefined {
    return this.#answeredMs;
  }

  /**
   * What `ask` resolves with. It is asked again after failures that may pass, so that it must do no harm when it is done twice.
   *
   * @throws what it rejected with last, as the SDK made it.
   */
  async raw<T>(ask: (signal: AbortSignal) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const most = options.tries ?? tries;
    for (let made = 1; ; made += 1) {
      try {
        const answer = await this.#once(ask, options);
        this.#answeredMs = this.#deps.clock.steady();
        return answer;
      } catch (thrown) {
        if (thrown instanceof SignalboxError) throw thrown;
        if (this.closing.aborted) throw this.closed();
        const { kind } = s3FailureOf(thrown);
        this.#answeredMs = sound.has(kind) ? this.#deps.clock.steady() : undefined;
        if (kind !== "passing" || made >= most) throw thrown;
      }
      const { clock } = this.#deps;
      await sleep(clock, firstWaitMs * 4 ** (made - 1) * (1 + clock.random()), this.closing);
    }
  }

  /**
   * The same.
   *
   * @throws SignalboxError as {@link Bodies} says.
   */
  async ask<T>(ask: (signal: AbortSignal) => Promise<T>, options: CallOptions = {}): Promise<T> {
    try {
      return await this.raw(ask, options);
    } catch (thrown) {
      throw this.translated(thrown);
    }
  }

  /** For callers; tells the operator now and then. */
  translated(thrown: unknown): SignalboxError {
    if (thrown instanceof SignalboxError) return thrown;
    const { place, clock, log } = this.#deps;
    const translated = unavailable(place, s3FailureOf(thrown), thrown);
    const nowMs = clock.steady();
    if (this.#loggedMs === undefined || nowMs - this.#loggedMs >= logEveryMs) {
      this.#loggedMs = nowMs;
      log.error({ error: asError(translated.cause).message }, "the bytes of objects cannot be reached");
    }
    return translated;
  }

  closed(): SignalboxError {
    return new SignalboxError("unavailable", "The store of blobs is closing.");
  }

  close(): void {
    this.#closing.abort();
  }

  /** The limit is of the answer's beginning: what is read of it is watched by who reads it. */
  async #once<T>(ask: (signal: AbortSignal) => Promise<T>, { bytes = 0, limitMs }: CallOptions): Promise<T> {
    if (this.closing.aborted) throw this.closed();
    const cut = new AbortController();
    const abort = (): void => cut.abort();
    let isLate = false;
    const inTime = this.#deps.clock.after(limitMs ?? answerMs + (bytes / 1024) * msPerKiB, () => {
      isLate = true;
      abort();
    });
    this.closing.addEventListener("abort", abort, { once: true });
    try {
      return await ask(cut.signal);
    } catch (thrown) {
      throw isLate ? Object.assign(new Error("it did not answer in time"), { code: "ETIMEDOUT" }) : thrown;
    } finally {
      inTime();
      this.closing.removeEventListener("abort", abort);
    }
  }
}
