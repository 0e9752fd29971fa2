import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { TaskMessage, TaskReply } from "./messages.ts";

/** How a run ended: as the task did, or with the thread. */
export type TaskEnd =
  | Exclude<TaskReply, { readonly kind: "ready" }>
  | { readonly kind: "too_slow" }
  | { readonly kind: "too_much_memory" }
  /** It could not be started, or was ended. */
  | { readonly kind: "gone"; readonly error: Error };

/** Of one thread. A schema of the allowed size takes some 20 MiB to compile. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/**
 * starting ──ready──▸ idle ⇄ running; each of them ──▸ gone, when the thread ends or is ended.
 *
 * One thread, which runs one task at a time. Only while it runs one does it keep the process alive.
 */
export class Thread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #ready = Promise.withResolvers<void>();
  #finish: ((ended: TaskEnd) => void) | undefined;
  #gone: Error | undefined;

  constructor(file: URL, clock: Clock) {
    this.#clock = clock;
    this.#worker = new Worker(file, { resourceLimits, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (reply: TaskReply) => this.#replied(reply));
    this.#worker.on("error", (error) => this.#ended(error));
    this.#worker.on("exit", () => this.#ended(new Error("the thread ended")));
  }

  /** Whether it may be asked again. */
  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** Runs a task, for at most `limitMs` from when the thread takes it up: then the thread is ended. Never rejects. */
  async run(ask: TaskMessage, limitMs: number): Promise<TaskEnd> {
    this.#worker.ref();
    await this.#ready.promise;
    if (this.#gone !== undefined) return { kind: "gone", error: this.#gone };
    const { promise, resolve } = Promise.withResolvers<TaskEnd>();
    this.#finish = resolve;
    const cancel = this.#clock.after(limitMs, () => {
      // An answer that came while this thread was busy is taken before.
      setImmediate(() => {
        if (this.#finish === resolve) this.#end({ kind: "too_slow" });
      });
    });
    try {
      this.#worker.postMessage(ask);
      return await promise;
    } finally {
      cancel();
      this.#worker.unref();
    }
  }

  /** Ends it, whatever it does. Idempotent. */
  async end(): Promise<void> {
    this.#ended(new Error("the thread was ended"));
    await this.#worker.terminate();
  }

  #replied(reply: TaskReply): void {
    if (reply.kind === "ready") this.#ready.resolve();
    else this.#settle(reply);
  }

  #ended(error: NodeJS.ErrnoException): void {
    this.#end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? { kind: "too_much_memory" } : { kind: "gone", error }, error);
  }

  #end(ended: TaskEnd, error = new Error("the thread was ended")): void {
    this.#gone ??= error;
    void this.#worker.terminate();
    this.#settle(ended);
    this.#ready.resolve();
  }

  #settle(ended: TaskEnd): void {
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.(ended);
  }
}
