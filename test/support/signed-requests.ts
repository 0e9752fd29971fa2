import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import type { SignedRequest } from "../../src/faces/s3/wire/canonical.ts";
import type { S3ErrorCode } from "../../src/faces/s3/wire/errors.ts";
import { deriveSigningKey } from "../../src/faces/s3/wire/signing-keys.ts";
import { verifySignature } from "../../src/faces/s3/wire/sigv4.ts";

/** The example account of the Amazon S3 API reference, whose signatures are published there. */
export const id = "AKIAIOSFODNN7EXAMPLE";
export const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
export const signedMs = Date.parse("2013-05-24T00:00:00Z");
export const nothing = createHash("sha256").digest("hex");
export const lookup = async (accessKeyId: string) => (accessKeyId === id ? { secret, owner: "ann" } : undefined);

export function request(method: string, rawUrl: string, headers: Record<string, string>): SignedRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { method, rawUrl, headers: Object.fromEntries(lower), rawHeaders: Object.entries(headers).flat() };
}

export function authorization(signedHeaders: string, signature: string, separator = ","): string {
  const credential = `Credential=${id}/20130524/us-east-1/s3/aws4_request`;
  return `AWS4-HMAC-SHA256 ${[credential, `SignedHeaders=${signedHeaders}`, `Signature=${signature}`].join(separator)}`;
}

export const host = "examplebucket.s3.amazonaws.com";
export const signedGet = request("GET", "/test.txt", {
  Host: host,
  Range: "bytes=0-9",
  "x-amz-content-sha256": nothing,
  "x-amz-date": "20130524T000000Z",
  Authorization: authorization(
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ),
});
export const signedUrl = request(
  "GET",
  "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  { Host: host },
);

export function refuses(given: SignedRequest, code: S3ErrorCode, nowMs = signedMs): Promise<void> {
  return assert.rejects(verifySignature(given, lookup, nowMs), { name: "S3Error", code });
}

/** A record of strings without those that are `undefined`. */
function present(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])),
  );
}

/** The request with other headers; `undefined` takes one away. */
export function withHeaders(given: SignedRequest, changes: Record<string, string | undefined>): SignedRequest {
  return request(given.method, given.rawUrl, present({ ...given.headers, ...changes }));
}

/**
 * Signs by the letter of the document, so that a test may then say one thing differently. The canonical form of path and
 * query is given as two lines.
 */
export function sign(
  method: string,
  rawUrl: string,
  headers: Record<string, string | undefined>,
  canonicalPathAndQuery: string,
): SignedRequest {
  const usual = { host, "x-amz-content-sha256": nothing, "x-amz-date": "20130524T000000Z" };
  const all = present({ ...usual, ...headers });
  const names = Object.keys(all).sort();
  const lines = names.map((name) => `${name}:${all[name]}\n`).join("");
  const canonical = `${method}\n${canonicalPathAndQuery}\n${lines}\n${names.join(";")}\n${all["x-amz-content-sha256"]}`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = `AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n${hash}`;
  const key = deriveSigningKey(secret, { accessKeyId: id, date: "20130524", region: "us-east-1", service: "s3" });
  const signature = createHmac("sha256", key).update(text).digest("hex");
  return request(method, rawUrl, { ...all, authorization: authorization(names.join(";"), signature) });
}
