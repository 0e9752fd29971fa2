import type { Readable } from "node:stream";
import type { ByteRange } from "./blobs.ts";

/** The key of a body among the others: 28 hex digits, the last 12 of which are the run of the server that wrote it. */
export type BodyKey = string;

const keyForm = /^[0-9a-f]{28}$/;

export function isBodyKey(text: string): text is BodyKey {
  return keyForm.test(text);
}

/** The run of the server that wrote a body. */
export function writerOf(body: BodyKey): string {
  return body.slice(-12);
}

export interface ListedBody {
  readonly body: BodyKey;
  readonly size: number;
  /** When it was written, by the clock of where it lies. */
  readonly modifiedMs: number;
}

/** Something of which not all parts came. */
export interface UnfinishedBody {
  readonly body: BodyKey;
  readonly upload: string;
}

/** Who deletes among the bodies of a place. */
export interface Owner {
  /** The identity of the database that has their names: 32 hex digits. */
  readonly folder: string;
  /** The run of the server that said so last. */
  readonly run: string;
}

/**
 * Bytes in a place that several programs reach over a network, each under a key of its own. It knows nothing of names: who may delete a body is
 * decided by what is kept in the store.
 *
 * @throws SignalboxError from each of them: `unavailable` with what to do when the place cannot be reached, refuses, or does not answer in
 * time; what may be done twice has been tried several times by then.
 */
export interface Bodies {
  /** Where: `s3://bucket/prefix`, without secrets. */
  readonly place: string;
  /**
   * Streams on with backpressure; gives the number of bytes. When the source throws, nothing is written and its error is thrown on.
   *
   * @throws SignalboxError `storage_full`
   */
  write(body: BodyKey, source: AsyncIterable<Uint8Array>): Promise<number>;
  /** As of {@link Blobs.read}. */
  read(body: BodyKey, range: ByteRange): Promise<Readable | undefined>;
  /** As of {@link Blobs.readSmall}. */
  readSmall(body: BodyKey, range: ByteRange): Promise<Buffer | undefined>;
  /** Missing ones are no error. */
  delete(bodies: readonly BodyKey[]): Promise<void>;
  /** All that there is, in pages. Ends early when `signal` aborts. */
  all(signal: AbortSignal): AsyncIterable<readonly ListedBody[]>;
  /** What is being written in parts, and what was left so, in pages. */
  unfinished(signal: AbortSignal): AsyncIterable<readonly UnfinishedBody[]>;
  /** Gives up parts that came. One that is gone is no error. */
  abort(unfinished: UnfinishedBody): Promise<void>;
  /** `undefined`: nothing was said yet. */
  owner(): Promise<Owner | undefined>;
  own(owner: Owner): Promise<void>;
  /** Resolves when the place answers, or did a moment ago. */
  ready(): Promise<void>;
  /** Begins nothing any more, and breaks off what is being written. Idempotent. */
  close(): Promise<void>;
}
