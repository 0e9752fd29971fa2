/** Attempts that run for longer than this are slow: their target may hang. */
const slowAfterMs = 1_000;

/** An attempt under way. */
export interface Trip {
  readonly startedMs: number;
  slow: boolean;
  over: boolean;
}

/**
 * How many attempts run at once in all. Those that have just begun count against one limit, and those that have run for more
 * than a second against another: targets that hang fill the second, so the first is always free again within a second, and
 * no healthy target waits for a sick one.
 */
export class Traffic {
  readonly #limits: { readonly quick: number; readonly slow: number };
  /** In order of start. */
  #young: Trip[] = [];
  #head = 0;
  #quick = 0;
  #slow = 0;

  constructor(limits: { readonly quick: number; readonly slow: number } = { quick: 1_024, slow: 4_096 }) {
    this.#limits = limits;
  }

  begin(nowMs: number): Trip {
    const trip = { startedMs: nowMs, slow: false, over: false };
    this.#young.push(trip);
    this.#quick += 1;
    return trip;
  }

  end(trip: Trip): void {
    trip.over = true;
    if (trip.slow) this.#slow -= 1;
    else this.#quick -= 1;
  }

  /** How many more may begin now. */
  room(nowMs: number): number {
    for (;;) {
      const trip = this.#young[this.#head];
      if (trip === undefined || (!trip.over && nowMs - trip.startedMs < slowAfterMs)) break;
      this.#head += 1;
      if (trip.over) continue;
      trip.slow = true;
      this.#quick -= 1;
      this.#slow += 1;
    }
    if (this.#head > 4_096) {
      this.#young = this.#young.slice(this.#head);
      this.#head = 0;
    }
    return Math.max(0, this.#limits.quick - this.#quick);
  }

  /** So many attempts hang that no target which has not answered lately gets another. */
  get crowded(): boolean {
    return this.#slow >= this.#limits.slow;
  }

  get underWay(): number {
    return this.#quick + this.#slow;
  }
}
