import { type OutgoingHttpHeaders, validateHeaderValue } from "node:http";
import { defined } from "../../domain/defined.ts";
import { isMetadataName, sendable } from "../../domain/object-facts.ts";
import { asError } from "../../errors.ts";
import { findBucket } from "../../storage/buckets.ts";
import { fileEventNames, noticedEvent } from "../../storage/object-events.ts";
import { statObject } from "../../storage/objects.ts";
import { type Range, readObject } from "../../storage/read-object.ts";
import type { Bucket, StoredObject } from "../../store/records.ts";
import type { ObjectCall, S3Answer } from "./call.ts";
import { header, integerParameter, preconditionFailed, refuseVersion, validatorsOf } from "./request.ts";
import { checksumHeaders, httpTime, ofObject, quoted } from "./respond.ts";
import { type Conditions, judgeRead, readConditions } from "./wire/conditions.ts";
import { S3Error } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";
import { metadataHeaderValue } from "./wire/metadata.ts";
import { parseRange } from "./wire/range.ts";

/** `GET /bucket/key` */
export async function getObject(call: ObjectCall): Promise<S3Answer> {
  const wanted = readWanted(call);
  const place = await readPlace(call);
  const { object, range, bytes } = await readObject(call.context, place, (found) => choose(found, wanted));
  if (range.isKnown) return notModified(object);
  if (call.context.downloadEvents) await tellDownload(call, place.bucket, object);
  return { ...describe(object, range, wanted), body: bytes };
}

/** Before a byte is sent. A read must not fail when it cannot be kept: the log says so then. */
async function tellDownload({ context, principal }: ObjectCall, bucket: Bucket, object: StoredObject): Promise<void> {
  const { clock, publish, log } = context;
  const downloaded = { object, name: fileEventNames.downloaded };
  try {
    await publish({ events: [noticedEvent(clock, { principal, bucket, origin: "s3" }, downloaded)] });
  } catch (thrown) {
    log.error({ file: object.uuid, error: asError(thrown).message }, "a download could not be announced");
  }
}

/** `HEAD /bucket/key` */
export async function headObject(call: ObjectCall): Promise<S3Answer> {
  const wanted = readWanted(call);
  const { bucket, key } = await readPlace(call);
  const object = await statObject(call.context.store, bucket, key);
  const range = choose(object, wanted);
  return range.isKnown ? notModified(object) : describe(object, range, wanted);
}

async function readPlace({ context, principal, bucketName, key, query }: ObjectCall) {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  refuseVersion(query.get("versionId"));
  return { bucket, key: checkKey(key) };
}

/** What a request to read asks for. */
interface Wanted {
  readonly conditions: Conditions;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** From 1; `undefined`: the whole. */
  readonly part: number | undefined;
  readonly overrides: OutgoingHttpHeaders;
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
    overrides: readOverrides(query),
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

/** Bytes to send, and whether they are answered as a part of the whole. */
interface Chosen extends Range {
  readonly partial: boolean;
  /** The client has them already: none are sent. */
  readonly isKnown: boolean;
}

/** Which bytes to send, once the conditions agree. */
function choose(object: StoredObject, { conditions, range, ifRange, part }: Wanted): Chosen {
  const judgement = judgeRead(conditions, validatorsOf(object));
  if (judgement.kind === "not-modified") return { start: 0, end: -1, partial: false, isKnown: true };
  if (judgement.kind === "failed") throw preconditionFailed(judgement.condition);
  if (part !== undefined) return { ...rangeOfPart(object, part), partial: object.size > 0, isKnown: false };
  const fresh = ifRange === undefined || ifRange === quoted(object.eTag) || ifRange === httpTime(object.modifiedMs);
  const asked = fresh ? parseRange(range, object.size) : undefined;
  const bytes = asked ?? { start: 0, end: object.size - 1 };
  return { ...bytes, partial: asked !== undefined, isKnown: false };
}

/** An object that came in parts is still made of them; any other is its own first part. */
function rangeOfPart({ pieces, size }: StoredObject, part: number): Range {
  const piece = pieces[part - 1];
  if (piece === undefined) {
    if (part === 1) return { start: 0, end: size - 1 };
    throw new S3Error("InvalidPartNumber");
  }
  const start = pieces.slice(0, part - 1).reduce((sum, before) => sum + before.size, 0);
  return { start, end: start + piece.size - 1 };
}

function describe(object: StoredObject, { start, end, partial }: Chosen, wanted: Wanted): S3Answer {
  const { size, contentType, headers, userMetadata, tags, modifiedMs, eTag, pieces, checksums, storageClass } = object;
  const tagCount = Object.keys(tags).length;
  return {
    status: partial ? 206 : 200,
    headers: {
      ...ofObject(object),
      "content-type": sendable(contentType),
      "content-length": end - start + 1,
      "last-modified": httpTime(modifiedMs),
      "accept-ranges": "bytes",
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, sendable(value)])),
      ...wanted.overrides,
      ...Object.fromEntries(
        Object.entries(userMetadata)
          .filter(([name]) => isMetadataName(name))
          .map(([name, value]) => [`x-amz-meta-${name}`, metadataHeaderValue(value)]),
      ),
      ...defined({ "x-amz-storage-class": storageClass }),
      ...(tagCount === 0 ? {} : { "x-amz-tagging-count": tagCount }),
      ...(partial ? { "content-range": `bytes ${start}-${end}/${size}` } : {}),
      ...(wanted.part !== undefined && eTag.includes("-") ? { "x-amz-mp-parts-count": pieces.length } : {}),
      // A checksum of the whole says nothing of a range.
      ...(wanted.checksums && end - start + 1 === size ? checksumHeaders(checksums) : {}),
    },
  };
}
