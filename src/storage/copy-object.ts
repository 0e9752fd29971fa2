import type { StorageContext } from "../context.ts";
import { usualStorageClass } from "../domain/object-facts.ts";
import { type Ending, failedBy, resultOf } from "../hooks/operate.ts";
import { blobsOf } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Bucket, ObjectFacts, Piece, StoredObject } from "../store/records.ts";
import { discardUnlessKept, whenAllowed } from "./hooked-write.ts";
import { allowedFacts, writeOperation } from "./object-hooks.ts";
import { judgeNow, statObject, writeInTurn } from "./objects.ts";
import { openPieces } from "./read-object.ts";
import { decideWrite, type ObjectPlace } from "./write-object.ts";

/** By algorithm. */
export type Checksums = StoredObject["checksums"];

/** One that is to be computed where it is not known. */
export interface WantedChecksum {
  readonly algorithm: string;
  /** `digest` gives the raw bytes, once. */
  readonly start: () => { update(data: Uint8Array): void; digest(): Buffer };
}

/** Those of the bytes; that of the checksums of parts says nothing of them. */
export function wholeOnly(checksums: Checksums): Checksums {
  return Object.fromEntries(Object.entries(checksums).filter(([, value]) => !value.includes("-")));
}

export interface CopySource {
  /** One in which the principal may read. */
  readonly bucket: Bucket;
  readonly key: string;
  /** Throws when the copy must not happen, given the source as it is. */
  readonly precondition?: (source: StoredObject) => void;
}

interface CopyRequest extends ObjectPlace {
  readonly source: CopySource;
  /** Instead of the source's: everything but the tags. */
  readonly facts?: Omit<ObjectFacts, "tags">;
  /** Instead of the source's. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What the copy is said to have; that of the source is not taken over. */
  readonly storageClass?: string;
  /** The checksum that the copy is to have. Its bytes are read when the source has none of that algorithm. */
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
  context: StorageContext,
  request: CopyRequest,
): Promise<{ readonly object: StoredObject; readonly source: StoredObject }> {
  const { source: from, tags, storageClass } = request;
  const judge = (source: StoredObject): void => {
    from.precondition?.(source);
    if (changesNothing(request, source)) throw new ResourceFailure("copy_to_itself");
  };
  const copied = await linked(context, { ...from, precondition: judge });
  const { contentType, headers, userMetadata } = request.facts ?? copied.source;
  const facts = {
    contentType,
    headers,
    userMetadata,
    tags: tags ?? copied.source.tags,
    ...(storageClass === undefined || storageClass === usualStorageClass ? {} : { storageClass }),
  };
  const ending = await writeCopy(context, { ...request, facts }, copied).catch(failedBy);
  await discardUnlessKept(context, copied.pieces, ending);
  return { object: resultOf(ending), source: copied.source };
}

/** Makes the links the object, once its hooks agreed. */
async function writeCopy(
  context: StorageContext,
  request: CopyRequest & { readonly facts: ObjectFacts },
  { source, pieces }: Copied,
): Promise<Ending<StoredObject>> {
  await judgeNow(context, request);
  const { size, eTag } = source;
  const checksums = await checksumsOf(context, { source, pieces }, request.checksum);
  const reason = "CopyObject";
  const operation = writeOperation(context, request, { facts: request.facts, size, reason });
  return whenAllowed(context, [operation], async ([allowed]) => {
    const content = { pieces, size, eTag, checksums };
    const write = { ...request, content, facts: allowedFacts(request.facts, allowed), reason, allowed } as const;
    return await writeInTurn(context, request, (current) => decideWrite(context, write, current));
  });
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
  context: StorageContext,
  { source, pieces }: Copied,
  wanted: WantedChecksum | undefined,
): Promise<Checksums> {
  if (wanted === undefined) return source.checksums;
  const { algorithm, start } = wanted;
  const known = wholeOnly(source.checksums)[algorithm];
  if (known !== undefined) return { [algorithm]: known };
  const checksum = start();
  // They are the copy's own, and nothing else takes them away.
  const bytes = await openPieces(context, pieces, { start: 0, end: source.size - 1 });
  for await (const chunk of (bytes ?? []) as AsyncIterable<Uint8Array>) checksum.update(chunk);
  return { [algorithm]: checksum.digest().toString("base64") };
}

/** How often a source is looked at again because its bytes were going while they were linked. */
const maxLooks = 5;

interface Copied {
  readonly source: StoredObject;
  /** Links to its bytes. */
  readonly pieces: readonly Piece[];
}

/** Links to the bytes of the source as it is now. */
async function linked(context: StorageContext, { bucket, key, precondition }: CopySource): Promise<Copied> {
  for (let looks = 1; ; looks += 1) {
    const source = await statObject(context.store, bucket, key);
    precondition?.(source);
    const pieces = await linkAll(context, source.pieces);
    if (pieces !== undefined) return { source, pieces };
    if (looks === maxLooks) throw new Error(`the bytes of file ${source.uuid} are missing`);
  }
}

/** `undefined`: the blobs are gone, or going. Whenever not all can be linked, no link stays. */
export async function linkAll(context: StorageContext, pieces: readonly Piece[]): Promise<Piece[] | undefined> {
  const blobs = blobsOf(pieces);
  using lease = context.leases.take(blobs);
  if (lease === undefined) return undefined;
  const links: Piece[] = [];
  try {
    for (const [index, blob] of blobs.entries()) {
      const link = await context.blobs.link(blob);
      if (link === undefined) {
        await context.leases.discard(blobsOf(links));
        return undefined;
      }
      links.push({ blob: link, size: pieces[index]?.size ?? 0 });
    }
    return links;
  } catch (error) {
    await context.leases.discard(blobsOf(links));
    throw error;
  }
}
