/** Bytes of a page; the first one grows up to that. */
const pageBits = 20;
const pageBytes = 2 ** pageBits;
const mostPages = 2 ** (32 - pageBits);
const smallestPage = 1_024;
/** IndexedPlaces begin at multiples of this: what is left of their lowest bits says how a text is written. */
const alignment = 8;
const wide = 1;
/** Characters that are made into a string at once: a call takes no more arguments. */
const atOnce = 4_096;

/**
 * Texts, one behind the other in a few buffers: a byte for each character where all are below U+0100, else two. What is taken out makes room
 * for texts of about its size. A place is an unsigned number of 32 bits.
 */
export class TextPages {
  readonly #pages: Uint8Array[] = [];
  /** Begin of what has not been used yet, in the last page. */
  #end = 0;
  /** By size. */
  readonly #free = new Map<number, number[]>();

  get bytes(): number {
    return this.#pages.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The place of it. */
  put(text: string): number {
    const isWide = !isNarrow(text);
    const begin = this.#take(sizeOf(text.length, isWide));
    const page = this.#pages[begin >>> pageBits];
    if (page === undefined) throw new TypeError("a text without a page");
    let at = begin % pageBytes;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      page[at++] = unit;
      if (isWide) page[at++] = unit >>> 8;
    }
    return isWide ? begin + wide : begin;
  }

  delete(place: number, length: number): void {
    const isWide = (place & wide) !== 0;
    const size = sizeOf(length, isWide);
    const begin = isWide ? place - wide : place;
    const same = this.#free.get(size);
    if (same === undefined) this.#free.set(size, [begin]);
    else same.push(begin);
  }

  get(place: number, length: number): string {
    const isWide = (place & wide) !== 0;
    const page = this.#pages[place >>> pageBits];
    const from = (place % pageBytes) - (isWide ? wide : 0);
    if (page === undefined) return "";
    let text = "";
    for (let index = 0; index < length; index += atOnce) {
      const count = Math.min(atOnce, length - index);
      const units = isWide
        ? Array.from({ length: count }, (_, some) => unitAt(page, from + 2 * (index + some)))
        : page.subarray(from + index, from + index + count);
      text += String.fromCharCode.apply(null, units as number[]);
    }
    return text;
  }

  /** Whether `text` has it at `offset`. */
  isAt(place: number, length: number, { text, offset }: { readonly text: string; readonly offset: number }): boolean {
    if (offset < 0 || offset + length > text.length) return false;
    const page = this.#pages[place >>> pageBits];
    if (page === undefined) return length === 0;
    const from = place % pageBytes;
    if ((place & wide) === 0) {
      for (let index = 0; index < length; index++) {
        if (page[from + index] !== text.charCodeAt(offset + index)) return false;
      }
      return true;
    }
    for (let index = 0; index < length; index++) {
      if (unitAt(page, from - wide + 2 * index) !== text.charCodeAt(offset + index)) return false;
    }
    return true;
  }

  #take(size: number): number {
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) return free;
    const number = this.#pages.length - 1;
    const last = this.#pages[number];
    const needed = last === undefined ? size : this.#end + size;
    if (last === undefined || needed > pageBytes) {
      if (this.#pages.length === mostPages) throw new RangeError("the texts of an index take more than 4 GiB");
      this.#pages.push(new Uint8Array(last === undefined ? Math.max(smallestPage, size) : pageBytes));
      this.#end = 0;
    } else if (needed > last.length) {
      const grown = new Uint8Array(Math.min(pageBytes, Math.max(needed, 2 * last.length)));
      grown.set(last);
      this.#pages[number] = grown;
    }
    const begin = (this.#pages.length - 1) * pageBytes + this.#end;
    this.#end += size;
    return begin;
  }
}

function unitAt(page: Uint8Array, at: number): number {
  return (page[at] ?? 0) | ((page[at + 1] ?? 0) << 8);
}

function isNarrow(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

function sizeOf(length: number, isWide: boolean): number {
  return Math.max(1, Math.ceil((isWide ? 2 * length : length) / alignment)) * alignment;
}
