import type { OutgoingHttpHeaders } from "node:http";
import type { Bucket, StoredObject } from "../../store/records.ts";
import { inTurns, type S3Answer, type S3Call } from "./call.ts";
import { s3Namespace, writeXml, writingXml, type XmlContent } from "./wire/xml.ts";

/** The resource uuid of the bucket or object that an answer is about. */
export const uuidHeader = "x-signalbox-uuid";

export function xmlAnswer(root: string, children: XmlContent, headers: OutgoingHttpHeaders = {}): S3Answer {
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...headers },
    body: writeXml(root, children, { xmlns: s3Namespace }),
  };
}

/** The same for a list that may be long: a little in each turn of the loop. `size`: about how many characters its texts have. */
export async function xmlList(
  call: S3Call,
  { root, size, bucket }: { readonly root: string; readonly size: number; readonly bucket: Bucket },
  children: Readonly<Record<string, XmlContent>>,
): Promise<S3Answer> {
  const body = await inTurns(call, size, writingXml(root, children, { xmlns: s3Namespace }));
  return { status: 200, headers: { "content-type": "application/xml", ...ofBucket(bucket) }, body };
}

export const emptyAnswer: S3Answer = { status: 200, body: "" };
export const noContent: S3Answer = { status: 204 };

export function quoted(eTag: string): string {
  return `"${eTag}"`;
}

/** An instant in documents. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** An instant in headers, to the second. */
export function httpTime(ms: number): string {
  return new Date(ms).toUTCString();
}

/** A principal where S3 names an account. */
export function person(name: string): XmlContent {
  return { ID: name, DisplayName: name };
}

export function ofBucket({ uuid }: Bucket): OutgoingHttpHeaders {
  return { [uuidHeader]: uuid };
}

export function ofObject({ uuid, eTag }: StoredObject): OutgoingHttpHeaders {
  return { etag: quoted(eTag), [uuidHeader]: uuid };
}

/** `x-amz-checksum-*`. */
export function checksumHeaders(checksums: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  const known = Object.entries(checksums);
  if (known.length === 0) return {};
  return { ...partChecksumHeaders(checksums), "x-amz-checksum-type": checksumType(checksums) };
}

/** The same of a part, which is of no type. */
export function partChecksumHeaders(checksums: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(checksums).map(([algorithm, value]) => [`x-amz-checksum-${algorithm}`, value]),
  );
}

/** Whether they are of the bytes or, with their number behind, of the checksums of parts; `undefined` when there are none. */
export function checksumType(checksums: Readonly<Record<string, string>>): string | undefined {
  const values = Object.values(checksums);
  if (values.length === 0) return undefined;
  return values.some((value) => value.includes("-")) ? "COMPOSITE" : "FULL_OBJECT";
}

/** `ChecksumCRC32` … */
export function checksumElements(checksums: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(checksums).map(([algorithm, value]) => [`Checksum${algorithm.toUpperCase()}`, value]),
  );
}
