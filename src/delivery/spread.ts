/** So many are begun in one turn of the loop. */
const perTurn = 64;

/**
 * Begins what has to be begun, in order, a little in each turn of the loop: thousands that come at once stop nobody else.
 * Nothing begins in the turn in which it comes.
 */
export class Spread {
  #line: (() => void)[] = [];
  #head = 0;

  later(begin: () => void): void {
    if (this.#line.length === 0) setImmediate(() => this.#turn());
    this.#line.push(begin);
  }

  #turn(): void {
    const end = Math.min(this.#head + perTurn, this.#line.length);
    while (this.#head < end) {
      const begin = this.#line[this.#head];
      this.#head += 1;
      begin?.();
    }
    if (this.#head < this.#line.length) {
      setImmediate(() => this.#turn());
      return;
    }
    this.#line = [];
    this.#head = 0;
  }
}
