import type { Clock } from "../clock.ts";

interface MailSlotLimits {
  /** How many have their turn at once. */
  readonly atOnce: number;
  /** How many more may wait for it; the next one is refused at once. */
  readonly waiting: number;
  /** For so long, in milliseconds. */
  readonly waitMs: number;
}

/** `turn`: to be ended by {@link MailSemaphore.end}. `full`: too many wait. `late`: it has waited for too long. */
export type MailSlot = "turn" | "full" | "late" | "cancelled";

/** A bounded line in which each caller gets a turn, or learns soon that there is none. In order of arrival. */
export class MailSemaphore {
  readonly #clock: Clock;
  readonly #limits: MailSlotLimits;
  readonly #waiting = new Set<(turn: MailSlot) => void>();
  #running = 0;

  constructor(clock: Clock, limits: MailSlotLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  take(signal: AbortSignal): Promise<MailSlot> {
    if (signal.aborted) return Promise.resolve("cancelled");
    if (this.#running < this.#limits.atOnce) {
      this.#running += 1;
      return Promise.resolve("turn");
    }
    if (this.#waiting.size >= this.#limits.waiting) return Promise.resolve("full");
    return new Promise((resolve) => {
      const tell = (turn: MailSlot): void => {
        this.#waiting.delete(tell);
        cancelTimer();
        signal.removeEventListener("abort", cancelled);
        resolve(turn);
      };
      const cancelled = (): void => tell("cancelled");
      const cancelTimer = this.#clock.after(this.#limits.waitMs, () => tell("late"));
      signal.addEventListener("abort", cancelled, { once: true });
      this.#waiting.add(tell);
    });
  }

  /** Gives the turn that ends to who has waited longest. */
  end(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else next("turn");
  }
}
