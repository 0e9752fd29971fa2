import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Part, StoredObject, Upload } from "../store/records.ts";
import type { CopySource } from "./copy-object.ts";
import { linkAll } from "./copy-object.ts";
import type { ResourceDeps } from "./deps.ts";
import { type Range, readObject } from "./read-object.ts";
import { type PartContent, putPart } from "./uploads.ts";

export interface PartCopy {
  readonly upload: Upload;
  readonly number: number;
  readonly source: CopySource;
  /** Which bytes of the source, given what it is; throws to refuse. */
  readonly choose: (source: StoredObject) => Range;
}

/**
 * Makes a range of an object a part. The whole of an object that is one blob is linked; any other range is copied.
 *
 * @throws ResourceFailure `no_such_key`, `no_such_upload`, `busy`; what `choose` and the source's precondition throw.
 */
export async function copyPart(
  deps: ResourceDeps,
  { upload, number, source, choose }: PartCopy,
): Promise<{ readonly part: Part; readonly source: StoredObject }> {
  const { object, range, bytes } = await readObject(deps, source, (found) => {
    source.precondition?.(found);
    return choose(found);
  });
  try {
    using _room = await deps.room.take(source.bucket.tenant, { size: range.end - range.start + 1 });
    const content = (await link(deps, object, range)) ?? (await write(deps, bytes));
    return { part: await putPart(deps, upload, number, content), source: object };
  } finally {
    bytes.destroy();
  }
}

const plainMd5 = /^[0-9a-f]{32}$/;

/** A link to the object's only blob, where all of it is wanted and its MD5 is known; the bytes are not read then. */
async function link(
  deps: ResourceDeps,
  { pieces, size, eTag, checksums }: StoredObject,
  { start, end }: Range,
): Promise<PartContent | undefined> {
  if (pieces.length !== 1 || start !== 0 || end !== size - 1 || !plainMd5.test(eTag)) return undefined;
  const [piece] = (await linkAll(deps, pieces)) ?? [];
  if (piece === undefined) return undefined;
  return { blob: piece.blob, size, eTag, checksums };
}

async function write(deps: ResourceDeps, bytes: Readable): Promise<PartContent> {
  const md5 = createHash("md5");
  const { id, size } = await deps.blobs.write(hashed(bytes, md5));
  return { blob: id, size, eTag: md5.digest("hex"), checksums: {} };
}

async function* hashed(bytes: Readable, hash: { update(chunk: Uint8Array): void }): AsyncGenerator<Uint8Array> {
  // The stream is one of bytes: it yields nothing else.
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    yield chunk;
  }
}
