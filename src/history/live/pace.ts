/** Items that one moment may bring, and those that come in a second after that, without any being left out. */
const burst = 3_000;
const perSecond = 2_500;
/** Over all readers, so many at once and in a second: each is written to each. */
const writesAtOnce = 10_000;
const writesPerSecond = 25_000;
/** Of a flood, so many are given so often: a reader takes in no more. */
const floodItems = 50;
const floodEveryMs = 1_000;
/** A flood is over when nothing more waits, and nothing had to be passed over for so long. */
const calmMs = 3_000;

/**
 * How many items the shared tail looks at. What comes faster than {@link perSecond} for longer than a moment is a flood: of that only a sample is
 * given, with the number of the rest, so that following costs those least who have most to do.
 *
 *   all ── more than the allowance ──▶ flood ── nothing more waits, nothing was passed over lately ──▶ all
 */
export class LivePace {
  #left = burst;
  #isFlood = false;
  #atMs = performance.now();
  #gaveMs = 0;
  #passedOverMs = Number.NEGATIVE_INFINITY;

  /** How many may be looked at now. */
  allowance(readers: number, nowMs = performance.now()): number {
    const rate = Math.min(perSecond, writesPerSecond / Math.max(1, readers));
    this.#left = Math.min(
      burst,
      writesAtOnce / Math.max(1, readers),
      this.#left + ((nowMs - this.#atMs) / 1_000) * rate,
    );
    this.#atMs = nowMs;
    if (!this.#isFlood) return Math.floor(this.#left);
    return nowMs - this.#gaveMs >= floodEveryMs ? floodItems : 0;
  }

  /** @param isAll nothing more waits. */
  took(items: number, isAll: boolean, nowMs = performance.now()): void {
    this.#left = Math.max(0, this.#left - items);
    this.#gaveMs = nowMs;
    if (!isAll) this.#isFlood ||= this.#left < 1;
    else if (nowMs - this.#passedOverMs >= calmMs) this.#isFlood = false;
  }

  /** Some were not looked at at all. */
  passedOver(nowMs = performance.now()): void {
    this.#isFlood = true;
    this.#passedOverMs = nowMs;
  }
}
