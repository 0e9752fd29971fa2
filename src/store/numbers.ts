/**
 * Gives out numbers without a commit for each: a block of them is set aside durably, and the next block before the first is
 * used up, so that nobody but the very first waits for the store.
 */
export class Numbers {
  readonly #reserve: (count: number) => Promise<number>;
  readonly #block: number;
  #next = 0;
  #end = 0;
  #coming: Promise<void> | undefined;
  #spare: { readonly first: number } | undefined;

  /**
   * @param reserve gives the first of so many numbers that nobody else has or will have.
   * @param block how many are set aside at once: what a crash leaves unused, up to twice.
   */
  constructor(reserve: (count: number) => Promise<number>, block: number) {
    this.#reserve = reserve;
    this.#block = block;
  }

  async next(): Promise<number> {
    while (this.#next >= this.#end) {
      if (this.#spare === undefined) await this.#fetch();
      this.#useSpare();
    }
    const number = this.#next;
    this.#next += 1;
    // Whoever needs the number meets the failure, when the spare ones are needed.
    if (this.#end - this.#next < this.#block / 2 && this.#spare === undefined) void this.#fetch().catch(() => {});
    return number;
  }

  #useSpare(): void {
    // Others who waited may have done so already.
    if (this.#next < this.#end || this.#spare === undefined) return;
    this.#next = this.#spare.first;
    this.#end = this.#next + this.#block;
    this.#spare = undefined;
  }

  #fetch(): Promise<void> {
    this.#coming ??= this.#reserve(this.#block)
      .then((first) => {
        this.#spare = { first };
      })
      .finally(() => {
        this.#coming = undefined;
      });
    return this.#coming;
  }
}
