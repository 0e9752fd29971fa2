import type { FileHandle } from "node:fs/promises";

/** What is written at once: a system call for each small piece would cost more than its bytes. */
const batchBytes = 256 * 1024;
/** Written back every so often, so that a large object does not fill the page cache and then stall its final fsync. */
const syncEveryBytes = 64 * 1024 * 1024;

/**
 * Writes everything that `source` yields, the next batch being gathered while the last is written, and returns the number of
 * bytes. `check` is asked before each batch and may throw.
 *
 * A source's error is thrown on. A piece is copied before the next is asked for. Nothing is synced at the end.
 */
export async function writeAll(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  check: () => void,
): Promise<number> {
  const file = new Batches(handle);
  try {
    for await (const piece of source) {
      for (let rest = file.add(piece); rest.length > 0; rest = file.add(rest)) {
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

const none = new Uint8Array(0);

/** Two buffers in turn: one is filled while the other is written. */
class Batches {
  readonly #handle: FileHandle;
  #filling: Uint8Array = none;
  #filled = 0;
  #spare: Uint8Array = none;
  #size = 0;
  #unsynced = 0;
  /** The batch on its way to the disk. Never rejects: {@link #failure} holds why. */
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Takes what there is room for, and gives the rest: then the batch is full. */
  add(piece: Uint8Array): Uint8Array {
    const needed = this.#filled + piece.length;
    if (needed > this.#filling.length && this.#filling.length < batchBytes) this.#grow(needed);
    const taken = piece.subarray(0, this.#filling.length - this.#filled);
    this.#filling.set(taken, this.#filled);
    this.#filled += taken.length;
    return piece.subarray(taken.length);
  }

  /** Most objects come in one piece, and are no larger than it. */
  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(this.#filled === 0 ? Math.min(needed, batchBytes) : batchBytes);
    larger.set(this.#filling.subarray(0, this.#filled));
    this.#filling = larger;
  }

  /** Waits for the batch before, and begins to write this one. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
    const batch = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
    if (batch.length > 0) {
      this.#writing = this.#write(batch).catch((error: unknown) => {
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
  async #write(batch: Uint8Array): Promise<void> {
    for (let at = 0; at < batch.length; ) {
      const { bytesWritten } = await this.#handle.write(batch, at);
      at += bytesWritten;
    }
    this.#size += batch.length;
    this.#unsynced += batch.length;
    if (this.#unsynced < syncEveryBytes) return;
    this.#unsynced = 0;
    await this.#handle.datasync();
  }
}
