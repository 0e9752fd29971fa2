/**
 * Columns of a record: 32 bits each, and 64 of the two that are numbers of callers. What a search looks at stands in front, so that it lies in one
 * line of the processor's cache, and two of them are not used.
 */
const width = 16;
export const column = {
  /** In the chain of all with its hash; -1: none. */
  next: 0,
  /** Number of a list of conditions; {@link noRest}, or {@link wholeFilter}. */
  rest: 1,
  /** The next record of the same entry, and its first. */
  sibling: 2,
  first: 3,
  /** Number of the access path by which it is found. */
  path: 8,
  /** Where a text of it is kept; {@link Records.lengths}. */
  text: 9,
  lengths: 10,
  hash: 11,
  previous: 12,
  /** In the chain of first records whose ids have the same hash. */
  nextById: 13,
} as const;
/** In a view of 64 bits. */
const idColumn = 2;
const sinceColumn = 3;

/** The key is all there is to ask. */
export const noRest = -1;
/** The text is that of the filter. */
export const wholeFilter = -2;

type Column = (typeof column)[keyof typeof column];

const keptBits = 20;
const mostKept = 2 ** keptBits - 1;

const pageBits = 14;
const pageRecords = 2 ** pageBits;
const smallestPage = 8;

interface Page {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
}

/**
 * Rows of numbers, 64 bytes each: one looks at a row or two of a million for each thing that is found, so a row lies together. They are
 * in pages, so that there is nothing to copy when there are more.
 */
export class Records {
  readonly #pages: Page[] = [];
  #made = 0;
  /** First of the free ones, which are linked by `next`. */
  #free = -1;

  get bytes(): number {
    return this.#pages.reduce((sum, { ints }) => sum + ints.byteLength, 0);
  }

  /** A row of zeros. */
  add(): number {
    const free = this.#free;
    if (free >= 0) {
      this.#free = this.get(free, column.next);
      const from = (free & (pageRecords - 1)) * width;
      this.#pages[free >>> pageBits]?.ints.fill(0, from, from + width);
      return free;
    }
    const record = this.#made;
    const last = this.#pages.at(-1);
    const inPage = record & (pageRecords - 1);
    if (inPage === 0) this.#pages.push(newPage(record === 0 ? smallestPage : pageRecords));
    else if (last !== undefined && inPage * width === last.ints.length) {
      const grown = newPage(2 * inPage);
      grown.ints.set(last.ints);
      this.#pages[record >>> pageBits] = grown;
    }
    this.#made += 1;
    return record;
  }

  delete(record: number): void {
    this.set(record, column.next, this.#free);
    this.#free = record;
  }

  get(record: number, of: Column): number {
    const page = this.#pages[record >>> pageBits];
    return page?.ints[(record & (pageRecords - 1)) * width + of] ?? 0;
  }

  set(record: number, of: Column, value: number): void {
    const page = this.#pages[record >>> pageBits];
    if (page !== undefined) page.ints[(record & (pageRecords - 1)) * width + of] = value;
  }

  id(record: number): number {
    return this.#number(record, idColumn);
  }

  since(record: number): number {
    return this.#number(record, sinceColumn);
  }

  setNumbers(record: number, { id, since }: { readonly id: number; readonly since: number }): void {
    const floats = this.#pages[record >>> pageBits]?.floats;
    const from = ((record & (pageRecords - 1)) * width) / 2;
    if (floats === undefined) return;
    floats[from + idColumn] = id;
    floats[from + sinceColumn] = since;
  }

  /** How long the text is that is kept, and how much of the key was hashed. */
  lengths(record: number): { readonly kept: number; readonly hashed: number } {
    const both = this.get(record, column.lengths);
    return { kept: both & mostKept, hashed: both >>> keptBits };
  }

  setLengths(record: number, { kept, hashed }: { readonly kept: number; readonly hashed: number }): void {
    if (kept > mostKept) throw new RangeError("a filter has more than a million characters");
    this.set(record, column.lengths, kept | (hashed << keptBits));
  }

  #number(record: number, of: number): number {
    const page = this.#pages[record >>> pageBits];
    return page?.floats[((record & (pageRecords - 1)) * width) / 2 + of] ?? 0;
  }
}

function newPage(records: number): Page {
  const ints = new Int32Array(records * width);
  return { ints, floats: new Float64Array(ints.buffer) };
}
