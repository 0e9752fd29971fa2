import type { Clock } from "../clock.ts";
import { Heap } from "../domain/heap.ts";

/** Timers hold 31 bits; a longer wait is simply armed again. */
const longestTimerMs = 2_000_000_000;

/** Something that wants to be woken; `wakeMs` is when, the earliest if it asked more than once. */
export interface Sleeper {
  wakeMs: number | undefined;
}

/** Wakes many sleepers with one timer. */
export class Alarm<T extends Sleeper> {
  readonly #clock: Clock;
  readonly #ring: (sleeper: T) => void;
  readonly #queue = new Heap<{ readonly at: number; readonly sleeper: T }>();
  #cancel: (() => void) | undefined;
  #armedMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: (sleeper: T) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  set(sleeper: T, atMs: number): void {
    if (sleeper.wakeMs !== undefined && sleeper.wakeMs <= atMs) return;
    sleeper.wakeMs = atMs;
    this.#queue.push({ at: atMs, sleeper });
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#armedMs = Number.NEGATIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#queue.peek();
    if (next === undefined || next.at >= this.#armedMs) return;
    this.#cancel?.();
    this.#armedMs = next.at;
    const waitMs = Math.min(Math.max(0, next.at - this.#clock.steady()), longestTimerMs);
    this.#cancel = this.#clock.after(waitMs, () => this.#due());
  }

  #due(): void {
    this.#armedMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.steady();
    for (let next = this.#queue.peek(); next !== undefined && next.at <= nowMs; next = this.#queue.peek()) {
      this.#queue.pop();
      // An entry that is not the sleeper's earliest any more was overtaken.
      if (next.sleeper.wakeMs !== next.at) continue;
      next.sleeper.wakeMs = undefined;
      this.#ring(next.sleeper);
    }
    this.#arm();
  }
}
