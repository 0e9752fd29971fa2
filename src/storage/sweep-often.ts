import { sleep } from "../clock.ts";
import type { SweptNames } from "./bodies-owner.ts";
import { sweepNames } from "./sweep-names.ts";

const minuteMs = 60_000;
const everyMs = 10 * minuteMs;
/** The second net is drawn through so long after the start, and then every week. */
const firstNetMs = 60 * minuteMs;
const netEveryMs = 7 * 24 * 60 * minuteMs;

/**
 * Deletes the bodies that no name needs, at the start and every ten minutes until `signal` aborts: of names that are unwanted for the grace, and of those that
 * were never used and whose node is gone. Once a week all names and all bodies are looked through for what a crash left between two commits. Never
 * rejects: what it cannot do now it does the next time.
 */
export async function sweepOften(swept: SweptNames, signal: AbortSignal): Promise<void> {
  let netMs = swept.clock.steady() + firstNetMs;
  while (!signal.aborted) {
    const isNet = swept.clock.steady() >= netMs;
    const isDone = await sweepNames(swept, signal, { isNet });
    if (isNet && isDone) netMs = swept.clock.steady() + netEveryMs;
    await sleep(swept.clock, everyMs, signal);
  }
}
