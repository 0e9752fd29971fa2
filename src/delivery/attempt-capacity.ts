/** Attempts that run for longer than this are slow: their target may hang. */
const slowAfterMs = 1_000;

/** An attempt under way. */
export interface RunningAttempt {
  readonly startedMs: number;
  readonly bytes: number;
  slow: boolean;
  over: boolean;
}

interface AttemptCapacityLimits {
  readonly quick: number;
  readonly slow: number;
  readonly quickBytes: number;
  readonly slowBytes: number;
}

/**
 * How many attempts run at once in all, and how many bytes their events may take. Those that have just begun count against one limit, and those that have run for more
 * than a second against another: targets that hang fill the second, so the first is always free again within a second, and
 * no healthy target waits for a sick one.
 */
export class AttemptCapacity {
  readonly #limits: AttemptCapacityLimits;
  /** In order of start. */
  #young: RunningAttempt[] = [];
  #head = 0;
  #quick = 0;
  #slow = 0;
  #quickBytes = 0;
  #slowBytes = 0;

  constructor(limits: Partial<AttemptCapacityLimits> = {}) {
    this.#limits = { quick: 1_024, slow: 4_096, quickBytes: 16 * 2 ** 20, slowBytes: 32 * 2 ** 20, ...limits };
  }

  begin(nowMs: number, bytes = 0): RunningAttempt {
    const attempt = { startedMs: nowMs, bytes, slow: false, over: false };
    this.#young.push(attempt);
    this.#quick += 1;
    this.#quickBytes += bytes;
    return attempt;
  }

  end(attempt: RunningAttempt): void {
    attempt.over = true;
    if (attempt.slow) {
      this.#slow -= 1;
      this.#slowBytes -= attempt.bytes;
    } else {
      this.#quick -= 1;
      this.#quickBytes -= attempt.bytes;
    }
  }

  /** How many more may begin now. */
  room(nowMs: number): number {
    for (;;) {
      const attempt = this.#young[this.#head];
      if (attempt === undefined || (!attempt.over && nowMs - attempt.startedMs < slowAfterMs)) break;
      this.#head += 1;
      if (attempt.over) continue;
      attempt.slow = true;
      this.#quick -= 1;
      this.#slow += 1;
      this.#quickBytes -= attempt.bytes;
      this.#slowBytes += attempt.bytes;
    }
    if (this.#head > 4_096) {
      this.#young = this.#young.slice(this.#head);
      this.#head = 0;
    }
    if (this.#quickBytes >= this.#limits.quickBytes) return 0;
    return Math.max(0, this.#limits.quick - this.#quick);
  }

  /** So many attempts hang that no target which has not answered lately gets another. */
  get saturated(): boolean {
    return this.#slow >= this.#limits.slow || this.#slowBytes >= this.#limits.slowBytes;
  }

  get bytesUnderWay(): number {
    return this.#quickBytes + this.#slowBytes;
  }

  get underWay(): number {
    return this.#quick + this.#slow;
  }
}
