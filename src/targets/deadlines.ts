import type { Clock } from "../clock.ts";

/** Something that must have ended by a time. */
export interface Timed {
  /** From its begin: those that began earlier are added earlier. */
  readonly timeoutMs: number;
  /** Of the steady clock. */
  readonly dueMs: number;
  tooLate(): void;
}

/** Those that may take equally long, in the order of their begin. */
interface Line<T> {
  readonly members: Set<T>;
  cancel: () => void;
}

/**
 * What is under way, and when it must have ended. Those that may take equally long fall due in the order in which they began: so one
 * timer is enough for all of them, and it looks at the first.
 */
export class Deadlines<T extends Timed> {
  readonly #clock: Clock;
  readonly #lines = new Map<number, Line<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(timed: T): void {
    const { timeoutMs } = timed;
    const line = this.#lines.get(timeoutMs);
    if (line !== undefined) return void line.members.add(timed);
    // It may be late already: who hands it over may have been held up.
    const ms = Math.max(0, timed.dueMs - this.#clock.steady());
    const cancel = this.#clock.after(ms, () => this.#look(timeoutMs));
    this.#lines.set(timeoutMs, { members: new Set([timed]), cancel });
  }

  delete(timed: T): void {
    const line = this.#lines.get(timed.timeoutMs);
    if (line === undefined || !line.members.delete(timed) || line.members.size > 0) return;
    line.cancel();
    this.#lines.delete(timed.timeoutMs);
  }

  /** All that is under way, as it is now. */
  all(): readonly T[] {
    return [...this.#lines.values()].flatMap(({ members }) => [...members]);
  }

  #look(timeoutMs: number): void {
    const line = this.#lines.get(timeoutMs);
    if (line === undefined) return;
    const nowMs = this.#clock.steady();
    const late: T[] = [];
    let next: T | undefined;
    for (const timed of line.members) {
      if (timed.dueMs > nowMs) {
        next = timed;
        break;
      }
      late.push(timed);
    }
    // All of this before any of them ends, which may begin others.
    for (const timed of late) line.members.delete(timed);
    if (next === undefined) this.#lines.delete(timeoutMs);
    else line.cancel = this.#clock.after(next.dueMs - nowMs, () => this.#look(timeoutMs));
    for (const timed of late) timed.tooLate();
  }
}
