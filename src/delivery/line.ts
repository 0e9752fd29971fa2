/** First deliveries that may stand in line in the whole process, and the bytes of their events. */
const mostInLine = 8_192;
const mostBytesInLine = 32 * 2 ** 20;

/** Who stands in line. */
export interface InLine {
  /** Of its event, as its share of what that takes in memory. */
  readonly bytes: number;
  /** Of its event, all of them. */
  readonly eventBytes: number;
  /** When its event was handed over. */
  readonly sinceMs: number;
}

interface Bounds {
  readonly most: number;
  readonly mostBytes: number;
}

/**
 * The room that all lines share. One line may take as much as is left: alone half of it, beside another that does so a third, and so on. So there is
 * always some for a line that begins, and what a crowded one has taken goes back as it moves on.
 */
export class LineRoom {
  readonly #bounds: Bounds;
  #count = 0;
  #bytes = 0;

  constructor(bounds: Partial<Bounds> = {}) {
    this.#bounds = { most: mostInLine, mostBytes: mostBytesInLine, ...bounds };
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many more a line of that length and size may take; below 0 when it has taken more than its share. */
  left({ length, bytes }: { readonly length: number; readonly bytes: number }): number {
    if (bytes >= this.#bounds.mostBytes - this.#bytes) return 0;
    return this.#bounds.most - this.#count - length;
  }

  take(bytes: number): void {
    this.#count += 1;
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#count -= 1;
    this.#bytes -= bytes;
  }
}

/** Places that have been left are forgotten together. */
const forgottenTogether = 1_024;

/** First in, first out. */
export class Line<T extends InLine> {
  readonly #room: LineRoom;
  #standing: T[] = [];
  #head = 0;
  #bytes = 0;
  #eventBytes = 0;

  constructor(room: LineRoom) {
    this.#room = room;
  }

  get length(): number {
    return this.#standing.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of the events that stand in it, of each the whole, also when it stands in other lines. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** How many more may join. */
  get left(): number {
    return this.#room.left(this);
  }

  get first(): T | undefined {
    return this.#standing[this.#head];
  }

  /** The first of them, so many. */
  beginning(most: number): readonly T[] {
    return this.#standing.slice(this.#head, this.#head + most);
  }

  join(one: T): void {
    this.#standing.push(one);
    this.#bytes += one.bytes;
    this.#eventBytes += one.eventBytes;
    this.#room.take(one.bytes);
  }

  /** The first, who leaves it. */
  shift(): T | undefined {
    const one = this.#standing[this.#head];
    if (one === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= one.bytes;
    this.#eventBytes -= one.eventBytes;
    this.#room.give(one.bytes);
    if (this.#head === this.#standing.length || this.#head >= forgottenTogether) {
      this.#standing = this.#standing.slice(this.#head);
      this.#head = 0;
    }
    return one;
  }
}
