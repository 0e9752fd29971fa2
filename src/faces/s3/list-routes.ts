import { defined } from "../../domain/defined.ts";
import { usualStorageClass } from "../../domain/object-facts.ts";
import { inTurn } from "../../platform/search.ts";
import { findBucket } from "../../storage/buckets.ts";
import { type InTurn, type ListPlace, listObjects, type ObjectListQuery } from "../../storage/list-objects.ts";
import type { FoundObjects, QueryPlace } from "../../storage/query-objects.ts";
import type { Bucket, ListedObject } from "../../store/records.ts";
import type { BucketCall, S3Answer } from "./call.ts";
import { refuseForeignParameters } from "./foreign.ts";
import { parseToken, queryOf, runQuery, tokenOf } from "./object-query.ts";
import { integerParameter } from "./request.ts";
import { checksumType, isoTime, person, quoted, xmlList } from "./respond.ts";
import { S3Error } from "./wire/errors.ts";
import { encodeForListing } from "./wire/keys.ts";
import { Each, type XmlContent } from "./wire/xml.ts";

/** How the texts of a listing are written, as the client asks by `encoding-type`. */
interface Writing {
  readonly encoding: "url" | undefined;
  /** A key, prefix or marker; nothing for nothing. */
  text(value: string | null | undefined): string | undefined;
}

export function readWriting(query: URLSearchParams): Writing {
  const encoding = query.get("encoding-type");
  if (encoding === null || encoding === "") return { encoding: undefined, text: (value) => value ?? undefined };
  if (encoding !== "url") throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  return {
    encoding,
    text: (value) => (value === null || value === undefined ? undefined : encodeForListing(value)),
  };
}

/** What all listings of objects ask alike. */
interface ListRequest {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly max: number;
  readonly writing: Writing;
}

export async function readListRequest({ context, principal, bucketName, query }: BucketCall): Promise<ListRequest> {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  const max = integerParameter(query, "max-keys", { min: 0, max: 2_147_483_647, fallback: 1000 });
  return {
    bucket,
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") || undefined,
    max: Math.min(max, 1000),
    writing: readWriting(query),
  };
}

export function listQuery({ bucket, prefix, delimiter, max }: ListRequest): ObjectListQuery {
  return { bucket, prefix, max, ...defined({ delimiter }) };
}

/** `GET /bucket`, both versions. */
export function getObjects(call: BucketCall): Promise<S3Answer> {
  const version = call.query.get("list-type");
  if (version === null) return listV1(call);
  if (version === "2") return listV2(call);
  throw new S3Error("InvalidArgument", "list-type must be 2.");
}

export function turnsOf({ context, principal }: BucketCall): InTurn {
  return (read) => inTurn(context, principal.tenant, read);
}

async function listV1(call: BucketCall): Promise<S3Answer> {
  refuseForeignParameters(call.query, 1);
  const asked = await readListRequest(call);
  const { bucket, prefix, delimiter, max, writing } = asked;
  const marker = call.query.get("marker") ?? "";
  const { objects, prefixes, next } = await listObjects(
    call.context.store,
    { ...listQuery(asked), after: marker },
    turnsOf(call),
  );
  return xmlList(
    call,
    { root: "ListBucketResult", size: listingLength(objects, prefixes), bucket },
    {
      Name: bucket.name,
      // As it came, unlike the rest: clients of this version do not decode it.
      Prefix: prefix,
      Marker: writing.text(marker),
      // S3 sends it only with a delimiter; without one it is the last key, and sending it does no harm.
      NextMarker: next === undefined ? undefined : writing.text(lastListed(next)),
      MaxKeys: max,
      Delimiter: writing.text(delimiter),
      EncodingType: writing.encoding,
      IsTruncated: next !== undefined,
      Contents: Each.of(objects, (object) => contents(object, writing, true)),
      CommonPrefixes: Each.of(prefixes, (common) => ({ Prefix: writing.text(common) })),
    },
  );
}

async function listV2(call: BucketCall): Promise<S3Answer> {
  refuseForeignParameters(call.query, 2);
  const asked = await readListRequest(call);
  const { bucket, prefix, delimiter, max, writing } = asked;
  const { query } = call;
  const startAfter = query.get("start-after");
  const token = query.get("continuation-token");
  // An empty one is the first page.
  const place = token === null || token === "" ? undefined : parseToken(token);
  const { objects, prefixes, next } = await find(call, { ...listQuery(asked), after: startAfter ?? "" }, place);
  const withOwner = query.get("fetch-owner") === "true";
  return xmlList(
    call,
    { root: "ListBucketResult", size: listingLength(objects, prefixes), bucket },
    {
      Name: bucket.name,
      Prefix: writing.text(prefix),
      StartAfter: writing.text(startAfter),
      ContinuationToken: token ?? undefined,
      NextContinuationToken: next === undefined ? undefined : tokenOf(next),
      KeyCount: objects.length + prefixes.length,
      MaxKeys: max,
      Delimiter: writing.text(delimiter),
      EncodingType: writing.encoding,
      IsTruncated: next !== undefined,
      Contents: Each.of(objects, (object) => contents(object, writing, withOwner)),
      CommonPrefixes: Each.of(prefixes, (common) => ({ Prefix: writing.text(common) })),
    },
  );
}

/** All that there is, or what the client's query wants of it. */
function find(
  call: BucketCall,
  query: Omit<ObjectListQuery, "place">,
  place: QueryPlace | undefined,
): Promise<FoundObjects> {
  const text = queryOf(call);
  if (text !== undefined) return runQuery(call, text, { ...query, ...(place && { place }) });
  if (place?.kind === "sorted") throw new S3Error("InvalidArgument", "The continuation token provided is of a query");
  return listObjects(call.context.store, { ...query, ...(place && { place }) }, turnsOf(call));
}

/** What one of them has besides its key. */
const perEntry = 256;

/** About how many characters a listing has. */
export function listingLength(objects: readonly ListedObject[], prefixes: readonly string[]): number {
  const keys = objects.reduce((sum, { key }) => sum + key.length, 0);
  return keys + prefixes.join("").length + (objects.length + prefixes.length) * perEntry;
}

export function contents(
  object: ListedObject,
  writing: Writing,
  withOwner: boolean,
): Readonly<Record<string, XmlContent>> {
  return {
    Key: writing.text(object.key),
    LastModified: isoTime(object.modifiedMs),
    ETag: quoted(object.eTag),
    Size: object.size,
    Owner: withOwner ? person(object.owner) : undefined,
    StorageClass: object.storageClass ?? usualStorageClass,
    ChecksumAlgorithm: Object.keys(object.checksums).map((algorithm) => algorithm.toUpperCase()),
    ChecksumType: checksumType(object.checksums),
  };
}

export function lastListed(place: ListPlace): string {
  return place.kind === "object" ? place.key : place.prefix;
}
