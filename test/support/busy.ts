/** Keeps this thread busy for so long that a store sees it: then it makes the next commit while one is written. */
export function keepBusy(ms = 150): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
