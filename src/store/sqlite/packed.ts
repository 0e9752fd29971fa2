import type { Sql } from "../sql/step.ts";

/**
 * Values in a row as they cross between threads: numbers, texts and nothings in the order they were put, in two typed arrays, one
 * text and what does not go into that. Copying that takes a fraction of what a structured clone of as many arrays and objects does.
 */
export interface Packed {
  /** What each value is. */
  readonly tags: Uint8Array<ArrayBuffer>;
  /** Of each value: the number itself, where a text ends, or which word it is. */
  readonly cells: Float64Array<ArrayBuffer>;
  /** Short texts, one after the other. */
  readonly text: string;
  /** Texts that may come often, each once, and long ones. */
  readonly words: readonly string[];
}

/** From so many characters on, joining texts and taking them apart costs more than one of its own. */
const long = 200;

const tag = { nothing: 0, number: 1, text: 2, word: 3 } as const;

/** Of all packers of this thread: what one has packed is copied out before the next begins. */
let tags = new Uint8Array(4_096);
let cells = new Float64Array(4_096);

function grow(): void {
  const [oldTags, oldCells] = [tags, cells];
  tags = new Uint8Array(oldTags.length * 2);
  cells = new Float64Array(oldCells.length * 2);
  tags.set(oldTags);
  cells.set(oldCells);
}

/** Packs values. One at a time is under way in a thread: from its making to {@link Packer.packed} without a pause. */
export class Packer {
  #at = 0;
  #text = "";
  readonly #words: string[] = [];
  readonly #places = new Map<string, number>();

  #put(is: number, cell: number): void {
    if (this.#at === tags.length) grow();
    tags[this.#at] = is;
    cells[this.#at] = cell;
    this.#at += 1;
  }

  number(value: number): void {
    this.#put(tag.number, value);
  }

  /** One that many others are like: it crosses once. */
  word(value: string | null): void {
    if (value === null) return this.#put(tag.nothing, 0);
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.#words.push(value) - 1;
      this.#places.set(value, place);
    }
    this.#put(tag.word, place);
  }

  value(value: Sql): void {
    if (typeof value === "number") return this.#put(tag.number, value);
    if (value === null) return this.#put(tag.nothing, 0);
    if (value.length >= long) return this.#put(tag.word, this.#words.push(value) - 1);
    this.#text += value;
    this.#put(tag.text, this.#text.length);
  }

  /** @param areWords of which columns texts are alike in many rows. Default: of none. */
  row(values: readonly Sql[], areWords: readonly boolean[] = []): void {
    this.number(values.length);
    for (let column = 0; column < values.length; column += 1) {
      const value = values[column] ?? null;
      if (areWords[column] === true && typeof value === "string") this.word(value);
      else this.value(value);
    }
  }

  rows(rows: readonly (readonly Sql[])[], areWords?: readonly boolean[]): void {
    this.number(rows.length);
    for (const row of rows) this.row(row, areWords);
  }

  packed(): Packed {
    const [ownTags, ownCells] = [tags.slice(0, this.#at), cells.slice(0, this.#at)];
    return { tags: ownTags, cells: ownCells, text: this.#text, words: this.#words };
  }
}

/** What can move to the other thread instead of being copied. */
export function movable({ tags, cells }: Packed): ArrayBuffer[] {
  return [tags.buffer, cells.buffer];
}

/** Gives values back in the order they were packed. */
export class Unpacker {
  readonly #tags: Uint8Array;
  readonly #cells: Float64Array;
  readonly #text: string;
  readonly #words: readonly string[];
  #at = 0;
  #textEnd = 0;

  constructor({ tags, cells, text, words }: Packed) {
    this.#tags = tags;
    this.#cells = cells;
    this.#text = text;
    this.#words = words;
  }

  value(): Sql {
    const at = this.#at;
    if (at >= this.#tags.length) throw new RangeError("there are no more values");
    this.#at = at + 1;
    const cell = this.#cells[at] ?? 0;
    switch (this.#tags[at]) {
      case tag.number:
        return cell;
      case tag.word:
        return this.#words[cell] ?? null;
      case tag.text: {
        const start = this.#textEnd;
        this.#textEnd = cell;
        return this.#text.slice(start, cell);
      }
      default:
        return null;
    }
  }

  number(): number {
    const value = this.value();
    if (typeof value !== "number") throw new TypeError("what was packed is not a number");
    return value;
  }

  text(): string {
    const value = this.value();
    if (typeof value !== "string") throw new TypeError("what was packed is not a text");
    return value;
  }

  row(): Sql[] {
    const row: Sql[] = [];
    for (let left = this.number(); left > 0; left -= 1) row.push(this.value());
    return row;
  }

  numbers(): number[] {
    return this.row() as number[];
  }

  /** So many as were said to be there. */
  list<T>(read: () => T): T[] {
    const list: T[] = [];
    for (let left = this.number(); left > 0; left -= 1) list.push(read());
    return list;
  }

  rows(): Sql[][] {
    return this.list(() => this.row());
  }
}
