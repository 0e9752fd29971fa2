interface BlockSizes {
  /** How many are set aside at once, to begin with. */
  readonly least: number;
  readonly most: number;
}

/**
 * Gives out numbers without a commit for each: a block of them is set aside durably, and the next block before the first is
 * used up, so that only the very first caller waits for the store. Where that is too slow, blocks become larger: few numbers are
 * lost in a crash where few are used (a block, or two), and no commit is waited for where many are.
 */
export class Numbers {
  readonly #reserve: (count: number) => Promise<number>;
  readonly #most: number;
  #block: number;
  #next = 0;
  #end = 0;
  #coming: Promise<void> | undefined;
  #spare: { readonly first: number; readonly count: number } | undefined;
  #late = false;

  /** @param reserve gives the first of so many numbers that were never given out before. */
  constructor(reserve: (count: number) => Promise<number>, { least, most }: BlockSizes) {
    this.#reserve = reserve;
    this.#block = least;
    this.#most = most;
  }

  async next(): Promise<number> {
    while (this.#next >= this.#end) {
      if (this.#spare === undefined) {
        this.#late = this.#end > 0;
        await this.#fetch();
      }
      this.#useSpare();
    }
    const number = this.#next;
    this.#next += 1;
    // The caller that needs the number meets the failure, once the spare ones are used up.
    if (this.#end - this.#next < this.#block / 2 && this.#spare === undefined) void this.#fetch().catch(() => {});
    return number;
  }

  #useSpare(): void {
    // Others who waited may have done so already.
    if (this.#next < this.#end || this.#spare === undefined) return;
    this.#next = this.#spare.first;
    this.#end = this.#next + this.#spare.count;
    this.#spare = undefined;
  }

  #fetch(): Promise<void> {
    const count = this.#block;
    this.#coming ??= this.#reserve(count)
      .then((first) => {
        this.#spare = { first, count };
        if (this.#late) this.#block = Math.min(this.#most, 2 * count);
        this.#late = false;
      })
      .finally(() => {
        this.#coming = undefined;
      });
    return this.#coming;
  }
}
