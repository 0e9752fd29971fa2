import { BlobMissing } from "../blobs/blobs.ts";
import { usualStorageClass } from "../domain/object-facts.ts";
import { blobsOf, type ResourceDeps } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Bucket, ObjectFacts, Piece, StoredObject } from "../store/records.ts";
import { type WantedChecksum, wholeOnly } from "./checksums.ts";
import { whenAllowed } from "./held.ts";
import { allowedFacts, writeOperation } from "./object-hooks.ts";
import { judgeNow, settleAt, statObject } from "./objects.ts";
import { openPieces } from "./read-object.ts";
import { orDiscard } from "./settle.ts";
import { type ObjectPlace, planWrite } from "./write-object.ts";

export interface CopySource {
  /** One in which the principal may read. */
  readonly bucket: Bucket;
  readonly key: string;
  /** Throws when the copy must not happen, given the source as it is. */
  readonly precondition?: (source: StoredObject) => void;
}

export interface CopyRequest extends ObjectPlace {
  readonly source: CopySource;
  /** Instead of the source's: everything but the tags. */
  readonly facts?: Omit<ObjectFacts, "tags">;
  /** Instead of the source's. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What the copy is said to have; that of the source is not taken over. */
  readonly storageClass?: string;
  /** With which the copy is to be told. Its bytes are read when the source is not told so. */
  readonly checksum?: WantedChecksum;
}

/**
 * Copies an object without copying its bytes: the copy has links of its own to them. Onto itself it is copied to change what is said of it. It keeps the source's ETag, also where
 * that is of the multipart form: the bytes are the same, and are not read. They are linked before the hooks are asked, so
 * that what these agree to is what is copied, whatever becomes of the source meanwhile.
 *
 * @throws ResourceFailure `no_such_key`, `copy_to_itself` and those of {@link putObject}; what the preconditions throw.
 */
export async function copyObject(
  deps: ResourceDeps,
  request: CopyRequest,
): Promise<{ readonly object: StoredObject; readonly source: StoredObject }> {
  const { source: from, tags, storageClass } = request;
  const judge = (source: StoredObject): void => {
    from.precondition?.(source);
    if (changesNothing(request, source)) throw new ResourceFailure("copy_to_itself");
  };
  const { source, pieces } = await linked(deps, { ...from, precondition: judge });
  const { size, eTag } = source;
  const reason = "CopyObject";
  const { contentType, headers, userMetadata } = request.facts ?? source;
  const proposed = {
    contentType,
    headers,
    userMetadata,
    tags: tags ?? source.tags,
    ...(storageClass === undefined || storageClass === usualStorageClass ? {} : { storageClass }),
  };
  const object = await orDiscard(deps, pieces, async () => {
    await judgeNow(deps, request);
    const checksums = await checksumsOf(deps, { source, pieces }, request.checksum);
    const operation = writeOperation(deps, request, { facts: proposed, size, reason });
    return whenAllowed(deps, operation, async (allowed) => {
      const content = { pieces, size, eTag, checksums };
      const write = { ...request, content, facts: allowedFacts(proposed, allowed), reason, allowed } as const;
      return settleAt(deps, request, async (current) => planWrite(deps, write, current));
    });
  });
  return { object, source };
}

function changesNothing(
  { source: from, bucket, key, facts, storageClass }: CopyRequest,
  source: StoredObject,
): boolean {
  if (from.bucket.uuid !== bucket.uuid || from.key !== key || facts !== undefined) return false;
  return storageClass === undefined || storageClass === (source.storageClass ?? usualStorageClass);
}

/** Those of the source, or the one that is asked for. */
async function checksumsOf(
  deps: ResourceDeps,
  { source, pieces }: { readonly source: StoredObject; readonly pieces: readonly Piece[] },
  wanted: WantedChecksum | undefined,
): Promise<StoredObject["checksums"]> {
  if (wanted === undefined) return source.checksums;
  const { algorithm, start } = wanted;
  const known = wholeOnly(source.checksums)[algorithm];
  if (known !== undefined) return { [algorithm]: known };
  const checksum = start();
  // They are the copy's own, and nobody else takes them away.
  const bytes = await openPieces(deps, pieces, { start: 0, end: source.size - 1 });
  for await (const chunk of (bytes ?? []) as AsyncIterable<Uint8Array>) checksum.update(chunk);
  return { [algorithm]: checksum.digest().toString("base64") };
}

/** How often a source is looked at again because its bytes were going while they were linked. */
const maxLooks = 5;

/** Links to the bytes of the source as it is now. */
async function linked(
  deps: ResourceDeps,
  { bucket, key, precondition }: CopySource,
): Promise<{ readonly source: StoredObject; readonly pieces: readonly Piece[] }> {
  for (let looks = 1; ; looks += 1) {
    const source = await statObject(deps.store, bucket, key);
    precondition?.(source);
    const pieces = await linkAll(deps, source.pieces);
    if (pieces !== undefined) return { source, pieces };
    if (looks === maxLooks) throw new Error(`the bytes of file ${source.uuid} are missing`);
  }
}

/** `undefined`: the blobs are gone, or going. Whenever not all can be linked, no link stays. */
export async function linkAll(deps: ResourceDeps, pieces: readonly Piece[]): Promise<Piece[] | undefined> {
  const blobs = blobsOf(pieces);
  using lease = deps.leases.take(blobs);
  if (lease === undefined) return undefined;
  const links: Piece[] = [];
  try {
    for (const [index, blob] of blobs.entries()) {
      links.push({ blob: await deps.blobs.link(blob), size: pieces[index]?.size ?? 0 });
    }
    return links;
  } catch (error) {
    await deps.leases.discard(blobsOf(links));
    if (error instanceof BlobMissing) return undefined;
    throw error;
  }
}
