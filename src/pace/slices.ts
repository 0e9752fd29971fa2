import { SignalboxError } from "../errors.ts";

/**
 * Work whose size a caller chooses, done a little in each turn of the loop.
 *
 * A work is a generator that yields wherever it may be interrupted. All works of the process together get {@link defaultSliceMs} of each
 * turn, so that requests, deliveries and timers are served in between, however many works there are. Payers (tenants, as a rule) take turns;
 * within a payer the works are done one after the other, so a payer that brings much work delays itself.
 */

/** Share of one turn of the loop that all works together get; the step at hand is finished, so steps should take less than this. */
const defaultSliceMs = 1;
/** Works that one payer may have waiting; one that comes on top is refused. */
const defaultMaxWaiting = 64;

interface SlicesOptions {
  /** In milliseconds; {@link defaultSliceMs} by default. */
  readonly sliceMs?: number;
  /** {@link defaultMaxWaiting} by default. */
  readonly maxWaiting?: number;
  /** Milliseconds of a monotonic clock; `performance.now` by default. */
  readonly nowMs?: () => number;
}

interface Job {
  /** Runs to the next yield. False when the work is done, failed or given up. */
  step(): boolean;
}

export class Slices {
  readonly #sliceMs: number;
  readonly #maxWaiting: number;
  readonly #nowMs: () => number;
  /** In the order in which payers get their turn: the first is next. A payer without jobs has no entry. */
  readonly #jobs = new Map<string, Job[]>();
  #scheduled = false;

  constructor({ sliceMs = defaultSliceMs, maxWaiting = defaultMaxWaiting, nowMs }: SlicesOptions = {}) {
    this.#sliceMs = sliceMs;
    this.#maxWaiting = maxWaiting;
    this.#nowMs = nowMs ?? (() => performance.now());
  }

  /** Works that wait or are under way, of one payer or of all. */
  waiting(payer?: string): number {
    if (payer !== undefined) return this.#jobs.get(payer)?.length ?? 0;
    return [...this.#jobs.values()].reduce((sum, jobs) => sum + jobs.length, 0);
  }

  /**
   * Resolves with what `work` returns and rejects with what it throws. The first step is taken in a later turn of the loop.
   *
   * @param payer whose turn it uses up: a tenant, or `anonymous`.
   * @throws SignalboxError `too_many_requests` when this payer has too many works waiting; `signal.reason` once `signal` aborts, and the
   *   work's `finally` blocks run.
   */
  run<T>(payer: string, work: Generator<void, T, void>, signal?: AbortSignal): Promise<T> {
    const jobs = this.#jobs.get(payer) ?? [];
    if (jobs.length >= this.#maxWaiting) {
      const message = `${jobs.length} costly requests of this tenant are waiting already: try again when some have been answered`;
      return Promise.reject(new SignalboxError("too_many_requests", message));
    }
    return new Promise((resolve, reject) => {
      const step = (): boolean => {
        try {
          if (signal?.aborted === true) {
            // Its `finally` blocks run; what they return or yield is of no interest any more.
            work.return(undefined as T);
            reject(asReason(signal));
            return false;
          }
          const { done, value } = work.next();
          if (done === true) resolve(value);
          return done !== true;
        } catch (thrown) {
          reject(thrown);
          return false;
        }
      };
      jobs.push({ step });
      this.#jobs.set(payer, jobs);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#jobs.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
      this.#schedule();
    });
  }

  /** One step of each payer in turn, until the slice is used up. */
  #turn(): void {
    const endMs = this.#nowMs() + this.#sliceMs;
    do {
      const [entry] = this.#jobs;
      if (entry === undefined) return;
      const [payer, jobs] = entry;
      const goesOn = jobs[0]?.step() === true;
      if (!goesOn) jobs.shift();
      this.#jobs.delete(payer);
      if (jobs.length > 0) this.#jobs.set(payer, jobs);
    } while (this.#nowMs() < endMs);
  }
}

function asReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}

/** Every one of `items` in steps of `perStep`, for works whose single steps are too small to yield after each. */
export function* inSteps<T>(
  items: Iterable<T>,
  perStep: number,
  visit: (item: T) => void,
): Generator<void, void, void> {
  let sinceYield = 0;
  for (const item of items) {
    visit(item);
    sinceYield += 1;
    if (sinceYield < perStep) continue;
    sinceYield = 0;
    yield;
  }
}
