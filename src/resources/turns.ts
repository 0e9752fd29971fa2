/**
 * One at a time for each key, in the order of arrival. Only a courtesy between requests of this process: the store's
 * conditions decide what may be committed, but without turns many writers of one key would refuse one another again and again.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  async take<T>(key: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, promise);
    try {
      await before;
      return await run();
    } finally {
      resolve();
      if (this.#last.get(key) === promise) this.#last.delete(key);
    }
  }

  /** Keys that someone has or waits for. */
  get size(): number {
    return this.#last.size;
  }
}
