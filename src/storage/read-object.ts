import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type BlobId, smallRead } from "../blobs/blobs.ts";
import type { StorageContext } from "../context.ts";
import { asError, SignalboxError } from "../errors.ts";
import { blobsOf } from "../platform/deps.ts";
import type { Bucket, Piece, StoredObject } from "../store/records.ts";
import { fileEventNames, noticedEvent } from "./object-events.ts";
import { statObject } from "./objects.ts";

/** Both ends inclusive; `end` is `start - 1` for no bytes at all. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

interface ReadObject<R extends Range> {
  readonly object: StoredObject;
  readonly range: R;
  /** The range's bytes: few of them in one piece. Destroy a stream that is not read to its end. */
  readonly bytes: Buffer | Readable;
}

/** How often an object is looked at again because its bytes were going while it was being opened. */
const maxLooks = 5;

/**
 * Opens an object's bytes. `choose` gets the object and says which of them; it may throw to refuse. The bytes are
 * those of that one version to the end, whatever happens to the object meanwhile.
 *
 * @throws ResourceFailure `no_such_key`; what `choose` throws.
 */
export async function readObject<R extends Range>(
  context: StorageContext,
  place: { readonly bucket: Bucket; readonly key: string },
  choose: (object: StoredObject) => R,
): Promise<ReadObject<R>> {
  for (let looks = 1; ; looks += 1) {
    const object = await statObject(context.store, place.bucket, place.key);
    const range = choose(object);
    const bytes = await readPieces(context, object.pieces, range).catch((error: unknown) => {
      throw error instanceof RangeError ? bytesDamaged(context, object, error.message) : error;
    });
    if (bytes !== undefined) return { object, range, bytes };
    if (looks === maxLooks) throw bytesDamaged(context, object, "are missing");
    // What replaced it is known by then.
    await nextTurn();
  }
}

/** Only the operator can mend it, so the log names the files. */
function bytesDamaged({ log }: StorageContext, { uuid, pieces }: StoredObject, how: string): SignalboxError {
  const blobs = pieces.slice(0, 10).map(({ blob }) => blob);
  log.error(
    { file: uuid, blobs, how },
    "the bytes of an object are damaged: signalbox check tells which, a backup of blobs/ has them",
  );
  return new SignalboxError(
    "storage_damaged",
    `the bytes of file ${uuid} are missing or cut on the server's disk: ask its operator to put back its blobs from a backup`,
  );
}

/** Tells who watches the file, before a byte is sent. A read must not fail when it cannot be kept: the log says so then. */
export async function announceDownload(
  { clock, publish, log }: StorageContext,
  doing: Parameters<typeof noticedEvent>[1],
  object: StoredObject,
): Promise<void> {
  try {
    await publish({ events: [noticedEvent(clock, doing, { object, name: fileEventNames.downloaded })] });
  } catch (thrown) {
    log.error({ file: object.uuid, error: asError(thrown).message }, "a download could not be announced");
  }
}

/** A part of one blob. */
interface Slice extends Range {
  readonly blob: BlobId;
}

/** The slices of blobs that make up a range of an object. */
function slices(pieces: readonly Piece[], { start, end }: Range): Slice[] {
  const found: Slice[] = [];
  let offset = 0;
  const blobs = blobsOf(pieces);
  for (const [index, { size }] of pieces.entries()) {
    const blob = blobs[index];
    const first = Math.max(start - offset, 0);
    const last = Math.min(end - offset, size - 1);
    if (blob !== undefined && first <= last) found.push({ blob, start: first, end: last });
    offset += size;
  }
  return found;
}

const noBytes = Buffer.alloc(0);

/** A small range of one blob is read at once, which no lease need make safe; any other is opened. */
async function readPieces(
  context: StorageContext,
  pieces: readonly Piece[],
  range: Range,
): Promise<Buffer | Readable | undefined> {
  if (range.end < range.start) return noBytes;
  if (range.end - range.start >= smallRead) return openPieces(context, pieces, range);
  const [first, ...rest] = slices(pieces, range);
  if (first === undefined) return noBytes;
  return rest.length === 0 ? context.blobs.readSmall(first.blob, first) : openPieces(context, pieces, range);
}

/** The bytes of a range of what these pieces make; `undefined`: the blobs are gone, or going. */
export async function openPieces(
  { blobs, leases }: StorageContext,
  pieces: readonly Piece[],
  range: Range,
): Promise<Readable | undefined> {
  const [first, ...rest] = slices(pieces, range);
  if (first === undefined) return Readable.from([], { objectMode: false });
  const lease = leases.take([first.blob, ...rest.map(({ blob }) => blob)]);
  if (lease === undefined) return undefined;
  const release = (): void => lease[Symbol.dispose]();
  try {
    const opened = await blobs.read(first.blob, first);
    if (opened === undefined) {
      release();
      return undefined;
    }
    const stream = rest.length === 0 ? opened : Readable.from(inTurn(blobs, opened, rest), { objectMode: false });
    stream.once("close", () => {
      // A generator that was never started does not run its `finally`.
      opened.destroy();
      release();
    });
    return stream;
  } catch (error) {
    release();
    throw error;
  }
}

async function* inTurn(
  blobs: StorageContext["blobs"],
  opened: Readable,
  rest: readonly Slice[],
): AsyncGenerator<Buffer> {
  yield* opened;
  for (const slice of rest) {
    const stream = await blobs.read(slice.blob, slice);
    if (stream === undefined) throw new Error(`blob ${slice.blob} is missing`);
    yield* stream;
  }
}
