import type { BlobId, ByteRange } from "./blobs.ts";

/** What one blob may have, and all of them. */
interface RecentBounds {
  readonly bytesOfOne: number;
  readonly bytes: number;
}

/** Beyond 16 KiB sending them is what a request costs, and no longer reading them. */
const defaultBounds: RecentBounds = { bytesOfOne: 16 * 1024, bytes: 8 * 1024 * 1024 };

/**
 * The bytes of small blobs that were read lately, since what is small is often read again. A blob never changes, so they hold until it is
 * deleted. When there is no more room the one that was not asked for longest goes; whose it is does not matter, as it costs its next reader a
 * read.
 */
export class RecentBytes {
  readonly #bounds: RecentBounds;
  /** From the beginning of each blob, though not always to its end. The one that was not asked for longest first. */
  readonly #known = new Map<BlobId, Buffer>();
  #bytes = 0;
  #forgotten = 0;

  constructor(bounds: RecentBounds = defaultBounds) {
    this.#bounds = bounds;
  }

  /** Bytes `start` to `end`, both inclusive, if they are known. */
  get(id: BlobId, { start, end }: ByteRange): Buffer | undefined {
    const bytes = this.#known.get(id);
    if (bytes === undefined || end >= bytes.length) return undefined;
    this.#known.delete(id);
    this.#known.set(id, bytes);
    return start === 0 && end === bytes.length - 1 ? bytes : bytes.subarray(start, end + 1);
  }

  /** How often blobs were forgotten. */
  get turn(): number {
    return this.#forgotten;
  }

  /** Keeps what was read from the beginning of a blob, unless blobs were forgotten since {@link turn} was asked: it may be one of them. */
  keep(id: BlobId, bytes: Buffer, turn: number): void {
    if (turn !== this.#forgotten || bytes.length > this.#bounds.bytesOfOne) return;
    this.#drop(id);
    this.#known.set(id, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= this.#bounds.bytes) break;
      this.#drop(oldest);
    }
  }

  /** To be called when they were deleted, or put aside. */
  forget(ids: readonly BlobId[]): void {
    this.#forgotten += 1;
    for (const id of ids) this.#drop(id);
  }

  #drop(id: BlobId): void {
    this.#bytes -= this.#known.get(id)?.length ?? 0;
    this.#known.delete(id);
  }
}
