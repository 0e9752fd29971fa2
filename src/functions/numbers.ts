/** How many numbers are set aside at once: what a crash leaves unused. */
const block = 1_024;

/**
 * Gives out numbers for invocations without a commit for each: a block of them is set aside durably, and the next block before
 * the first is used up, so that a hook waits for the store only at the very first.
 */
export class InvocationNumbers {
  readonly #reserve: (count: number) => Promise<number>;
  #next = 0;
  #end = 0;
  #coming: Promise<void> | undefined;
  #spare: { readonly first: number } | undefined;

  constructor(reserve: (count: number) => Promise<number>) {
    this.#reserve = reserve;
  }

  async next(): Promise<number> {
    while (this.#next >= this.#end) {
      if (this.#spare === undefined) await this.#fetch();
      this.#useSpare();
    }
    const number = this.#next;
    this.#next += 1;
    // Whoever needs the number meets the failure, when the spare ones are needed.
    if (this.#end - this.#next < block / 2 && this.#spare === undefined) void this.#fetch().catch(() => {});
    return number;
  }

  #useSpare(): void {
    // Others who waited may have done so already.
    if (this.#next < this.#end || this.#spare === undefined) return;
    this.#next = this.#spare.first;
    this.#end = this.#next + block;
    this.#spare = undefined;
  }

  #fetch(): Promise<void> {
    this.#coming ??= this.#reserve(block)
      .then((first) => {
        this.#spare = { first };
      })
      .finally(() => {
        this.#coming = undefined;
      });
    return this.#coming;
  }
}
