import { createHash, type Hash, randomBytes } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { smallRead } from "../blobs.ts";

/** As much of a part as stays in memory: most objects are no larger, and touch no disk. */
const inMemory = 256 * 1024;

/**
 * A part on its way, with the hash of its bytes: S3 wants to know how many they are before the first, and a failed try begins anew. What is more than
 * fits into memory lies in a file without a name, which is gone with the process.
 */
export class Spool implements AsyncDisposable {
  readonly #folder: string;
  #hash: Hash = createHash("sha256");
  #buffer = Buffer.alloc(0);
  /** In the buffer. */
  #filled = 0;
  #file: FileHandle | undefined;
  /** In the file. */
  #written = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get size(): number {
    return this.#written + this.#filled;
  }

  /** Takes a copy of `piece`. */
  async append(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    for (let rest = piece; rest.length > 0; ) {
      if (this.#filled === inMemory) await this.#flush();
      const taken = rest.subarray(0, inMemory - this.#filled);
      this.#grow(this.#filled + taken.length);
      this.#buffer.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
    }
  }

  /** SHA-256 of all of it, in hex. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** All of it, as often as it is asked for. Nothing may be appended before who asked is through with it. */
  async body(): Promise<Buffer | Readable> {
    if (this.#file === undefined) return this.#buffer.subarray(0, this.#filled);
    await this.#flush();
    return Readable.from(piecesOf(this.#file, this.#written), { objectMode: false });
  }

  /** Empty again. */
  reset(): void {
    this.#hash = createHash("sha256");
    this.#filled = 0;
    this.#written = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #grow(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(
      this.#filled === 0 ? needed : Math.min(Math.max(needed, 2 * this.#buffer.length), inMemory),
    );
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }

  async #flush(): Promise<void> {
    this.#file ??= await unnamedFile(this.#folder);
    for (let at = 0; at < this.#filled; ) {
      const { bytesWritten } = await this.#file.write(this.#buffer, at, this.#filled - at, this.#written);
      at += bytesWritten;
      this.#written += bytesWritten;
    }
    this.#filled = 0;
  }
}

async function unnamedFile(folder: string): Promise<FileHandle> {
  const path = join(folder, randomBytes(12).toString("hex"));
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

async function* piecesOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(Math.min(smallRead, size - at)), 0, null, at);
    if (bytesRead === 0) throw new Error("a spooled part became shorter");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
