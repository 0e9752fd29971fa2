import type { Batch } from "../domain/batch.ts";
import type { InLine, Line } from "./line.ts";

/** When those in line are to leave in one request: 0 once they fill it. Infinity: none stands there. */
export function leavesMs(line: Line<InLine>, { maxEvents, maxWaitMs, maxBytes }: Batch): number {
  if (line.first === undefined) return Number.POSITIVE_INFINITY;
  const isFull = line.length >= maxEvents || line.eventBytes >= maxBytes;
  return isFull ? 0 : line.first.sinceMs + maxWaitMs;
}

type Parked = Pick<InLine, "sinceMs" | "eventBytes">;

/** Those of one subscription that are parked until they have waited as long as they may, or fill a request. */
export class Gathering {
  /** Since the last look into the store; and the bytes of their events. */
  #parked = 0;
  #bytes = 0;
  #outdated = false;

  /** When one that is parked now is due; the one that fills a request is at once, and a look for it finds the others. */
  dueMs({ maxEvents, maxWaitMs, maxBytes }: Batch, { sinceMs, eventBytes }: Parked, nowMs: number): number {
    this.#parked += 1;
    this.#bytes += eventBytes;
    const isFull = this.#parked >= maxEvents || this.#bytes >= maxBytes;
    return isFull ? nowMs : Math.max(nowMs, sinceMs + maxWaitMs);
  }

  /** Some may wait as their owner wanted it before the last change. */
  get isOutdated(): boolean {
    return this.#outdated;
  }

  renew(before: Batch | undefined, now: Batch | undefined): void {
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(now)) this.#outdated = true;
  }

  /** Those wait no longer. */
  renewed(): void {
    this.#outdated = false;
  }

  /** The store is asked for them now. */
  looked(): void {
    this.#parked = 0;
    this.#bytes = 0;
  }
}
