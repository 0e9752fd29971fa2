import { randomBytes } from "node:crypto";

/** Time and dice, handed in wherever they are needed so that tests own them. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /**
   * Whole milliseconds on the same scale, as {@link now} was when the process began and as time has passed since: it goes on evenly, whatever the
   * clock is set to. For waits, and whatever else is a difference of two times.
   */
  steady(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  /** `n` unpredictable bytes. */
  bytes(n: number): Uint8Array;
  /** Calls `run` once after `ms`; the returned function cancels it. Never keeps a process alive by itself. */
  after(ms: number, run: () => void): () => void;
}

/** Random bytes are asked for in small pieces and drawn in large ones: a system call for each id would cost more than the id. */
function bytePool(): (n: number) => Uint8Array {
  const size = 8_192;
  let pool = randomBytes(size);
  let used = 0;
  return (n) => {
    if (n > size) return randomBytes(n);
    if (used + n > size) {
      pool = randomBytes(size);
      used = 0;
    }
    used += n;
    return pool.subarray(used - n, used);
  };
}

/** Where a thread's clock begins. */
export interface ClockOrigin {
  /** On the scale of {@link Clock.steady}, when the thread's `performance.now()` was 0. */
  readonly steadyMs: number;
  /** The same on a scale that all threads of a process have in common. */
  readonly sharedMs: number;
}

/** Of this thread. Asking for the origin of time costs as much as asking for the time, and it never changes. */
export const clockOrigin: ClockOrigin = {
  steadyMs: performance.timeOrigin,
  sharedMs: Number(process.hrtime.bigint()) / 1e6 - performance.now(),
};

/** The real clock, as the thread shows it whose origin is given. */
export function systemClockOf({ steadyMs, sharedMs }: ClockOrigin): Clock {
  const originMs = steadyMs + (clockOrigin.sharedMs - sharedMs);
  return {
    now: () => Date.now(),
    steady: () => Math.floor(originMs + performance.now()),
    random: () => Math.random(),
    bytes: bytePool(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

export const systemClock: Clock = systemClockOf(clockOrigin);

/** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
