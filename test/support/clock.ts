import type { Clock } from "../../src/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on and runs what falls due, in order, each at its own time; also what those set for before the end. */
  advance(ms: number): void;
  /** Sets what it shows, as an administrator does: no time passes by that. */
  set(ms: number): void;
  /** A process begins: what passes evenly begins with what is shown. */
  begin(): void;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  dueMs: number;
  readonly run: () => void;
}

/** A clock that moves only when told to. Its dice always show `random` (default 0.5); its bytes never repeat. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1), random = 0.5): FakeClock {
  let nowMs = startMs;
  /** What is shown is so much later than the time that passes evenly. */
  let aheadMs = 0;
  let given = 0;
  const timers = new Set<Timer>();

  /** The earliest timer due by `endMs`; of several at one time the one set first. */
  const nextBy = (endMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };

  return {
    now: () => nowMs + aheadMs,
    steady: () => nowMs,
    set: (ms) => {
      aheadMs = ms - nowMs;
    },
    begin: () => {
      const later = aheadMs;
      nowMs += later;
      aheadMs = 0;
      for (const timer of timers) timer.dueMs += later;
    },
    random: () => random,
    bytes: (n) => {
      given += 1;
      const count = given;
      return Uint8Array.from({ length: n }, (_, index) => count >>> (8 * (index % 4)));
    },
    after: (ms, run) => {
      const timer = { dueMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (let timer = nextBy(endMs); timer !== undefined; timer = nextBy(endMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
      }
      nowMs = endMs;
    },
    get pending() {
      return timers.size;
    },
  };
}
