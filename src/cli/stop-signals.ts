/** What the signals mean that ask a server to stop. */

export const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
type StopSignal = (typeof stopSignals)[number];

/**
 * One request may come twice: a terminal gives Ctrl-C to all its processes and npm passes it on, and a supervisor that ends a group does
 * likewise. Who is out of patience does not ask again so soon.
 */
const sameRequestMs = 500;

/** Distinguishes the first request, to stop gracefully, from a later one, to end at once. */
export class StopRequests {
  readonly #now: () => number;
  #firstMs: number | undefined;

  /** @param now in milliseconds, never set back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The end of a terminal (SIGHUP) never means "at once": shells and the system send it more than once. */
  received(signal: StopSignal): "gracefully" | "at once" {
    const nowMs = this.#now();
    this.#firstMs ??= nowMs;
    return signal === "SIGHUP" || nowMs - this.#firstMs < sameRequestMs ? "gracefully" : "at once";
  }
}
