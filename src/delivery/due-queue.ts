import type { Clock } from "../clock.ts";
import { Heap } from "../domain/heap.ts";

/** Timers hold 31 bits; a longer wait is simply armed again. */
const longestTimerMs = 2_000_000_000;

/** Wakes many sleepers with one timer. */
export class DueQueue<T> {
  readonly #clock: Clock;
  readonly #onDue: (item: T) => void;
  /** The earliest that each has asked for. */
  readonly #earliest = new Map<T, number>();
  readonly #queue = new Heap<{ readonly at: number; readonly item: T }>();
  #cancel: (() => void) | undefined;
  #armedMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (item: T) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Whether it is to be woken. */
  has(item: T): boolean {
    return this.#earliest.has(item);
  }

  set(item: T, atMs: number): void {
    if ((this.#earliest.get(item) ?? Number.POSITIVE_INFINITY) <= atMs) return;
    this.#earliest.set(item, atMs);
    this.#queue.push({ at: atMs, item });
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
      // An entry that is not the item's earliest any more was overtaken.
      if (this.#earliest.get(next.item) !== next.at) continue;
      this.#earliest.delete(next.item);
      this.#onDue(next.item);
    }
    this.#arm();
  }
}
