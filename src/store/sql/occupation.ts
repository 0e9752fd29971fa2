import { performance } from "node:perf_hooks";

const sampleMs = 100;
/** A third: this thread's share of the time in which a commit is made, written and answered, where what it waits for is no longer than it works. */
const high = 0.33;

/**
 * How busy this thread is. Where it is busy for more than a third of the time, it pays to make the next commit while one is written; where it mostly waits for
 * commits, as with a standby far away, fewer and fuller ones are faster.
 */
export class Occupation {
  #sample = performance.eventLoopUtilization();
  #atMs = performance.now();
  #share = 0;

  /** As of the last tenth of a second. */
  get isHigh(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#atMs >= sampleMs) {
      const next = performance.eventLoopUtilization();
      this.#share = performance.eventLoopUtilization(next, this.#sample).utilization;
      this.#sample = next;
      this.#atMs = nowMs;
    }
    return this.#share >= high;
  }
}
