import type { StorageContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { findBucket } from "./buckets.ts";
import type { PartContent } from "./uploads.ts";

/** Bytes that are verified while they come, to be iterated once. */
interface VerifiedBytes extends AsyncIterable<Buffer> {
  /** Of all of them. Throws before the iteration has ended well. */
  digest(): { readonly md5Hex: string; readonly checksums: Readonly<Partial<Record<string, string>>> };
}

interface Writing {
  readonly bucketName: string;
  /** Whose they are at this moment: bytes may come for hours. Throws when that has ended. */
  readonly signer: () => Promise<Principal>;
}

/**
 * Writes bytes to the disk. When it rejects, nothing is left of them.
 *
 * @throws what their iteration and `signer` throw; ResourceFailure `no_such_bucket`, `access_denied`.
 */
export async function keepBytes(
  { blobs, store, leases }: Pick<StorageContext, "blobs" | "store" | "leases">,
  { bucketName, signer }: Writing,
  bytes: VerifiedBytes,
): Promise<PartContent> {
  const { id, size } = await blobs.write(bytes);
  try {
    // Who was ended, or lost sight of the bucket, while the bytes came writes nothing any more.
    await findBucket(store, await signer(), bucketName, "write");
    const { md5Hex, checksums } = bytes.digest();
    return { blob: id, size, eTag: md5Hex, checksums: { ...checksums } as PartContent["checksums"] };
  } catch (refusal) {
    await leases.discard([id]);
    throw refusal;
  }
}
