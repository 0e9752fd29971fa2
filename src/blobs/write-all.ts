import type { FileHandle } from "node:fs/promises";

/** Small pieces are written together: a system call for each would cost more than its bytes. */
const batchBytes = 256 * 1024;
/** Below IOV_MAX, and a bound on the objects that a client of tiny pieces can make us hold. */
const batchPieces = 512;
/** Written back every so often, so that a large object does not fill the page cache and then stall its final fsync. */
const syncEveryBytes = 64 * 1024 * 1024;

/**
 * Writes everything that `source` yields, the next batch being gathered while the last is written, and returns the number of
 * bytes. `check` is asked before each batch and may throw.
 *
 * A source's error is thrown on. Nothing is synced at the end.
 */
export async function writeAll(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  check: () => void,
): Promise<number> {
  const file = new Batches(handle);
  try {
    for await (const piece of source) {
      if (file.add(piece)) {
        check();
        await file.flush();
      }
    }
    check();
    await file.flush();
  } finally {
    await file.settled();
  }
  return file.written();
}

class Batches {
  readonly #handle: FileHandle;
  #pieces: Uint8Array[] = [];
  #gathered = 0;
  #size = 0;
  #unsynced = 0;
  /** The batch on its way to the disk. Never rejects: {@link #failure} holds why. */
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Whether the batch is now full. */
  add(piece: Uint8Array): boolean {
    if (piece.length === 0) return false;
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    return this.#gathered >= batchBytes || this.#pieces.length >= batchPieces;
  }

  /** Waits for the batch before, and begins to write this one. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
    const pieces = this.#pieces;
    const size = this.#gathered;
    this.#pieces = [];
    this.#gathered = 0;
    if (size > 0) {
      this.#writing = this.#write(pieces, size).catch((error: unknown) => {
        this.#failure = { error };
      });
    }
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  written(): number {
    this.#throwFailure();
    return this.#size;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** A write may take only a part; the disk's refusal comes with the next one. */
  async #write(pieces: readonly Uint8Array[], size: number): Promise<void> {
    let rest = pieces;
    for (let left = size; left > 0; ) {
      const { bytesWritten } = await this.#handle.writev([...rest]);
      left -= bytesWritten;
      if (left > 0) rest = after(rest, bytesWritten);
    }
    this.#size += size;
    this.#unsynced += size;
    if (this.#unsynced < syncEveryBytes) return;
    this.#unsynced = 0;
    await this.#handle.datasync();
  }
}

/** What is left of the pieces behind the first `bytes`. */
function after(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const part = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - part.length;
    return part.length === 0 ? [] : [part];
  });
}
