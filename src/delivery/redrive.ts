import { sleep } from "../clock.ts";
import type { Uuid } from "../domain/ids.ts";
import { asError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Store } from "../store/store.ts";

type RedriveContext = Pick<Ports, "cluster" | "clock" | "log"> & {
  readonly store: Pick<Store, "redrives">;
  /** Tells the deliverer, on each node, that a subscription has something due. */
  readonly wake: (subscription: number) => void;
};

/** Dead letters in one step, which is one commit. */
const stepSize = 500;
const againMs = 1_000;

/**
 * Sends dead letters again, as jobs in the store: each step is one commit that moves some of them to `waiting` and remembers
 * how far it got, so a job that a crash interrupted goes on at the next start and drives nothing twice.
 */
export class Redriver {
  readonly #context: RedriveContext;
  readonly #stop = new AbortController();
  readonly #running = new Map<Uuid, Promise<void>>();

  constructor(context: RedriveContext) {
    this.#context = context;
  }

  /** Goes on with the jobs that others left: the last process, or a node that is over. */
  async start(): Promise<void> {
    for (const { uuid } of await this.#context.store.redrives.runningRedrives()) this.run(uuid);
  }

  /** Begins a job that is in the store, unless it has begun it. */
  run(uuid: Uuid): void {
    const { cluster } = this.#context;
    if (this.#running.has(uuid) || this.#stop.signal.aborted) return;
    const running = cluster
      .own(`redrive/${uuid}`, (signal) => this.#steps(uuid, signal), this.#stop.signal)
      .finally(() => this.#running.delete(uuid));
    this.#running.set(uuid, running);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #steps(uuid: Uuid, signal: AbortSignal): Promise<void> {
    const { store, wake, clock, log } = this.#context;
    while (!signal.aborted) {
      try {
        const { state, subscriptions, waitMs } = await store.redrives.advanceRedrive(uuid, {
          max: stepSize,
          nowMs: clock.steady(),
        });
        for (const subscription of subscriptions) wake(subscription);
        if (state === "done") return;
        if (waitMs !== undefined) await sleep(clock, waitMs, signal);
      } catch (thrown) {
        log.error({ redrive: uuid, error: asError(thrown).message }, "a redrive step failed; trying again");
        await sleep(clock, againMs, signal);
      }
    }
  }
}
