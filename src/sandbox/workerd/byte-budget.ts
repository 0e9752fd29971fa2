/** So many bytes at once, of whatever is counted. With `within`, they count there as well. */
export class ByteBudget {
  readonly #most: number;
  readonly #within: ByteBudget | undefined;
  #used = 0;

  constructor(most: number, within?: ByteBudget) {
    this.#most = most;
    this.#within = within;
  }

  get used(): number {
    return this.#used;
  }

  /** `false`, and nothing is taken, when they do not fit. What was taken must be given back by {@link give}. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    if (this.#within?.take(bytes) === false) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    this.#within?.give(bytes);
  }
}
