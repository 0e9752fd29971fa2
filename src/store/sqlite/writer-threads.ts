import { Worker } from "node:worker_threads";

/**
 * Threads for writers. Starting one takes 70 ms of a processor, more than all else of opening a store; so it is begun before all else, and the
 * thread of a store that was closed waits for the next one for a moment. It keeps no program alive.
 */

const waitMs = 1_000;
const waiting = new Map<Worker, NodeJS.Timeout>();

/** A thread that runs worker.ts and has nothing open. */
export function takeThread(): Worker {
  const [[thread, timer] = []] = waiting;
  if (thread === undefined) {
    // Next to this file is TypeScript when run from source, JavaScript in the published package.
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    return new Worker(new URL(file, import.meta.url));
  }
  forget(thread, timer);
  thread.ref();
  return thread;
}

/** Gives back a thread that has closed what it had open. */
export function giveBack(thread: Worker): void {
  for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
  thread.unref();
  const gone = (): void => forget(thread, timer);
  const timer = setTimeout(() => {
    gone();
    void thread.terminate();
  }, waitMs).unref();
  thread.once("error", gone).once("exit", gone);
  waiting.set(thread, timer);
}

function forget(thread: Worker, timer: NodeJS.Timeout | undefined): void {
  clearTimeout(timer);
  for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
  waiting.delete(thread);
}
