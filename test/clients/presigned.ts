/** URLs that carry their signature. */
import assert from "node:assert/strict";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Workshop } from "./harness.ts";
import type { Place } from "./matrix.ts";

export function signedBySdk({ server }: Workshop, { bucket, key }: Place): Promise<string> {
  return getSignedUrl(server.s3, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: 60 });
}

/** As a browser or curl would: nothing but the URL and the bytes. */
export async function upload(url: string, bytes: Buffer): Promise<void> {
  const response = await fetch(url, { method: "PUT", body: new Uint8Array(bytes) });
  assert.equal(response.status, 200, await response.text());
}
