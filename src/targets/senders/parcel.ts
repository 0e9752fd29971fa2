/** Numbers and bytes on their way from one thread to another: two buffers in one message, which change hands without being copied. */
export interface Parcel {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Room for bytes of a new parcel, at least. It grows with what is put in. */
const leastBytes = 16_384;

/** What is put in comes out in the same order. */
export class ParcelWriter {
  readonly #numbers: number[] = [];
  #bytes: Buffer<ArrayBuffer> | undefined;
  #used = 0;
  /** Of the last parcel: the next one is often as large. */
  #lastUsed = 0;

  number(value: number): void {
    this.#numbers.push(value);
  }

  /** @param encoding `latin1` where every character is one byte. */
  text(text: string, encoding: "utf8" | "latin1"): void {
    const from = this.#used;
    const bytes = this.#room(encoding === "utf8" ? 3 * text.length : text.length);
    this.#used += bytes.write(text, from, encoding);
    this.#numbers.push(this.#used - from);
  }

  bytes(content: Uint8Array): void {
    this.#room(content.length).set(content, this.#used);
    this.#used += content.length;
    this.#numbers.push(content.length);
  }

  /** All of it, and begins anew. */
  take(): Parcel {
    const bytes = this.#bytes ?? Buffer.allocUnsafeSlow(0);
    const parcel = { numbers: new Float64Array(this.#numbers), bytes };
    this.clear();
    return parcel;
  }

  clear(): void {
    this.#numbers.length = 0;
    this.#bytes = undefined;
    this.#lastUsed = this.#used;
    this.#used = 0;
  }

  /** What may be written to behind {@link #used}, as much as is wanted. */
  #room(wanted: number): Buffer<ArrayBuffer> {
    const known = this.#bytes;
    const needed = this.#used + wanted;
    if (known !== undefined && needed <= known.length) return known;
    const size = Math.max(leastBytes, this.#lastUsed, known === undefined ? needed : 2 * needed);
    // Its own memory, which can be given away.
    const larger = Buffer.allocUnsafeSlow(size);
    known?.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
    return larger;
  }
}

/** What has to be said with a parcel so that it is not copied. */
export function handedOver({ numbers, bytes }: Parcel): readonly ArrayBuffer[] {
  return [numbers.buffer, bytes.buffer];
}

/** Where a part of a parcel's bytes lies. */
export interface ByteSpan {
  readonly from: number;
  readonly to: number;
}

export class ParcelReader {
  readonly all: Buffer;
  readonly #numbers: Float64Array;
  #at = 0;
  #from = 0;

  constructor({ numbers, bytes }: Parcel) {
    this.#numbers = numbers;
    this.all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#numbers.length;
  }

  number(): number {
    const value = this.#numbers[this.#at] ?? Number.NaN;
    this.#at += 1;
    return value;
  }

  span(): ByteSpan {
    const from = this.#from;
    this.#from += this.number();
    return { from, to: this.#from };
  }

  text(encoding: "utf8" | "latin1"): string {
    const { from, to } = this.span();
    return from === to ? "" : this.all.toString(encoding, from, to);
  }

  /** As long as the parcel is there. */
  bytes(): Buffer {
    const { from, to } = this.span();
    return this.all.subarray(from, to);
  }
}
