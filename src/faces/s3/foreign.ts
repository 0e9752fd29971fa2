import type { IncomingHttpHeaders } from "node:http";
import { header } from "./request.ts";
import { checksumAlgorithms } from "./wire/checksums.ts";
import { S3Error } from "./wire/errors.ts";

/**
 * What other servers of S3 have beyond S3, and S3 beyond this one. A client that asks for it means something by it: where it is not done the request is
 * refused by name, never answered as if nothing had been asked.
 */

/** Headers that begin so ask for something that is not done, but for those below. */
const families = ["x-tigris-", "x-minio-", "x-goog-if-"] as const;

/** Reads here see every write that was answered, so asking for that is no more than what everyone gets. */
const granted: ReadonlySet<string> = new Set(["x-tigris-consistent"]);

/** Keys and contexts of encryption, whatever the request: nothing here is encrypted by its client's key. */
const encryption = /^x-amz-(?:copy-source-)?server-side-encryption-/;
/** Other checksums: their senders would believe them verified. */
const checksum = "x-amz-checksum-";
const checksums: ReadonlySet<string> = new Set([...checksumAlgorithms, "algorithm", "mode", "type"]);
/** Of a write S3 knows no other conditions than those on ETags, and no part of an object. */
const ofReads: ReadonlySet<string> = new Set(["if-modified-since", "if-unmodified-since", "content-range"]);
/** Newer headers of S3. */
const newer: ReadonlySet<string> = new Set(["x-amz-rename-source", "x-amz-if-match-initiated-time"]);

/**
 * @param done what this request does, by the header's name.
 * @throws S3Error NotImplemented; InvalidRequest for who would read with a key, as S3 says of an object that has none
 */
export function refuseForeignHeaders(method: string | undefined, headers: IncomingHttpHeaders, done?: string): void {
  const reads = method === "GET" || method === "HEAD";
  for (const name of Object.keys(headers)) {
    if (reads && (encryption.test(name) || name === "x-amz-server-side-encryption")) {
      throw new S3Error("InvalidRequest", "The encryption parameters are not applicable to this object.");
    }
    if (encryption.test(name) || newer.has(name) || (!reads && ofReads.has(name)))
      throw new S3Error("NotImplemented", `${name} is not implemented.`);
    if (name.startsWith(checksum) && !checksums.has(name.slice(checksum.length))) {
      const known = checksumAlgorithms.join(", ");
      throw new S3Error("NotImplemented", `The checksum ${name} is not implemented: there are ${known}.`);
    }
    if (!families.some((family) => name.startsWith(family)) || granted.has(name) || name === done) continue;
    const where = name === "x-tigris-query" ? " here: it is a header of ListObjectsV2 (GET /bucket?list-type=2)" : "";
    throw new S3Error("NotImplemented", `The header ${name} is not implemented${where}.`);
  }
  // It would be stored as the archive that it is.
  if (header(headers, "x-amz-meta-snowball-auto-extract")?.toLowerCase() === "true") {
    throw new S3Error("NotImplemented", "x-amz-meta-snowball-auto-extract: archives are not extracted.");
  }
}

/** @throws S3Error NotImplemented for conditions of a write that are judged for other writes only */
export function refuseConditions(method: string | undefined, headers: IncomingHttpHeaders): void {
  if (method === "GET" || method === "HEAD") return;
  const name = ["if-match", "if-none-match"].find((condition) => headers[condition] !== undefined);
  if (name === undefined) return;
  const where = "PutObject, CopyObject, CompleteMultipartUpload and DeleteObject";
  throw new S3Error("NotImplemented", `${name} is not implemented here: it is a condition of ${where}.`);
}

/** Parameters of lists, by what they ask for. */
const foreignParameters: Readonly<Record<string, string>> = {
  metadata: "metadata is not in lists: HeadObject tells it",
  "x-tigris-query": "it is a header, not a parameter",
};

/** @throws S3Error NotImplemented; InvalidArgument for parameters of the other version of the list */
export function refuseForeignParameters(query: URLSearchParams, version: 1 | 2): void {
  for (const name of query.keys()) {
    const reason = foreignParameters[name.toLowerCase()];
    if (reason !== undefined)
      throw new S3Error("NotImplemented", `The parameter ${name} is not implemented: ${reason}.`);
    const other = version === 1 ? ["continuation-token", "start-after"] : ["marker"];
    if (!other.includes(name)) continue;
    // A client that pages by it would get the first page for ever.
    const remedy = version === 1 ? "add list-type=2, or use marker" : "use start-after or continuation-token";
    throw new S3Error("InvalidArgument", `${name} is not a parameter of this version of the list: ${remedy}.`, {
      extra: { ArgumentName: name },
    });
  }
}
