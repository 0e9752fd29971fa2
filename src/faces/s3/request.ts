import type { IncomingHttpHeaders } from "node:http";
import { defined } from "../../domain/defined.ts";
import { headersFault, sentBackFault, usualStorageClass } from "../../domain/object-facts.ts";
import { keepBytes } from "../../storage/keep-bytes.ts";
import type { PartContent } from "../../storage/uploads.ts";
import type { Precondition } from "../../storage/write-object.ts";
import type { Bucket, ObjectFacts, StoredObject } from "../../store/records.ts";
import { otherCharset } from "../http/charset.ts";
import type { BucketCall, S3Call } from "./call.ts";
import { readBody, readSmallBody } from "./wire/body.ts";
import { bodySpec, storedContentEncoding } from "./wire/body-spec.ts";
import type { ChecksumAlgorithm } from "./wire/checksums.ts";
import { type Conditions, judgeWrite, readConditions, readDeletion, type Validators } from "./wire/conditions.ts";
import { S3Error } from "./wire/errors.ts";
import { metadataPrefix, parseUserMetadata } from "./wire/metadata.ts";
import { type ObjectTag, parseTaggingHeader } from "./wire/tags.ts";

/** One value of a header; those that may be repeated are joined by Node already. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** An integer of the query, `fallback` when it is absent or empty. */
export function integerParameter(
  query: URLSearchParams,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = query.get(name);
  if (text === null || text === "") return fallback;
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new S3Error("InvalidArgument", `${name} must be an integer between ${min} and ${max}.`, {
    extra: { ArgumentName: name, ArgumentValue: text },
  });
}

/** The bytes of an object that a client is about to send. */
interface ExpectedBytes {
  /** As announced; absent when they come in chunks whose number was not announced. */
  readonly size?: number;
  /** With which the client tells them. */
  readonly algorithms: readonly ChecksumAlgorithm[];
  /**
   * Receives them onto the disk, verified by everything that the client said of them. Only now the client is let send. When it
   * rejects, nothing is left of them.
   *
   * @throws S3Error BadDigest, IncompleteBody …
   */
  readonly receive: () => Promise<PartContent>;
}

/**
 * Judges what the headers say of an object's bytes.
 *
 * @throws S3Error MissingContentLength, EntityTooLarge, InvalidDigest …
 */
export function expectBytes(call: BucketCall, compute: readonly ChecksumAlgorithm[] = []): ExpectedBytes {
  const { context, exchange, auth } = call;
  const { headers } = exchange.request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    throw new S3Error("MissingContentLength");
  }
  // A URL may carry the digest that was signed with it.
  const md5 = header(call.headers, "content-md5");
  const withMd5 = md5 === undefined ? headers : { ...headers, "content-md5": md5 };
  const spec = bodySpec(withMd5, auth, { maxBytes: context.limits.maxObjectBytes, compute });
  const size = spec.decodedLength ?? spec.contentLength;
  const receive = async (): Promise<PartContent> => {
    const body = readBody(exchange.request, spec);
    exchange.letBodyCome();
    return keepBytes(context, call, body);
  };
  const algorithms = [...(Object.keys(spec.expected) as ChecksumAlgorithm[]), ...spec.trailers];
  return { receive, algorithms, ...defined({ size }) };
}

/** Receives a document. `headers`: those of the request that speak of it; the checksums of a Complete do not. */
export async function receiveDocument(
  { context, exchange, auth }: S3Call,
  maxBytes: number,
  headers: IncomingHttpHeaders = exchange.request.headers,
): Promise<Buffer> {
  const charset = otherCharset(headers["content-type"]);
  if (charset !== undefined) {
    throw new S3Error("UnsupportedMediaType", `The XML is said to be in ${JSON.stringify(charset)}: send it as UTF-8.`);
  }
  const spec = bodySpec(headers, auth, { maxBytes });
  await context.connections.readsDocument(exchange.request);
  exchange.letBodyCome();
  return readSmallBody(exchange.request, spec, maxBytes);
}

const keptHeaders = ["cache-control", "content-disposition", "content-language", "expires"] as const;

/**
 * What the client wants to get back with the object.
 *
 * @param prefix of headers that hold user metadata
 * @throws S3Error InvalidArgument for what no answer could carry: a URL may hold line feeds where headers cannot
 */
export function readFacts(headers: IncomingHttpHeaders, prefix = metadataPrefix): Omit<ObjectFacts, "tags"> {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = header(headers, name);
    if (value !== undefined) kept[name] = value;
  }
  const encoding = storedContentEncoding(header(headers, "content-encoding"));
  if (encoding !== undefined) kept["content-encoding"] = encoding;
  const contentType = header(headers, "content-type") ?? "";
  const facts = {
    contentType: contentType === "" ? "binary/octet-stream" : contentType,
    headers: kept,
    userMetadata: parseUserMetadata(headers, prefix),
    ...storageClassOf(headers),
  };
  const fault =
    headersFault({ "content-type": facts.contentType, ...kept }) ?? sentBackFault(facts.userMetadata, prefix);
  if (fault !== undefined) throw new S3Error("InvalidArgument", fault);
  return facts;
}

export function readTags(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const value = header(headers, "x-amz-tagging");
  return value === undefined ? {} : tagRecord(parseTaggingHeader(value));
}

export function tagRecord(tags: readonly ObjectTag[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

export function validatorsOf(object: StoredObject): Validators {
  return { etag: object.eTag, lastModifiedMs: object.modifiedMs, size: object.size };
}

/** `If-Match`, `If-None-Match` on a write; `undefined` when it has none. */
export function writePrecondition(headers: IncomingHttpHeaders): Precondition | undefined {
  const conditions = readConditions(headers);
  return Object.keys(conditions).length === 0 ? undefined : preconditionOf(conditions);
}

/** The same, and the size and time that a delete may name. @throws S3Error InvalidArgument */
export function deletePrecondition(headers: IncomingHttpHeaders): Precondition | undefined {
  const [size, modifiedAt] = [header(headers, ifSizeHeader), header(headers, ifModifiedAtHeader)];
  const deletion = readDeletion({ size, modifiedAt });
  if (deletion === undefined) {
    throw new S3Error(
      "InvalidArgument",
      `${ifSizeHeader} must be a number of bytes, and ${ifModifiedAtHeader} a time.`,
    );
  }
  const conditions = { ...readConditions(headers), ...deletion };
  return Object.keys(conditions).length === 0 ? undefined : preconditionOf(conditions);
}

export function preconditionOf(conditions: Conditions): Precondition {
  return (current) => {
    const judgement = judgeWrite(conditions, current === undefined ? undefined : validatorsOf(current));
    switch (judgement.kind) {
      case "proceed":
        return;
      case "missing":
        throw new S3Error("NoSuchKey");
      case "not-modified":
        throw new S3Error("PreconditionFailed");
      case "failed":
        throw preconditionFailed(judgement.condition);
      default:
        judgement satisfies never;
    }
  };
}

export function preconditionFailed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", undefined, { extra: { Condition: condition } });
}

/** Headers that ask for what is not kept here. Taking them in silence would promise it. */
const unsupportedHeaders = [
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-copy-source-server-side-encryption-customer-algorithm",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-object-lock-legal-hold",
  "x-amz-website-redirect-location",
  "x-amz-write-offset-bytes",
] as const;

/** Conditions that S3 knows of deletes only. */
const ifSizeHeader = "x-amz-if-match-size";
const ifModifiedAtHeader = "x-amz-if-match-last-modified-time";

/** All are kept alike; these are the two that promise no more than that. */
const storageClasses = new Set([usualStorageClass, "REDUCED_REDUNDANCY"]);

/** What is kept of the class that a request names: that it is another than the usual one. */
function storageClassOf(headers: IncomingHttpHeaders): { readonly storageClass?: string } {
  const storageClass = header(headers, "x-amz-storage-class");
  return storageClass === undefined || storageClass === usualStorageClass ? {} : { storageClass };
}

/** @throws S3Error NotImplemented, InvalidStorageClass */
export function refuseUnsupported(headers: IncomingHttpHeaders, isDelete = false): void {
  const ofDeletes = isDelete ? [] : [ifSizeHeader, ifModifiedAtHeader];
  for (const name of [...unsupportedHeaders, ...ofDeletes]) {
    if (headers[name] !== undefined) throw new S3Error("NotImplemented", `${name} is not implemented.`);
  }
  const storageClass = header(headers, "x-amz-storage-class");
  if (storageClass !== undefined && !storageClasses.has(storageClass)) throw new S3Error("InvalidStorageClass");
}

/** @param name the header by which a client says whose the bucket is to be. @throws S3Error AccessDenied */
export function refuseOtherOwner(headers: IncomingHttpHeaders, name: string, { owner, tenant }: Bucket): void {
  const expected = header(headers, name);
  if (expected !== undefined && expected !== owner && expected !== tenant) throw new S3Error("AccessDenied");
}

/** There are no versions: only that of everything, `null`, can be named. @throws S3Error NoSuchVersion */
export function refuseVersion(versionId: string | null | undefined): void {
  if (versionId === undefined || versionId === null || versionId === "" || versionId === "null") return;
  throw new S3Error("NoSuchVersion");
}
