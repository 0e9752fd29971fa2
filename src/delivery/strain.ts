/** It is looked at so often. */
const everyMs = 100;
/** So much of the time is full. */
const full = 0.8;

interface LoopTime {
  readonly idle: number;
  readonly active: number;
}

/** Whether this thread has had next to no time to wait of late: then all that it does takes long, to every target. */
export class Strain {
  readonly #spent: () => LoopTime;
  #last: LoopTime;
  #lookedMs: number | undefined;
  #isHigh = false;

  /** @param spent of the event loop so far; that of this thread by default. */
  constructor(spent: () => LoopTime = () => performance.eventLoopUtilization()) {
    this.#spent = spent;
    this.#last = spent();
  }

  isHigh(nowMs: number): boolean {
    if (this.#lookedMs !== undefined && nowMs - this.#lookedMs < everyMs) return this.#isHigh;
    const spent = this.#spent();
    const [active, idle] = [spent.active - this.#last.active, spent.idle - this.#last.idle];
    this.#isHigh = this.#lookedMs !== undefined && active >= full * (active + idle);
    this.#last = spent;
    this.#lookedMs = nowMs;
    return this.#isHigh;
  }
}
