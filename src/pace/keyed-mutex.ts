import { SignalboxError } from "../errors.ts";

/**
 * One at a time for each key, in the order of arrival. Only a courtesy between requests of this process: the store's
 * conditions decide what may be committed, but without it many writers of one key would refuse one another again and again.
 */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<void>>();
  readonly #counts = new Map<string, number>();

  take<T>(key: string, run: () => Promise<T>): Promise<T> {
    return this.takeAll([key], run);
  }

  /** The turn of every one of these keys at once. It stands in all their lines from the same instant, so two never wait for each other. */
  async takeAll<T>(keys: Iterable<string>, run: () => Promise<T>): Promise<T> {
    const own = new Set(keys);
    const { promise, resolve } = Promise.withResolvers<void>();
    const before: Promise<void>[] = [];
    for (const key of own) {
      const last = this.#last.get(key);
      if (last !== undefined) before.push(last);
      this.#last.set(key, promise);
    }
    try {
      await Promise.all(before);
      return await run();
    } finally {
      resolve();
      for (const key of own) if (this.#last.get(key) === promise) this.#last.delete(key);
    }
  }

  /**
   * Not in turns, but only so many at once for each key.
   *
   * @throws SignalboxError `too_many_requests` when there are as many already.
   */
  async bounded<T>(
    key: string,
    { most, what }: { readonly most: number; readonly what: string },
    run: () => Promise<T>,
  ): Promise<T> {
    const count = this.#counts.get(key) ?? 0;
    if (count >= most) {
      throw new SignalboxError(
        "too_many_requests",
        `${most} ${what} are under way already: try again when some have ended`,
      );
    }
    this.#counts.set(key, count + 1);
    try {
      return await run();
    } finally {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }

  /** Keys that someone has or waits for. */
  get size(): number {
    return this.#last.size;
  }
}
