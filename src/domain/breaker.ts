/**
 * Leaves out a function that fails all the time, so that operations do not wait for it in vain.
 *
 * - `closed`: every call goes. Calls of the last minute are counted; when at least 20 of them ended and half of those failed, or five
 *   timeouts came in a row however long that took, it opens.
 * - `open`: no call goes, for 30 s.
 * - `half_open`: then one goes, the probe, and no other until it has ended. If it is well it closes and forgets; if not it opens
 *   again.
 *
 * Pure: the clock is handed in. The caller reports what the answer was: calls that were let go before it opened end while it is
 * open, and say nothing about a function that has been left alone since.
 */
import { defined } from "./defined.ts";

const windowMs = 60_000;
/** The window moves on by this much at a time. */
const bucketMs = 5_000;
const fewestCalls = 20;
const mostTimeouts = 5;
const openMs = 30_000;
/** Longer than any hook may run: a probe whose end was not reported by then counts as lost. */
const longestProbeMs = 330_000;
/** When to ask again while a probe is under way. */
const probeWaitMs = 1_000;

/** `timeout`: also one that stalled. `unknown`: it was not begun, or given up by who called; that says nothing. */
export type CallResult = "ok" | "failed" | "timeout" | "unknown";

type Admission = "go" | "probe" | { readonly openUntilMs: number };

interface BreakerState {
  readonly state: "closed" | "open" | "half_open";
  /** Calls of the last minute that ended, and how many of them failed. Of an open one: as they were when it opened. */
  readonly calls: number;
  readonly failures: number;
  readonly timeoutsInARow: number;
  /** Unless closed. */
  readonly opened?: { readonly reason: "failures" | "timeouts"; readonly sinceMs: number; readonly untilMs: number };
}

export class Breaker {
  readonly #window = new Window();
  #timeouts = 0;
  #opened: BreakerState["opened"];
  #probeSinceMs: number | undefined;

  /** Whether a call may go. Who is let go has to {@link record} how it ended. */
  admit(nowMs: number): Admission {
    const opened = this.#opened;
    if (opened === undefined) return "go";
    if (nowMs < opened.untilMs) return { openUntilMs: opened.untilMs };
    if (this.#probeSinceMs !== undefined && nowMs < this.#probeSinceMs + longestProbeMs) {
      return { openUntilMs: nowMs + probeWaitMs };
    }
    this.#probeSinceMs = nowMs;
    return "probe";
  }

  /** @returns what became of it by that, if anything. */
  record(admitted: "go" | "probe", result: CallResult, nowMs: number): "opened" | "closed" | undefined {
    if (admitted === "probe" && this.#probeSinceMs !== undefined) return this.#probed(result, nowMs);
    if (this.#opened !== undefined || result === "unknown") return undefined;
    this.#window.add(result !== "ok", nowMs);
    this.#timeouts = result === "timeout" ? this.#timeouts + 1 : 0;
    const { calls, failures } = this.#window.counts(nowMs);
    if (this.#timeouts >= mostTimeouts) return this.#open("timeouts", nowMs);
    return calls >= fewestCalls && 2 * failures >= calls ? this.#open("failures", nowMs) : undefined;
  }

  state(nowMs: number): BreakerState {
    const opened = this.#opened;
    const counts = this.#window.counts(opened?.sinceMs ?? nowMs);
    const state = opened === undefined ? "closed" : nowMs < opened.untilMs ? "open" : "half_open";
    return { state, ...counts, timeoutsInARow: this.#timeouts, ...defined({ opened }) };
  }

  #probed(result: CallResult, nowMs: number): "opened" | "closed" | undefined {
    this.#probeSinceMs = undefined;
    if (result === "unknown") return undefined;
    if (result !== "ok") return this.#open(this.#opened?.reason ?? "failures", nowMs);
    this.#opened = undefined;
    this.#timeouts = 0;
    this.#window.clear();
    return "closed";
  }

  #open(reason: "failures" | "timeouts", nowMs: number): "opened" {
    const sinceMs = this.#opened?.sinceMs ?? nowMs;
    this.#opened = { reason, sinceMs, untilMs: nowMs + openMs };
    return "opened";
  }
}

interface Bucket {
  /** Since 1970, in widths of a bucket. */
  readonly at: number;
  calls: number;
  failures: number;
}

/** Counts by time: a count may reach back up to one bucket less than the window. */
class Window {
  /** The oldest first; never more than the window holds. */
  #buckets: Bucket[] = [];

  add(failed: boolean, nowMs: number): void {
    const newest = this.#buckets.at(-1);
    // A clock that is set back does not go back here.
    const at = Math.max(Math.floor(nowMs / bucketMs), newest?.at ?? 0);
    this.#buckets = this.#buckets.filter((bucket) => at - bucket.at < windowMs / bucketMs);
    let bucket = newest;
    if (bucket?.at !== at) {
      bucket = { at, calls: 0, failures: 0 };
      this.#buckets.push(bucket);
    }
    bucket.calls++;
    if (failed) bucket.failures++;
  }

  counts(nowMs: number): { readonly calls: number; readonly failures: number } {
    const at = Math.floor(nowMs / bucketMs);
    const recent = this.#buckets.filter((bucket) => at - bucket.at < windowMs / bucketMs);
    return {
      calls: recent.reduce((sum, { calls }) => sum + calls, 0),
      failures: recent.reduce((sum, { failures }) => sum + failures, 0),
    };
  }

  clear(): void {
    this.#buckets = [];
  }
}

interface BreakersOptions {
  /** How many are kept at most. */
  readonly most?: number;
  /** How long an unused one is kept. */
  readonly idleMs?: number;
}

/** Breakers by key: of hooks `<subscription>/<version of the function>`, so that a new version begins anew. */
export class Breakers {
  readonly #most: number;
  readonly #idleMs: number;
  /** In the order in which they were asked for last. */
  readonly #kept = new Map<string, { readonly breaker: Breaker; askedMs: number }>();

  constructor({ most = 10_000, idleMs = 3_600_000 }: BreakersOptions = {}) {
    this.#most = most;
    this.#idleMs = idleMs;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The breaker of the key; a closed one for a key without recent calls. */
  of(key: string, nowMs: number): Breaker {
    const breaker = this.#kept.get(key)?.breaker ?? new Breaker();
    this.#kept.delete(key);
    this.#kept.set(key, { breaker, askedMs: nowMs });
    this.#forget(nowMs);
    return breaker;
  }

  /** As it is, without asking for it; closed and without calls when there were none lately. */
  state(key: string, nowMs: number): BreakerState {
    return (this.#kept.get(key)?.breaker ?? new Breaker()).state(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [key, { askedMs }] of this.#kept) {
      if (this.#kept.size <= this.#most && nowMs - askedMs < this.#idleMs) return;
      this.#kept.delete(key);
    }
  }
}
