/** How many numbers are set aside at once: what a restart leaves unused. */
const block = 32;

/** Gives out numbers for new users, with a commit for each block of them instead of one for each user. */
export class UserNumbers {
  readonly #reserve: (count: number) => Promise<number>;
  #next = 0;
  #end = 0;
  #coming: Promise<void> | undefined;

  /** @param reserve gives the first of so many numbers that nobody else has or will have. */
  constructor(reserve: (count: number) => Promise<number>) {
    this.#reserve = reserve;
  }

  async next(): Promise<number> {
    // Others who waited for the same block may have used it up.
    while (this.#next >= this.#end) await this.#fetch();
    const number = this.#next;
    this.#next += 1;
    return number;
  }

  #fetch(): Promise<void> {
    this.#coming ??= this.#reserve(block)
      .then((first) => {
        this.#next = first;
        this.#end = first + block;
      })
      .finally(() => {
        this.#coming = undefined;
      });
    return this.#coming;
  }
}
