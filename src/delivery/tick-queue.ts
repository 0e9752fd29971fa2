/** So many are begun in one turn of the loop, as a rule. */
const usualPerTurn = 64;

/**
 * Begins what has to be begun, in order, a little in each turn of the loop: thousands that come at once block nothing else.
 * Nothing begins in the turn in which it comes.
 */
export class TickQueue {
  readonly #perTurn: number;
  #begins: (() => void)[] = [];
  #head = 0;

  /** @param perTurn so many are begun in one turn. */
  constructor(perTurn = usualPerTurn) {
    this.#perTurn = perTurn;
  }

  /** Resolves when its turn has come. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.later(resolve));
  }

  later(begin: () => void): void {
    if (this.#begins.length === 0) setImmediate(() => this.#turn());
    this.#begins.push(begin);
  }

  #turn(): void {
    const end = Math.min(this.#head + this.#perTurn, this.#begins.length);
    while (this.#head < end) {
      const begin = this.#begins[this.#head];
      this.#head += 1;
      begin?.();
    }
    if (this.#head < this.#begins.length) {
      setImmediate(() => this.#turn());
      return;
    }
    this.#begins = [];
    this.#head = 0;
  }
}
