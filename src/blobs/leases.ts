import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { BlobId, Blobs } from "./blobs.ts";

/**
 * Who reads which blobs, so that an object of many pieces can be read to its end although it is overwritten or deleted
 * meanwhile: blobs that are read are deleted when their last reader is through.
 *
 * A blob goes: free → (leased ⇄ free) → doomed → gone. `discard` dooms at once what is not being read and notes the rest; a lease
 * on anything doomed is refused, so a reader never begins what it could not finish. All decisions are made without an
 * `await` between looking and noting. After a crash the sweeper takes what was noted.
 */
export class BlobLeases {
  readonly #blobs: Pick<Blobs, "delete">;
  readonly #log: Log;
  readonly #readers = new Map<BlobId, number>();
  /** Unwanted, but still read. */
  readonly #unwanted = new Set<BlobId>();
  /** Being deleted. */
  readonly #doomed = new Set<BlobId>();

  constructor(blobs: Pick<Blobs, "delete">, log: Log) {
    this.#blobs = blobs;
    this.#log = log;
  }

  /** Until it is disposed of, none of `ids` is deleted. `undefined`: one of them is going; look at the object again. */
  take(ids: readonly BlobId[]): Disposable | undefined {
    if (ids.some((id) => this.#doomed.has(id) || this.#unwanted.has(id))) return undefined;
    for (const id of ids) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (!taken) return;
        taken = false;
        void this.#delete(ids.filter((id) => this.#release(id)));
      },
    };
  }

  /** Deletes blobs that nothing refers to any more, those that are being read later. Never rejects: a blob too many is harmless. */
  async discard(ids: readonly BlobId[]): Promise<void> {
    const free = ids.filter((id) => !this.#readers.has(id));
    for (const id of ids) if (this.#readers.has(id)) this.#unwanted.add(id);
    await this.#delete(free);
  }

  /** Whether it is unwanted and no longer read. */
  #release(id: BlobId): boolean {
    const readers = (this.#readers.get(id) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(id, readers);
      return false;
    }
    this.#readers.delete(id);
    return this.#unwanted.delete(id);
  }

  async #delete(ids: readonly BlobId[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of ids) this.#doomed.add(id);
    try {
      await this.#blobs.delete(ids);
    } catch (error) {
      this.#log.warn({ blobs: ids.length, error: asError(error).message }, "blobs were left behind");
    } finally {
      for (const id of ids) this.#doomed.delete(id);
    }
  }
}
