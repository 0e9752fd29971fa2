import { watch } from "node:fs";

/** Between a change and what follows from it: editors write a file in several steps. */
const settleMs = 60;
/** What tools write, and is not the author's code. */
const ignored = /(?:^|[/\\])(?:node_modules|\.[^/\\]*)(?:[/\\]|$)|~$/;

/** Yields after each change in the folder, however many came at once, until `signal` aborts. */
export async function* changes(folder: string, signal: AbortSignal): AsyncGenerator<void, void, void> {
  let wake = (): void => {};
  let changed = false;
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name !== null && ignored.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed = true;
      wake();
    }, settleMs);
  });
  // The folder may be taken away.
  watcher.on("error", () => wake());
  const stop = (): void => wake();
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!signal.aborted) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted) resolve();
        });
      }
      if (!changed) continue;
      changed = false;
      yield;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    watcher.close();
  }
}
