import { setTimeout as pause } from "node:timers/promises";

const lookEveryMs = 10;

/**
 * Looks at something that nobody announces until it is so. Fails after `withinMs`, naming what did not come; the limit is far
 * beyond what it ever takes, so a slow machine fails no test.
 */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(lookEveryMs);
  }
}
