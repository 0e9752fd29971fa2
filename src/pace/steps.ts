/** Steps of this long, about, go into one turn of the loop. */
const turnMs = 4;

/**
 * Works that have to be done in parts with waits between them, such as reading a long list by pages: one part at a time over all works,
 * each work's next part behind those of the others, and only so many in one turn of the loop.
 */
export class Steps {
  #last: Promise<unknown> = Promise.resolve();
  #turnBeganMs = 0;

  /** Runs a part of a work; to be awaited before the next one of it is given. */
  async next<T>(part: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#last = promise;
    await before;
    try {
      if (performance.now() - this.#turnBeganMs > turnMs) {
        await new Promise(setImmediate);
        this.#turnBeganMs = performance.now();
      }
      return await part();
    } finally {
      resolve(undefined);
    }
  }
}
