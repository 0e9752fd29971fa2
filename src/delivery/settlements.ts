import type { Clock } from "../clock.ts";
import type { Settlement } from "../store/feed.ts";
import type { DeliveryPlace } from "../store/store.ts";

/**
 * Lets who waits for a delivery look again as soon as something of it is recorded. Only a hint: a waiter looks now and then
 * all the same, because not every change of a delivery passes here, and none that another process makes.
 */
export class Settlements {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when something of that delivery was recorded, when `ms` have passed, or when `signal` aborts. */
  next(place: DeliveryPlace, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const key = keyOf(place);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set<() => void>();
      const finish = (): void => {
        cancel();
        signal.removeEventListener("abort", finish);
        waiting.delete(finish);
        if (waiting.size === 0) this.#waiting.delete(key);
        resolve();
      };
      const cancel = this.#clock.after(ms, finish);
      signal.addEventListener("abort", finish, { once: true });
      this.#waiting.set(key, waiting.add(finish));
    });
  }

  /** Wakes who waits for what was settled. */
  settled({ records }: Settlement): void {
    if (this.#waiting.size === 0) return;
    for (const record of records) {
      for (const look of this.#waiting.get(keyOf(record)) ?? []) look();
    }
  }
}

function keyOf({ sequence, subscription }: DeliveryPlace): string {
  return `${sequence}/${subscription}`;
}
