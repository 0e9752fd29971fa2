import { performance } from "node:perf_hooks";

/** Of the time of the one thread that all share. */
const ofIdle = 0.15;
const ofBusy = 0.015;
/** A process that delivers as fast as it can takes more than this of it. */
const busyFrom = 0.8;
const lookEveryMs = 200;

/**
 * How much of the thread's time may go into following: little while it has much else to do. Who follows then gets less of what happens, and the
 * number of what was left out.
 */
export class FollowingShare {
  #last = performance.eventLoopUtilization();
  #lookedMs = performance.now();
  #isBusy = false;

  /** 0–1. */
  now(): number {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs >= lookEveryMs) {
      const current = performance.eventLoopUtilization();
      this.#isBusy = performance.eventLoopUtilization(current, this.#last).utilization > busyFrom;
      this.#last = current;
      this.#lookedMs = nowMs;
    }
    return this.#isBusy ? ofBusy : ofIdle;
  }
}
