import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { StorageContext } from "../context.ts";
import type { Part, StoredObject, Upload } from "../store/records.ts";
import { type Checksums, type CopySource, linkAll, type WantedChecksum, wholeOnly } from "./copy-object.ts";
import { type Range, readObject } from "./read-object.ts";
import { type PartContent, putPart } from "./uploads.ts";

interface PartCopy {
  readonly upload: Upload;
  readonly number: number;
  readonly source: CopySource;
  /** Which bytes of the source, given what it is; throws to refuse. */
  readonly choose: (source: StoredObject) => Range;
  /** The checksum that parts of the upload have. */
  readonly checksum?: WantedChecksum;
}

/**
 * Makes a range of an object a part. The whole of an object that is one blob is linked, when the checksum is known that the part has to
 * have; any other range is copied.
 *
 * @throws ResourceFailure `no_such_key`, `no_such_upload`, `busy`; what `choose` and the source's precondition throw.
 */
export async function copyPart(
  context: StorageContext,
  { upload, number, source, choose, checksum }: PartCopy,
): Promise<{ readonly part: Part; readonly source: StoredObject }> {
  const { object, range, bytes } = await readObject(context, source, (found) => {
    source.precondition?.(found);
    return choose(found);
  });
  const stream = bytes instanceof Readable ? bytes : Readable.from([bytes]);
  try {
    using _room = await context.room.take(source.bucket.tenant, { size: range.end - range.start + 1 });
    const content = (await link(context, object, { range, checksum })) ?? (await write(context, stream, checksum));
    return { part: await putPart(context, upload, number, content), source: object };
  } finally {
    stream.destroy();
  }
}

const plainMd5 = /^[0-9a-f]{32}$/;

/** A link to the object's only blob, where all of it is wanted and its MD5 is known; the bytes are not read then. */
async function link(
  context: StorageContext,
  { pieces, size, eTag, checksums }: StoredObject,
  { range: { start, end }, checksum }: { readonly range: Range; readonly checksum: WantedChecksum | undefined },
): Promise<PartContent | undefined> {
  const known = wholeOnly(checksums);
  const partChecksums = checksum === undefined ? known : only(known, checksum.algorithm);
  if (partChecksums === undefined) return undefined;
  if (pieces.length !== 1 || start !== 0 || end !== size - 1 || !plainMd5.test(eTag)) return undefined;
  const [piece] = (await linkAll(context, pieces)) ?? [];
  if (piece === undefined) return undefined;
  return { blob: piece.blob, size, eTag, checksums: partChecksums };
}

function only(checksums: Checksums, algorithm: string): Checksums | undefined {
  const value = checksums[algorithm];
  return value === undefined ? undefined : { [algorithm]: value };
}

async function write(
  context: StorageContext,
  bytes: Readable,
  wanted: WantedChecksum | undefined,
): Promise<PartContent> {
  const md5 = createHash("md5");
  const checksum = wanted?.start();
  const update = (chunk: Uint8Array): void => {
    md5.update(chunk);
    checksum?.update(chunk);
  };
  const { id, size } = await context.blobs.write(hashed(bytes, { update }));
  const checksums =
    wanted === undefined || checksum === undefined ? {} : { [wanted.algorithm]: checksum.digest().toString("base64") };
  return { blob: id, size, eTag: md5.digest("hex"), checksums };
}

async function* hashed(bytes: Readable, hash: { update(chunk: Uint8Array): void }): AsyncGenerator<Uint8Array> {
  // The stream is one of bytes: it yields nothing else.
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    yield chunk;
  }
}
