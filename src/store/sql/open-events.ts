/**
 * The events that are handed out and not done, and the watermark: up to it every event is done. It knows nothing of those that are done, so one
 * that stays open holds the watermark and no memory, however many come after it, and moving on from it costs nothing.
 */
export class OpenEvents {
  /** In the order in which they were handed out, which is that of sequences. */
  readonly #open = new Set<number>();
  #last: number;

  /** @param watermark of the process before. */
  constructor(watermark: number) {
    this.#last = watermark;
  }

  /** The last one that was handed out. */
  get last(): number {
    return this.#last;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Sequences rise from one call to the next. */
  add(sequence: number): void {
    this.#open.add(sequence);
    this.#last = sequence;
  }

  /** There is nothing up to here that is to be handed out. */
  passed(sequence: number): void {
    this.#last = Math.max(this.#last, sequence);
  }

  /** More than once is as good as once. */
  done(sequence: number): void {
    this.#open.delete(sequence);
  }

  /** The first that is open. */
  get oldest(): number | undefined {
    for (const first of this.#open) return first;
    return undefined;
  }

  /** Every event up to here is done: the next one is open, or was not handed out. */
  get watermark(): number {
    for (const first of this.#open) return first - 1;
    return this.#last;
  }

  /** The watermark as soon as some are done that are open. */
  watermarkBy(done: ReadonlySet<number>): number {
    for (const sequence of this.#open) if (!done.has(sequence)) return sequence - 1;
    return this.#last;
  }
}
