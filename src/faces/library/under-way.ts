import { SignalboxError } from "../../errors.ts";

/** What the library has begun and not finished: nothing new once it stops, and a stop waits for the rest. */
export class UnderWay {
  readonly #works = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();
  readonly #cut = new AbortController();

  /** Aborts when a stop begins. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Aborts when a stop waits no longer. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** @throws SignalboxError `unavailable` once it stops. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stopping.signal.aborted) throw stopped();
    return this.track(work());
  }

  /** Goes on with what was begun: a stop waits for it. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#works.add(work);
    const ended = (): void => void this.#works.delete(work);
    work.then(ended, ended);
    return work;
  }

  /** Resolves when nothing is under way any more, or when `grace` aborts. */
  async stop(grace: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const late = new Promise<void>((resolve) => {
      const cut = (): void => {
        this.#cut.abort();
        resolve();
      };
      if (grace.aborted) cut();
      else grace.addEventListener("abort", cut, { once: true });
    });
    while (this.#works.size > 0 && !this.#cut.signal.aborted) {
      await Promise.race([Promise.allSettled(this.#works), late]);
    }
  }
}

export function stopped(): SignalboxError {
  return new SignalboxError("unavailable", "this Signalbox is stopping: try again when it runs");
}
