import { BlobMissing } from "../blobs/blobs.ts";
import type { Bucket, ObjectFacts, Piece, StoredObject } from "../store/records.ts";
import { blobsOf, type ResourceDeps } from "./deps.ts";
import { ResourceFailure } from "./failure.ts";
import { whenAllowed } from "./held.ts";
import { allowedFacts, writeOperation } from "./object-hooks.ts";
import { judgeNow, settleAt, statObject } from "./objects.ts";
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
}

/**
 * Copies an object without copying its bytes: the copy has links of its own to them. It keeps the source's ETag, also where
 * that is of the multipart form: the bytes are the same, and are not read. They are linked before the hooks are asked, so
 * that what these agree to is what is copied, whatever becomes of the source meanwhile.
 *
 * @throws ResourceFailure `no_such_key`, `copy_to_itself` and those of {@link putObject}; what the preconditions throw.
 */
export async function copyObject(
  deps: ResourceDeps,
  request: CopyRequest,
): Promise<{ readonly object: StoredObject; readonly source: StoredObject }> {
  const { source: from, bucket, key, facts, tags } = request;
  if (from.bucket.uuid === bucket.uuid && from.key === key && facts === undefined) {
    throw new ResourceFailure("copy_to_itself");
  }
  const { source, pieces } = await linked(deps, from);
  const { size, eTag, checksums } = source;
  const reason = "CopyObject";
  const proposed = { ...(facts ?? source), tags: tags ?? source.tags };
  const object = await orDiscard(deps, pieces, async () => {
    await judgeNow(deps, request);
    const operation = writeOperation(deps, request, { facts: proposed, size, reason });
    return whenAllowed(deps, operation, async (allowed) => {
      const content = { pieces, size, eTag, checksums };
      const write = { ...request, content, facts: allowedFacts(proposed, allowed), reason, allowed } as const;
      return settleAt(deps, request, async (current) => planWrite(deps, write, current));
    });
  });
  return { object, source };
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
