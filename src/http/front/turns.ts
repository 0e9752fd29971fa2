/** In which turn of the loop a request is begun. */

export interface Waiting {
  readonly address: string;
  /** Called once, when it may begin. */
  begin(): void;
}

/** Begun in one turn of the loop. What a request does before it first waits takes some tenths of a millisecond. */
const perTurn = 32;
/** Of those on connections whose caller is not known: new ones, and those of outsiders. */
const strangersPerTurn = 8;

/**
 * Requests that are ready at the same time, on however many connections, are begun a few in each turn of the loop, so that timers, deliveries
 * and answers have theirs. Connections whose caller is known come first; among the others the addresses take turns.
 */
export class Turns {
  readonly #perTurn: number;
  readonly #strangersPerTurn: number;
  #left: number;
  #strangersLeft: number;
  #scheduled = false;
  readonly #known = new Set<Waiting>();
  /** In the order in which addresses get their turn. */
  readonly #strangers = new Map<string, Set<Waiting>>();

  constructor(bounds = { perTurn, strangersPerTurn }) {
    this.#perTurn = bounds.perTurn;
    this.#strangersPerTurn = bounds.strangersPerTurn;
    this.#left = this.#perTurn;
    this.#strangersLeft = this.#strangersPerTurn;
  }

  /** True when it may begin at once; otherwise {@link Waiting.begin} is called in a later turn. */
  take(waiting: Waiting, isKnown: boolean): boolean {
    const wait = isKnown ? this.#known.size > 0 : this.#strangers.size > 0;
    if (!wait && this.#spend(isKnown)) return true;
    if (isKnown) this.#known.add(waiting);
    else {
      const others = this.#strangers.get(waiting.address) ?? new Set();
      this.#strangers.set(waiting.address, others.add(waiting));
    }
    return false;
  }

  /** It is not waiting any more. */
  leave(waiting: Waiting): void {
    this.#known.delete(waiting);
    const others = this.#strangers.get(waiting.address);
    others?.delete(waiting);
    if (others?.size === 0) this.#strangers.delete(waiting.address);
  }

  #spend(isKnown: boolean): boolean {
    if (isKnown ? this.#left === 0 : this.#strangersLeft === 0) return false;
    if (isKnown) this.#left -= 1;
    else this.#strangersLeft -= 1;
    this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#left = this.#perTurn;
      this.#strangersLeft = this.#strangersPerTurn;
      this.#next();
    });
  }

  #next(): void {
    for (const waiting of this.#known) {
      if (!this.#spend(true)) break;
      this.#known.delete(waiting);
      waiting.begin();
    }
    while (this.#strangers.size > 0 && this.#spend(false)) {
      const [[address, others] = ["", new Set<Waiting>()]] = this.#strangers;
      const [waiting] = others;
      // The next one is another's.
      this.#strangers.delete(address);
      if (waiting === undefined) continue;
      others.delete(waiting);
      if (others.size > 0) this.#strangers.set(address, others);
      waiting.begin();
    }
  }
}
