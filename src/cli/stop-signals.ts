/** What the signals mean that ask a server to stop. */

export const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
type StopSignal = (typeof stopSignals)[number];

/**
 * One wish may come twice: a terminal gives Ctrl-C to all its processes and npm passes it on, and a supervisor that ends a group does
 * likewise. Nobody who is out of patience asks again so soon.
 */
const sameWishMs = 500;

/** Tells the first wish, to stop gracefully, from a later one, to end at once. */
export class StopWishes {
  readonly #now: () => number;
  #firstMs: number | undefined;

  /** @param now in milliseconds, never set back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The end of a terminal (SIGHUP) never means "at once": shells and the system tell it more than once. */
  heard(signal: StopSignal): "gracefully" | "at once" {
    const nowMs = this.#now();
    this.#firstMs ??= nowMs;
    return signal === "SIGHUP" || nowMs - this.#firstMs < sameWishMs ? "gracefully" : "at once";
  }
}
