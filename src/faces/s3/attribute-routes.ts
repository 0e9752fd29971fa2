import { usualStorageClass } from "../../domain/object-facts.ts";
import { findBucket } from "../../storage/buckets.ts";
import { statObject } from "../../storage/objects.ts";
import type { StoredObject } from "../../store/records.ts";
import type { ObjectCall, S3Answer } from "./call.ts";
import { header, refuseVersion } from "./request.ts";
import { checksumElements, checksumType, httpTime, uuidHeader, xmlAnswer } from "./respond.ts";
import { S3Error } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";
import type { XmlContent } from "./wire/xml.ts";

const attributes = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
type Attribute = (typeof attributes)[number];

const mostParts = 1000;

/** Which parts of the list are wanted. */
interface PartsPage {
  readonly max: number;
  /** Number of the last one before. */
  readonly after: number;
}

/** `GET /bucket/key?attributes`: what is known of an object, without its bytes. */
export async function getAttributes(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, headers, query } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "read");
  refuseVersion(query.get("versionId"));
  const wanted = readAttributes(header(headers, "x-amz-object-attributes"));
  const page = {
    max: Math.min(mostParts, readNumber(call, "x-amz-max-parts") ?? mostParts),
    after: readNumber(call, "x-amz-part-number-marker") ?? 0,
  };
  const object = await statObject(context.store, bucket, checkKey(call.key));
  const values: Record<Attribute, XmlContent> = {
    ETag: object.eTag,
    Checksum: checksum(object),
    ObjectParts: parts(object, page),
    StorageClass: object.storageClass ?? usualStorageClass,
    ObjectSize: object.size,
  };
  const chosen = Object.fromEntries(attributes.filter((name) => wanted.has(name)).map((name) => [name, values[name]]));
  return xmlAnswer("GetObjectAttributesResponse", chosen, {
    "last-modified": httpTime(object.modifiedMs),
    [uuidHeader]: object.uuid,
  });
}

function readAttributes(text: string | undefined): ReadonlySet<string> {
  const names = (text ?? "").split(",").map((name) => name.trim());
  if (names.every((name) => name === "")) {
    const message = "The x-amz-object-attributes header specifying the attributes to be retrieved is missing or empty.";
    throw new S3Error("InvalidRequest", message);
  }
  const unknown = names.find((name) => !attributes.some((known) => known === name));
  if (unknown === undefined) return new Set(names);
  throw new S3Error("InvalidArgument", `Invalid attribute name specified: there are ${attributes.join(", ")}.`, {
    extra: { ArgumentName: "x-amz-object-attributes", ArgumentValue: unknown },
  });
}

function readNumber({ headers }: ObjectCall, name: string): number | undefined {
  const text = header(headers, name);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new S3Error("InvalidArgument", `${name} must be a number from 0.`, {
    extra: { ArgumentName: name, ArgumentValue: text },
  });
}

function checksum({ checksums }: StoredObject): XmlContent {
  if (Object.keys(checksums).length === 0) return undefined;
  return { ...checksumElements(checksums), ChecksumType: checksumType(checksums) };
}

/** Of an object that came in parts, and is still made of them; any other has none to tell of. */
function parts({ eTag, pieces }: StoredObject, { max, after }: PartsPage): XmlContent {
  if (!eTag.includes("-")) return undefined;
  const parts = pieces.map(({ size }, index) => ({ PartNumber: index + 1, Size: size })).slice(after, after + max);
  const last = parts.at(-1)?.PartNumber ?? after;
  return {
    PartsCount: pieces.length,
    PartNumberMarker: after,
    NextPartNumberMarker: last,
    MaxParts: max,
    IsTruncated: last < pieces.length,
    Part: parts,
  };
}
