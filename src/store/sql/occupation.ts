import { performance } from "node:perf_hooks";

const sampleMs = 100;
/**
 * This thread and the database work about equally long on a commit. Where the commit itself takes as long as either, which is where it begins to pay, that
 * is a third; measured, it pays from two fifths on.
 */
const high = 0.42;

/**
 * How busy this thread is. Where it is busy for much of the time, it pays to make the next commit while one is written; where it mostly waits for
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
