import { SignalboxError } from "../errors.ts";
import { type BudgetLimits, CpuBudget } from "./cpu-budget.ts";

/**
 * Work whose size a caller chooses, done a little in each turn of the loop.
 *
 * A work is a generator that yields wherever it may be interrupted. All works of the process together get {@link defaultSliceMs} of each
 * turn, so that requests, deliveries and timers are served in between, however many works there are. Payers (tenants, as a rule) take turns;
 * within a payer the works are done one after the other, so a payer that brings much work delays itself. One that brings work without end
 * would still make every turn of the loop longer by a slice: so each has a budget, and rests when it is used up.
 */

/** Share of one turn of the loop that all works together get; the step at hand is finished, so steps should take less than this. */
const defaultSliceMs = 1;
/** Works that one payer may have waiting; one that comes on top is refused. */
const defaultMaxWaiting = 64;
/** Of the one thread that all share: what a payer that never stops leaves to the others is more than two thirds of it. */
const defaultBudget: BudgetLimits = { burstMs: 300, perSecondMs: 300 };
/** When so many payers without work are known, and twice what was left the last time, those that owe nothing are forgotten. */
const sweepAtPayers = 1_024;

interface SlicesOptions {
  /** In milliseconds; {@link defaultSliceMs} by default. */
  readonly sliceMs?: number;
  /** {@link defaultMaxWaiting} by default. */
  readonly maxWaiting?: number;
  /** What each payer's works may take of the loop; {@link defaultBudget} by default. */
  readonly budget?: BudgetLimits;
  /** Milliseconds of a monotonic clock; `performance.now` by default. */
  readonly nowMs?: () => number;
}

interface Job {
  /** Runs to the next yield. False when the work is done, failed or given up. */
  step(): boolean;
}

interface Payer {
  /** The first is under way, or next. */
  readonly jobs: Job[];
  readonly budget: CpuBudget;
}

export class Slices {
  readonly #sliceMs: number;
  readonly #maxWaiting: number;
  readonly #budget: BudgetLimits;
  readonly #nowMs: () => number;
  /** Payers with jobs, in the order in which they get their turn: the first is next. */
  readonly #busy = new Map<string, Payer>();
  /** Payers without jobs that may owe something still. */
  readonly #idle = new Map<string, Payer>();
  #sweepAt = sweepAtPayers;
  #scheduled = false;
  /** Runs when the first of the payers that rest may go on, if all of them rest. */
  #rest: NodeJS.Timeout | undefined;

  constructor({ sliceMs = defaultSliceMs, maxWaiting = defaultMaxWaiting, budget, nowMs }: SlicesOptions = {}) {
    this.#sliceMs = sliceMs;
    this.#maxWaiting = maxWaiting;
    this.#budget = budget ?? defaultBudget;
    this.#nowMs = nowMs ?? (() => performance.now());
  }

  /** Works that wait or are under way, of one payer or of all. */
  waiting(payer?: string): number {
    if (payer !== undefined) return this.#busy.get(payer)?.jobs.length ?? 0;
    return [...this.#busy.values()].reduce((sum, { jobs }) => sum + jobs.length, 0);
  }

  /** Whether one more work of this payer would be taken now. */
  hasRoom(payer: string): boolean {
    return this.waiting(payer) < this.#maxWaiting;
  }

  /**
   * Resolves with what `work` returns and rejects with what it throws. The first step is taken in a later turn of the loop.
   *
   * @param payer whose turn it uses up: a tenant, or `anonymous`.
   * @throws SignalboxError `too_many_requests` when this payer has too many works waiting; `signal.reason` once `signal` aborts, and the
   *   work's `finally` blocks run.
   */
  run<T>(payer: string, work: Generator<void, T, void>, signal?: AbortSignal): Promise<T> {
    const waiting = this.waiting(payer);
    if (waiting >= this.#maxWaiting) {
      const message = `${waiting} costly requests of this tenant are waiting already: try again when some have been answered`;
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
      this.#withWork(payer).jobs.push({ step });
      this.#schedule();
    });
  }

  #withWork(name: string): Payer {
    const busy = this.#busy.get(name);
    if (busy !== undefined) return busy;
    const payer = this.#idle.get(name) ?? { jobs: [], budget: new CpuBudget(this.#budget, this.#nowMs()) };
    this.#idle.delete(name);
    this.#busy.set(name, payer);
    return payer;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    clearTimeout(this.#rest);
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  /** One step of each payer in turn, until the slice is used up; and when the next turn is. */
  #turn(): void {
    let nowMs = this.#nowMs();
    const endMs = nowMs + this.#sliceMs;
    do {
      const [name, payer] = this.#next(nowMs) ?? [];
      if (name === undefined || payer === undefined) return this.#restUntilReady(nowMs);
      const goesOn = payer.jobs[0]?.step() === true;
      const doneMs = this.#nowMs();
      payer.budget.spend(doneMs - nowMs, doneMs);
      nowMs = doneMs;
      if (!goesOn) payer.jobs.shift();
      this.#busy.delete(name);
      if (payer.jobs.length > 0) this.#busy.set(name, payer);
      else this.#keepIdle(name, payer, nowMs);
    } while (nowMs < endMs);
    if (this.#busy.size > 0) this.#schedule();
  }

  /** The first of the payers that does not rest. */
  #next(nowMs: number): [string, Payer] | undefined {
    for (const entry of this.#busy) if (entry[1].budget.waitMs(nowMs) === 0) return entry;
    return undefined;
  }

  #restUntilReady(nowMs: number): void {
    if (this.#busy.size === 0) return;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const { budget } of this.#busy.values()) soonestMs = Math.min(soonestMs, budget.waitMs(nowMs));
    this.#rest = setTimeout(() => this.#schedule(), soonestMs);
  }

  /** What a payer owes is remembered while it has no work. */
  #keepIdle(name: string, payer: Payer, nowMs: number): void {
    this.#idle.set(name, payer);
    if (this.#idle.size < this.#sweepAt) return;
    for (const [other, { budget }] of this.#idle) if (budget.isUnused(nowMs)) this.#idle.delete(other);
    this.#sweepAt = Math.max(sweepAtPayers, 2 * this.#idle.size);
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
