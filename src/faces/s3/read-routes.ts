import { type OutgoingHttpHeaders, validateHeaderValue } from "node:http";
import { defined } from "../../domain/defined.ts";
import { isMetadataName, sendable } from "../../domain/object-facts.ts";
import { findBucket } from "../../storage/buckets.ts";
import { statObject } from "../../storage/objects.ts";
import { announceDownload, readObject } from "../../storage/read-object.ts";
import type { StoredObject } from "../../store/records.ts";
import type { ObjectCall, S3Answer } from "./call.ts";
import { type ChosenBytes, chooseBytes, type WantedBytes } from "./chosen-bytes.ts";
import { header, integerParameter, refuseVersion } from "./request.ts";
import { checksumHeaders, httpTime, ofObject } from "./respond.ts";
import { readConditions } from "./wire/conditions.ts";
import { S3Error } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";
import { metadataHeaderValue } from "./wire/metadata.ts";

/** `GET /bucket/key` */
export async function getObject(call: ObjectCall): Promise<S3Answer> {
  const wanted = readWanted(call);
  const place = await readPlace(call);
  const { object, range, bytes } = await readObject(call.context, place, (found) => chooseBytes(found, wanted));
  if (range.isKnown) return notModified(object);
  const { context, principal } = call;
  if (context.downloadEvents) {
    await announceDownload(context, { principal, bucket: place.bucket, origin: "s3" }, object);
  }
  return { ...describe(object, range, wanted), body: bytes };
}

/** `HEAD /bucket/key` */
export async function headObject(call: ObjectCall): Promise<S3Answer> {
  const wanted = readWanted(call);
  const { bucket, key } = await readPlace(call);
  const object = await statObject(call.context.store, bucket, key);
  const range = chooseBytes(object, wanted);
  return range.isKnown ? notModified(object) : describe(object, range, wanted);
}

async function readPlace({ context, principal, bucketName, key, query }: ObjectCall) {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  refuseVersion(query.get("versionId"));
  return { bucket, key: checkKey(key) };
}

/** What a request to read asks for. */
interface Wanted extends WantedBytes {
  /** Headers of the answer that the URL names; absent: none. */
  readonly overrides: OutgoingHttpHeaders | undefined;
  readonly checksums: boolean;
}

function readWanted({ headers, query }: ObjectCall): Wanted {
  const part = integerParameter(query, "partNumber", { min: 1, max: 10_000, fallback: 0 });
  if (part !== 0 && headers.range !== undefined) {
    throw new S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  }
  return {
    conditions: readConditions(headers),
    range: headers.range,
    ifRange: header(headers, "if-range"),
    part: part === 0 ? undefined : part,
    overrides: query.size === 0 ? undefined : readOverrides(query),
    checksums: header(headers, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED",
  };
}

const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;

/** `response-content-type` … */
function readOverrides(query: URLSearchParams): OutgoingHttpHeaders {
  const overrides: Record<string, string> = {};
  for (const name of overridable) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    // Headers are bytes: what lies beyond Latin-1 goes out as its UTF-8.
    const bytes = Buffer.from(value, "utf8").toString("latin1");
    try {
      validateHeaderValue(name, bytes);
    } catch (cause) {
      throw new S3Error("InvalidArgument", `response-${name} is not a header's value.`, { cause });
    }
    overrides[name] = bytes;
  }
  return overrides;
}

/** The object is as the client knows it already. */
function notModified(object: StoredObject): S3Answer {
  const cacheControl = object.headers["cache-control"];
  return {
    status: 304,
    headers: {
      ...ofObject(object),
      "last-modified": httpTime(object.modifiedMs),
      ...(cacheControl === undefined ? {} : { "cache-control": sendable(cacheControl) }),
    },
  };
}

function describe(object: StoredObject, { start, end, partial }: ChosenBytes, wanted: Wanted): S3Answer {
  const { size, eTag, pieces, checksums } = object;
  const length = end - start + 1;
  const known = wanted.overrides === undefined ? knownHeaders(object) : wholeHeaders(object, wanted.overrides);
  if (!partial && wanted.part === undefined && !wanted.checksums && length === size) {
    return { status: 200, headers: known };
  }
  return {
    status: partial ? 206 : 200,
    headers: {
      ...known,
      "content-length": length,
      ...(partial ? { "content-range": `bytes ${start}-${end}/${size}` } : {}),
      ...(wanted.part !== undefined && eTag.includes("-") ? { "x-amz-mp-parts-count": pieces.length } : {}),
      // A checksum of the whole says nothing of a range.
      ...(wanted.checksums && length === size ? checksumHeaders(checksums) : {}),
    },
  };
}

/** The store hands out the same object until anything is changed, and its headers are the same as long. */
const prepared = new WeakMap<StoredObject, OutgoingHttpHeaders>();

function knownHeaders(object: StoredObject): OutgoingHttpHeaders {
  let headers = prepared.get(object);
  if (headers === undefined) {
    headers = wholeHeaders(object);
    prepared.set(object, headers);
  }
  return headers;
}

function wholeHeaders(object: StoredObject, overrides: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  const { size, contentType, headers, userMetadata, tags, modifiedMs, storageClass } = object;
  const tagCount = Object.keys(tags).length;
  return {
    ...ofObject(object),
    "content-type": sendable(contentType),
    "content-length": size,
    "last-modified": httpTime(modifiedMs),
    "accept-ranges": "bytes",
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, sendable(value)])),
    ...overrides,
    ...Object.fromEntries(
      Object.entries(userMetadata)
        .filter(([name]) => isMetadataName(name))
        .map(([name, value]) => [`x-amz-meta-${name}`, metadataHeaderValue(value)]),
    ),
    ...defined({ "x-amz-storage-class": storageClass }),
    ...(tagCount === 0 ? {} : { "x-amz-tagging-count": tagCount }),
  };
}
