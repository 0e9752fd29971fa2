import type { Context } from "../../context.ts";

/** After the first time, and then twice as long, and so on. */
const firstMs = 1_000;
const longestMs = 300_000;
/** More are left to the next start: what is not known of so many will not be known of the next. */
const mostWaiting = 10_000;

interface Asking {
  readonly stopping: AbortSignal;
  /** How many may be asked about at once. */
  readonly atOnce: number;
  /** Resolves with whether that settled it. Never rejects. */
  readonly ask: (operation: string) => Promise<boolean>;
}

/** Asks about operations again and again, less and less often, until each is settled or the process stops. */
export class AskAgain {
  readonly #clock: Context["clock"];
  readonly #asks: Asking;
  /** What is waited for next, by operation. */
  readonly #waitMs = new Map<string, number>();
  readonly #due: string[] = [];
  readonly #timers = new Set<() => void>();
  #asking = 0;

  constructor({ clock }: Pick<Context, "clock">, asks: Asking) {
    this.#clock = clock;
    this.#asks = asks;
    const cancelAll = (): void => {
      for (const cancel of this.#timers) cancel();
      this.#timers.clear();
    };
    asks.stopping.addEventListener("abort", cancelAll, { once: true });
  }

  /** It was asked about just now, without an answer. */
  later(operation: string): void {
    if (this.#asks.stopping.aborted || this.#waitMs.has(operation) || this.#waitMs.size >= mostWaiting) return;
    this.#wait(operation, firstMs);
  }

  #wait(operation: string, ms: number): void {
    this.#waitMs.set(operation, ms);
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      this.#due.push(operation);
      void this.#askDue();
    });
    this.#timers.add(cancel);
  }

  async #askDue(): Promise<void> {
    const { stopping, atOnce, ask } = this.#asks;
    if (this.#asking >= atOnce) return;
    this.#asking += 1;
    for (let next = this.#due.shift(); next !== undefined && !stopping.aborted; next = this.#due.shift()) {
      const isSettled = await ask(next);
      const waitedMs = this.#waitMs.get(next) ?? firstMs;
      if (isSettled || stopping.aborted) this.#waitMs.delete(next);
      else this.#wait(next, Math.min(2 * waitedMs, longestMs));
    }
    this.#asking -= 1;
  }
}
