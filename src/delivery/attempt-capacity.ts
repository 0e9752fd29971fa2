/** Attempts that run for longer than this are slow: their target may hang. */
const slowAfterMs = 1_000;

/** Small ones of large batches take more memory than their bytes. */
const mostEvents = { quickEvents: 16_384, slowEvents: 32_768 };

/** An attempt under way. */
export interface RunningAttempt {
  readonly startedMs: number;
  readonly bytes: number;
  /** In its request. */
  readonly events: number;
  slow: boolean;
  over: boolean;
}

interface AttemptCapacityLimits {
  readonly quick: number;
  readonly slow: number;
  readonly quickBytes: number;
  readonly slowBytes: number;
  readonly quickEvents: number;
  readonly slowEvents: number;
}

/**
 * How many attempts run at once in all, and how many events and bytes may be in them. Those that have just begun count against one limit, and those that have run for more
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
  #quickEvents = 0;
  #slowEvents = 0;

  constructor(limits: Partial<AttemptCapacityLimits> = {}) {
    this.#limits = {
      quick: 1_024,
      slow: 4_096,
      quickBytes: 16 * 2 ** 20,
      slowBytes: 32 * 2 ** 20,
      ...mostEvents,
      ...limits,
    };
  }

  begin(nowMs: number, bytes = 0, events = 1): RunningAttempt {
    const attempt = { startedMs: nowMs, bytes, events, slow: false, over: false };
    this.#young.push(attempt);
    this.#quick += 1;
    this.#quickBytes += bytes;
    this.#quickEvents += events;
    return attempt;
  }

  end(attempt: RunningAttempt): void {
    attempt.over = true;
    if (attempt.slow) {
      this.#slow -= 1;
      this.#slowBytes -= attempt.bytes;
      this.#slowEvents -= attempt.events;
    } else {
      this.#quick -= 1;
      this.#quickBytes -= attempt.bytes;
      this.#quickEvents -= attempt.events;
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
      this.#quickEvents -= attempt.events;
      this.#slowEvents += attempt.events;
    }
    if (this.#head > 4_096) {
      this.#young = this.#young.slice(this.#head);
      this.#head = 0;
    }
    if (this.#quickBytes >= this.#limits.quickBytes || this.#quickEvents >= this.#limits.quickEvents) return 0;
    return Math.max(0, this.#limits.quick - this.#quick);
  }

  /** So many attempts hang that no target which has not answered lately gets another. */
  get saturated(): boolean {
    const { slow, slowBytes, slowEvents } = this.#limits;
    return this.#slow >= slow || this.#slowBytes >= slowBytes || this.#slowEvents >= slowEvents;
  }

  get bytesUnderWay(): number {
    return this.#quickBytes + this.#slowBytes;
  }

  get underWay(): number {
    return this.#quick + this.#slow;
  }

  /** In attempts that are under way. */
  get eventsUnderWay(): number {
    return this.#quickEvents + this.#slowEvents;
  }
}
