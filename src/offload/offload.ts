import type { Clock } from "../clock.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type BudgetLimits, CpuBudget } from "../pace/cpu-budget.ts";
import type { TaskMessage } from "./messages.ts";
import type { TaskInput, TaskName, TaskOutput } from "./tasks.ts";
import { type TaskEnd, Thread } from "./thread.ts";

/** Work for the processor that cannot be sliced, done in threads beside the one that all share. */
export interface Offload extends AsyncDisposable {
  /**
   * Runs a task in a thread, after what the same payer asked before and in turn with other payers. At most one of a payer runs at
   * once, and one that used up its share of the processor waits without delaying others.
   *
   * @param payer who pays for it: a tenant.
   * @throws SignalboxError what the task throws; `invalid_request` about `work.field` when it takes more than the time limit or more
   * memory than a thread has; `too_many_requests` when the payer has too many waiting, or one waited for too long; `unavailable` when
   * the server stops, or `signal` aborts.
   */
  run<Name extends TaskName>(payer: string, work: Work<Name>, options?: WorkOptions): Promise<TaskOutput<Name>>;
}

interface Work<Name extends TaskName> {
  readonly task: Name;
  readonly input: TaskInput<Name>;
  /** What of the request it is about, for the answer when it costs too much: `schema`. */
  readonly field: string;
}

interface WorkOptions {
  /** How long it may run. Default 10,000 ms: what tasks bound by themselves is far less, so that a busy machine refuses nothing. */
  readonly timeoutMs?: number;
  /** The caller went away: what has not begun is dropped; what runs goes on to its end, and is paid for. */
  readonly signal?: AbortSignal;
}

interface OffloadOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The module that threads run. Default `worker.ts` beside this one. */
  readonly file?: URL;
  /** Of the processor, by payer. Default 3,000 ms at once, and a quarter of one processor after that. */
  readonly budget?: BudgetLimits;
}

const limits = {
  /** One payer has at most one of them. */
  threads: 2,
  waitingPerPayer: 64,
  /** Of all payers. */
  waiting: 1_024,
  waitMs: 30_000,
  runMs: 10_000,
  /** Threads end when there was nothing to do for so long: each keeps some 30 MiB. */
  idleMs: 60_000,
  budget: { burstMs: 3_000, perSecondMs: 250 },
} as const;

interface Waiting {
  readonly ask: TaskMessage;
  readonly field: string;
  readonly limitMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly forget: () => void;
}

interface Payer {
  readonly waiting: Set<Waiting>;
  readonly budget: CpuBudget;
  busy: boolean;
}

/** A pool of threads that start when they are needed. */
export function offload(options: OffloadOptions): Offload {
  return new ThreadPool(options);
}

class ThreadPool implements Offload {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #file: URL;
  readonly #budget: BudgetLimits;
  /** In the order in which they get their turn. */
  readonly #payers = new Map<string, Payer>();
  readonly #idle: Thread[] = [];
  readonly #threads = new Set<Thread>();
  #running = 0;
  #waiting = 0;
  #cancelRetry: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #closed = false;

  constructor({ clock, log, file, budget = limits.budget }: OffloadOptions) {
    this.#budget = budget;
    this.#clock = clock;
    this.#log = log;
    // Next to this file is TypeScript when run from source, JavaScript in the published package.
    this.#file = file ?? new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
  }

  run<Name extends TaskName>(
    payer: string,
    { task, input, field }: Work<Name>,
    { timeoutMs: limitMs = limits.runMs, signal }: WorkOptions = {},
  ): Promise<TaskOutput<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(stopped());
      if (signal?.aborted === true) return reject(gone());
      const account = this.#account(payer);
      if (account.waiting.size >= limits.waitingPerPayer || this.#waiting >= limits.waiting) return reject(crowded());
      const drop = (error: Error): void => {
        if (!account.waiting.delete(waiting)) return;
        this.#waiting -= 1;
        waiting.forget();
        reject(error);
      };
      const left = (): void => drop(gone());
      const cancelWait = this.#clock.after(limits.waitMs, () => drop(crowded()));
      signal?.addEventListener("abort", left, { once: true });
      const waiting: Waiting = {
        ask: { task, input },
        field,
        limitMs,
        // What a task gives back is of its type: both sides are of this version.
        resolve: (value) => resolve(value as TaskOutput<Name>),
        reject,
        forget: () => {
          cancelWait();
          signal?.removeEventListener("abort", left);
        },
      };
      account.waiting.add(waiting);
      this.#waiting += 1;
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelIdle?.();
    for (const { waiting } of this.#payers.values()) {
      for (const one of waiting) {
        one.forget();
        one.reject(stopped());
      }
    }
    this.#payers.clear();
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #account(name: string): Payer {
    const known = this.#payers.get(name);
    if (known !== undefined) return known;
    const payer: Payer = {
      waiting: new Set(),
      budget: new CpuBudget(this.#budget, this.#clock.steady()),
      busy: false,
    };
    this.#payers.set(name, payer);
    return payer;
  }

  /** Gives free threads to the next payers in turn. */
  #next(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#closed) return;
    const nowMs = this.#clock.steady();
    let soonestMs = Number.POSITIVE_INFINITY;
    // As they are now: who gets a turn is put behind the others.
    const inTurn = [...this.#payers];
    for (const [name, payer] of inTurn) {
      if (this.#running >= limits.threads) return;
      const [first] = payer.waiting;
      if (payer.busy) continue;
      if (first === undefined) {
        if (payer.budget.isUnused(nowMs)) this.#payers.delete(name);
        continue;
      }
      const waitMs = payer.budget.waitMs(nowMs);
      if (waitMs > 0) {
        soonestMs = Math.min(soonestMs, waitMs);
        continue;
      }
      // Behind all others, for its next turn.
      this.#payers.delete(name);
      this.#payers.set(name, payer);
      payer.waiting.delete(first);
      this.#waiting -= 1;
      first.forget();
      void this.#runOne(payer, first);
    }
    if (soonestMs < Number.POSITIVE_INFINITY) this.#cancelRetry = this.#clock.after(soonestMs, () => this.#next());
    if (this.#running === 0) this.#endLater();
  }

  async #runOne(payer: Payer, work: Waiting): Promise<void> {
    payer.busy = true;
    this.#running += 1;
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    const thread = this.#idleOne() ?? this.#start();
    const ended = await thread.run(work.ask, work.limitMs);
    if (thread.isGone) this.#threads.delete(thread);
    else this.#idle.push(thread);
    this.#running -= 1;
    payer.busy = false;
    payer.budget.spend(costOf(ended, work.limitMs), this.#clock.steady());
    this.#settle(work, ended);
    this.#next();
  }

  #idleOne(): Thread | undefined {
    const thread = this.#idle.pop();
    if (thread === undefined || !thread.isGone) return thread;
    this.#threads.delete(thread);
    return this.#idleOne();
  }

  #start(): Thread {
    const thread = new Thread(this.#file, this.#clock);
    this.#threads.add(thread);
    return thread;
  }

  #settle({ ask, field, limitMs, resolve, reject }: Waiting, ended: TaskEnd): void {
    switch (ended.kind) {
      case "done":
        return resolve(ended.value);
      case "threw": {
        const { code, message, fields } = ended.thrown;
        return reject(code === undefined ? new Error(message) : new SignalboxError(code, message, { fields }));
      }
      case "too_slow":
        return reject(invalidField(field, `took longer than ${limitMs} ms to work on: ${remedy}`));
      case "too_much_memory":
        return reject(invalidField(field, `took too much memory to work on: ${remedy}`));
      case "gone": {
        if (this.#closed) return reject(stopped());
        this.#log.error({ task: ask.task, error: ended.error.message }, "a thread of the pool ended by itself");
        return reject(new SignalboxError("internal", "the work was cut off: try again", { cause: ended.error }));
      }
      default:
        return ended satisfies never;
    }
  }

  #endLater(): void {
    if (this.#idle.length === 0 || this.#cancelIdle !== undefined) return;
    this.#cancelIdle = this.#clock.after(limits.idleMs, () => {
      this.#cancelIdle = undefined;
      for (const thread of this.#idle.splice(0)) {
        this.#threads.delete(thread);
        void thread.end();
      }
    });
  }
}

const remedy = "send less, or something simpler";

function costOf(ended: TaskEnd, limitMs: number): number {
  if (ended.kind === "done" || ended.kind === "threw") return ended.cpuMs;
  return ended.kind === "gone" ? 0 : limitMs;
}

function stopped(): Error {
  return new SignalboxError("unavailable", "the server is stopping: try again");
}

function gone(): Error {
  return new SignalboxError("unavailable", "the caller went away");
}

function crowded(): Error {
  return new SignalboxError(
    "too_many_requests",
    "too much of this tenant's work waits to be done already: send fewer requests at once, and try again",
  );
}
