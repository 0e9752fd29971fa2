/**
 * The least of many, whatever their number: as many as are asked for, and no more than fit into so many bytes. What comes behind one
 * that was left out is left out too, so what is kept is always the beginning of the sorted whole.
 */
export class BoundedHeap<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #most: number;
  readonly #mostBytes: number;
  /** A heap, the greatest on top. */
  readonly #kept: { readonly item: T; readonly bytes: number }[] = [];
  #bytes = 0;
  /** The least that was left out. */
  #bar: { readonly item: T } | undefined;

  /** @param limits how many are kept, at least one; bytes of all together, except that one is always kept. */
  constructor(compare: (a: T, b: T) => number, limits: { readonly most: number; readonly mostBytes: number }) {
    this.#compare = compare;
    this.#most = limits.most;
    this.#mostBytes = limits.mostBytes;
  }

  /** Whether any was left out. */
  get isCut(): boolean {
    return this.#bar !== undefined;
  }

  offer(item: T, bytes: number): void {
    if (this.#bar !== undefined && this.#compare(item, this.#bar.item) >= 0) return;
    this.#kept.push({ item, bytes });
    this.#bytes += bytes;
    this.#rise(this.#kept.length - 1);
    while (this.#kept.length > this.#most || (this.#bytes > this.#mostBytes && this.#kept.length > 1)) {
      this.#bar = this.#takeGreatest();
    }
  }

  /** What was kept, the least first. Leaves nothing behind. */
  *sorted(): Generator<void, readonly T[], void> {
    const found: T[] = [];
    for (let top = this.#takeGreatest(); top !== undefined; top = this.#takeGreatest()) {
      found.push(top.item);
      yield;
    }
    return found.reverse();
  }

  #takeGreatest(): { readonly item: T } | undefined {
    const kept = this.#kept;
    const [top] = kept;
    const last = kept.pop();
    if (top === undefined || last === undefined) return undefined;
    if (kept.length > 0) {
      kept[0] = last;
      this.#sink(0);
    }
    this.#bytes -= top.bytes;
    return top;
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1;
      if (!this.#isGreater(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      let greatest = at;
      for (const below of [2 * at + 1, 2 * at + 2]) if (this.#isGreater(below, greatest)) greatest = below;
      if (greatest === at) return;
      this.#swap(at, greatest);
      at = greatest;
    }
  }

  #isGreater(at: number, than: number): boolean {
    const [one, other] = [this.#kept[at], this.#kept[than]];
    return one !== undefined && other !== undefined && this.#compare(one.item, other.item) > 0;
  }

  #swap(at: number, other: number): void {
    const [one, two] = [this.#kept[at], this.#kept[other]];
    if (one === undefined || two === undefined) return;
    this.#kept[at] = two;
    this.#kept[other] = one;
  }
}
