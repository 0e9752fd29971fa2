import type { Readable } from "node:stream";

declare const brand: unique symbol;
/** The name of a blob. Random: never made from a key. Made only by a {@link Blobs} and by {@link parseBlobId}. */
export type BlobId = string & { readonly [brand]: "blob" };

const idForm = /^[0-9a-f]{40}$/;

/** `undefined` when `text` has not the form of a blob id, so that no text from elsewhere becomes part of a path. */
export function parseBlobId(text: string): BlobId | undefined {
  return idForm.test(text) ? (text as BlobId) : undefined;
}

/**
 * As many bytes as are read at once. What has been sent is garbage until the next collection, which larger pieces put off: 1 GiB read raised the
 * process by 21 MiB in pieces of 64 KiB and by 60 MiB in pieces of 256 KiB, and was no faster.
 */
export const smallRead = 64 * 1024;

/** The run of the server that wrote a blob, as its name says. */
export function runOf(id: BlobId): string {
  return id.slice(-12);
}

/** Both ends inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Object bytes. A blob is written once and never changed.
 *
 * Once `write` or `link` has resolved, the bytes and the name are durable: a power cut keeps both. What a crash leaves
 * half-written has a name that nothing refers to: it is harmless, and the adapter's own sweep finds it.
 */
export interface Blobs {
  /**
   * Streams on with backpressure, half a megabyte in memory at most. A chunk is the source's own again when the next is asked for.
   * When the source throws, nothing remains and its error is thrown on.
   *
   * @throws SignalboxError `storage_full` when there is no room, or a quota is used up: nothing remains; `unavailable` when the bytes cannot be kept
   * now, and once closed.
   */
  write(source: AsyncIterable<Uint8Array>): Promise<{ readonly id: BlobId; readonly size: number }>;

  /**
   * A second name for the same bytes; each of the two is deleted on its own. `undefined`: the blob is not, or no longer, there.
   */
  link(id: BlobId): Promise<BlobId | undefined>;

  /**
   * Bytes `start` to `end`, with backpressure; none when `end` is `start - 1`. The stream survives a
   * concurrent {@link Blobs.delete}. Destroy it when it is not read to its end. It ends with an error, and never early or with other bytes, when they
   * cannot all be read.
   * `undefined`: the blob is not, or no longer, there.
   *
   * @throws RangeError when the range reaches past the end; SignalboxError `unavailable` when the bytes cannot be reached now.
   */
  read(id: BlobId, range: ByteRange): Promise<Readable | undefined>;

  /**
   * The same bytes in one piece, at least one and at most {@link smallRead} of them.
   *
   * @throws as {@link read}
   */
  readSmall(id: BlobId, range: ByteRange): Promise<Buffer | undefined>;

  /** Missing ones are no error. An adapter may let them be read for a while still. */
  delete(ids: readonly BlobId[]): Promise<void>;

  /**
   * From now on what is deleted is kept, so that a backup finds it, until the returned function is called. A process that
   * ends before leaves it to the sweep.
   */
  hold(): () => Promise<void>;

  /** Resolves when bytes can be read and written, as far as is known without writing any; rejects with the reason otherwise. */
  ready(): Promise<void>;

  /** Takes no more writes; those whose bytes are still coming fail. Idempotent. */
  close(): Promise<void>;
}

/** A blob that was put aside. */
export interface QuarantinedBlob {
  readonly id: BlobId;
  /** When: `2026-11-20`, in UTC. */
  readonly day: string;
}

/** Blobs that one process alone has, and that are swept by looking at them: {@link FolderBlobs.older} lists after the next start what a crash left. */
export interface FolderBlobs extends Blobs {
  /** Puts blobs aside, under today's date: `read` and `link` bring back what is asked for after all. Missing ones are no error. */
  quarantine(ids: readonly BlobId[]): Promise<void>;

  /** All that was put aside, in pages. Ends early when `signal` aborts. */
  quarantined(signal: AbortSignal): AsyncIterable<QuarantinedBlob[]>;

  /** Brings back what was put aside, or deletes it for good. Missing ones are no error. */
  release(blobs: readonly QuarantinedBlob[], how: "restore" | "delete"): Promise<void>;

  /**
   * Every blob that was there before this process opened the store, in pages, so that a sweeper never meets one that is
   * being written or not yet committed. Ends early when `signal` aborts.
   */
  older(signal: AbortSignal): AsyncIterable<BlobId[]>;
}
