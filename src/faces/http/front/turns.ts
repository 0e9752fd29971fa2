/** In which turn of the loop a request is begun. */

export interface QueuedRequest {
  readonly address: string;
  /** Called once, when it may begin. */
  begin(): void;
}

/** Begun in one turn of the loop. What a request does before it first waits takes some tenths of a millisecond. */
const perTurn = 32;
/** Of those, for one tenant: a caller with one request waits for little of what another sends on hundreds of connections. */
const perTenant = 8;
/** On connections whose caller is not known: new ones, and those of outsiders. */
const strangersPerTurn = 8;

/** Pieces of chunked bodies that are parsed in one turn of the loop; of those, from one address. A piece holds some dozens of chunks. */
const piecesPerTurn = 16;
const piecesPerAddress = 4;

/**
 * Requests that are ready at the same time, on however many connections, are begun a few in each turn of the loop, so that timers, deliveries
 * and answers have theirs. Connections whose caller is known come first, and their tenants take turns; among the others the addresses do.
 */
export class TurnQueue {
  readonly #known: Line;
  readonly #strangers: Line;
  readonly #pieces = new Line(piecesPerTurn, piecesPerAddress);
  #scheduled = false;

  constructor(bounds = { perTurn, perTenant, strangersPerTurn }) {
    this.#known = new Line(bounds.perTurn, bounds.perTenant);
    this.#strangers = new Line(bounds.strangersPerTurn, bounds.strangersPerTurn);
  }

  /**
   * True when it may begin at once; otherwise {@link QueuedRequest.begin} is called in a later turn.
   *
   * @param tenant whose it is; `undefined`: not known.
   */
  take(waiting: QueuedRequest, tenant: string | undefined): boolean {
    const [line, of] = tenant === undefined ? [this.#strangers, waiting.address] : [this.#known, tenant];
    this.#schedule();
    return line.take(waiting, of);
  }

  /** The same for a piece of a chunked body, of any sender. */
  takePiece(waiting: QueuedRequest): boolean {
    this.#schedule();
    return this.#pieces.take(waiting, waiting.address);
  }

  /** It is not waiting any more. */
  leave(waiting: QueuedRequest): void {
    this.#pieces.leave(waiting);
    this.#known.leave(waiting);
    this.#strangers.leave(waiting);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#next);
  }

  readonly #next = (): void => {
    this.#scheduled = false;
    this.#known.next();
    this.#strangers.next();
    this.#pieces.next();
    if (this.#known.isBusy || this.#strangers.isBusy || this.#pieces.isBusy) this.#schedule();
  };
}

/** So many in each turn, and so many of one. */
class Line {
  readonly #most: number;
  readonly #mostOfOne: number;
  #begun = 0;
  readonly #begunOf = new Map<string, number>();
  /** In the order in which they get their turn. */
  readonly #waiting = new Map<string, Set<QueuedRequest>>();
  readonly #whose = new Map<QueuedRequest, string>();

  constructor(most: number, mostOfOne: number) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  /** Some were begun in this turn, or wait. */
  get isBusy(): boolean {
    return this.#begun > 0 || this.#waiting.size > 0;
  }

  take(waiting: QueuedRequest, of: string): boolean {
    const others = this.#waiting.get(of);
    if (others === undefined && this.#spend(of)) return true;
    this.#waiting.set(of, (others ?? new Set()).add(waiting));
    this.#whose.set(waiting, of);
    return false;
  }

  leave(waiting: QueuedRequest): void {
    const of = this.#whose.get(waiting);
    if (of === undefined) return;
    this.#whose.delete(waiting);
    const others = this.#waiting.get(of);
    others?.delete(waiting);
    if (others?.size === 0) this.#waiting.delete(of);
  }

  /** A new turn has come. */
  next(): void {
    this.#begun = 0;
    this.#begunOf.clear();
    for (const [of, all] of this.#waiting) {
      if (this.#begun >= this.#most) return;
      const waiting = all.values().next().value;
      if (waiting === undefined || !this.#spend(of)) continue;
      all.delete(waiting);
      this.#whose.delete(waiting);
      // Who had a turn stands behind the others from now on, and so comes again in this loop when all of them had theirs.
      this.#waiting.delete(of);
      if (all.size > 0) this.#waiting.set(of, all);
      waiting.begin();
    }
  }

  #spend(of: string): boolean {
    const begunOf = this.#begunOf.get(of) ?? 0;
    if (this.#begun >= this.#most || begunOf >= this.#mostOfOne) return false;
    this.#begun += 1;
    this.#begunOf.set(of, begunOf + 1);
    return true;
  }
}
