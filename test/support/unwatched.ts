/**
 * What the watchdog over the loop (stalls.ts) does not look at. It is apart from the watchdog, since fixtures of all tests import it, and only
 * tests that are started with the watchdog are watched.
 */

/** How often the watchdog looks at the loop, in ms; a turn of the loop that takes longer is seen as a whole. */
export const tickMs = 5;

let starting = 0;

/** Whether a server is starting in this process. */
export function isStarting(): boolean {
  return starting > 0;
}

/** Runs what starts a server in the process of a test: nothing waits for that yet, whatever else the process listens for. */
export async function unwatched<T>(start: () => Promise<T>): Promise<T> {
  starting += 1;
  try {
    return await start();
  } finally {
    // The turn of the loop in which it ends is a part of it.
    setTimeout(() => {
      starting -= 1;
    }, tickMs).unref();
  }
}
