import type { Batch } from "../domain/batch.ts";
import type { InLine, Line } from "./line.ts";

/** When those in line are to leave in one request: 0 once they fill it. Infinity: none stands there. */
export function leavesMs(line: Line<InLine>, { maxEvents, maxWaitMs, maxBytes }: Batch): number {
  if (line.first === undefined) return Number.POSITIVE_INFINITY;
  const isFull = line.length >= maxEvents || line.eventBytes >= maxBytes;
  return isFull ? 0 : line.first.sinceMs + maxWaitMs;
}

/** Those of one subscription that are parked until they have waited as long as they may, or fill a request. */
export class Gathering {
  /** Since the last look into the store. */
  #parked = 0;

  /** When one that is parked now is due; the one that fills a request is at once, and a look for it finds the others. */
  dueMs({ maxEvents, maxWaitMs }: Batch, sinceMs: number, nowMs: number): number {
    this.#parked += 1;
    return this.#parked >= maxEvents ? nowMs : Math.max(nowMs, sinceMs + maxWaitMs);
  }

  /** The store is asked for them now. */
  looked(): void {
    this.#parked = 0;
  }
}
