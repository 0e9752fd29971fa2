import type { Uuid } from "../../domain/ids.ts";
import type { Objects } from "../objects.ts";
import type { Bucket, ListedObject, Part, Piece, StoredObject, Upload } from "../records.ts";
import type { Uploads } from "../uploads.ts";
import { beyondPrefix } from "./prefix.ts";
import { integer, optional, type Reads, type Repeated, type Row, text } from "./step.ts";

const bucketByName = "SELECT * FROM bucket WHERE tenant = ? AND name = ? AND deleted_ms IS NULL";
const bucketByUuid = "SELECT * FROM bucket WHERE uuid = ? AND deleted_ms IS NULL";
const bucketThatWas = "SELECT * FROM bucket WHERE uuid = ?";
const bucketsAfter = `SELECT * FROM bucket
  WHERE tenant = ?1 AND name > ?2 AND deleted_ms IS NULL ORDER BY name LIMIT ?3`;
const visibleBucketsAfter = `SELECT * FROM bucket b
  WHERE tenant = ?1 AND name > ?2 AND deleted_ms IS NULL
    AND (owner = ?4 OR EXISTS (SELECT 1 FROM resource_grant g WHERE g.resource = b.uuid AND g.grantee IN (?4, '*')))
  ORDER BY name LIMIT ?3`;
const columns = `o.*, (SELECT coalesce(json_group_array(json_object('blob', p.blob, 'size', p.size) ORDER BY p.position), '[]')
  FROM piece p WHERE p.bucket = o.bucket AND p.key = o.key) AS pieces`;
const objectByKey = `SELECT ${columns} FROM object o WHERE o.bucket = ? AND o.key = ?`;
const objectByUuid = `SELECT ${columns} FROM object o WHERE o.uuid = ?`;
// Both bounds seek.
const objectsFrom = `SELECT o.* FROM object o
  WHERE o.bucket = ?1 AND o.key >= max(?2, ?4, ?5) AND o.key < ?3 AND o.key <> ?5
  ORDER BY o.key LIMIT ?6`;
const sizesAfter = "SELECT key, size FROM object WHERE bucket = ? AND key > ? ORDER BY key LIMIT ?";
const uploadById = "SELECT * FROM upload WHERE id = ?";
// After a place that lies before the prefix, all that begin with it.
const uploadsBefore = `SELECT * FROM upload
  WHERE created_ms < ?1 AND (created_ms, id) > (?2, ?3) ORDER BY created_ms, id LIMIT ?4`;
const uploadsAfter = `SELECT * FROM upload
  WHERE bucket = ?1 AND (key, id) > (max(?2, ?4), CASE WHEN ?4 = max(?2, ?4) THEN ?5 ELSE '' END) AND key < ?3
  ORDER BY key, id LIMIT ?6`;
const partsAfter = "SELECT * FROM part WHERE upload = ? AND number > ? ORDER BY number LIMIT ?";
const partByNumber = "SELECT * FROM part WHERE upload = ? AND number = ?";
const referredOf = `SELECT blob FROM part WHERE blob IN (SELECT value FROM json_each(?1))
  UNION SELECT blob FROM piece WHERE blob IN (SELECT value FROM json_each(?1))`;

/** The reads of `Objects` and `Uploads`. */
export function objects(reads: Reads, repeated: Repeated): Objects & Uploads {
  const bucketNamed = repeated.of(bucketByName, readBucket);
  const objectAt = repeated.of(objectByKey, readObject);
  return {
    bucket: async (tenant, name) => bucketNamed(tenant, name),
    bucketByUuid: async (uuid) => await reads.one(readBucket, bucketByUuid, uuid),
    bucketThatWas: async (uuid) => await reads.one(readBucket, bucketThatWas, uuid),
    buckets: async ({ tenant, visibleTo }, { after = "", max }) => {
      const rows =
        visibleTo === undefined
          ? await reads.all(bucketsAfter, tenant, after, max)
          : await reads.all(visibleBucketsAfter, tenant, after, max, visibleTo);
      return rows.map(readBucket);
    },
    object: async (bucket, key) => objectAt(bucket, key),
    objectByUuid: async (uuid) => await reads.one(readObject, objectByUuid, uuid),
    list: async ({ bucket, prefix, from = "" }, { after = "", max }) =>
      (await reads.all(objectsFrom, bucket, prefix, beyondPrefix(prefix), from, after, max)).map(readListed),
    sizes: async (bucket, { after = "", max }) =>
      (await reads.all(sizesAfter, bucket, after, max)).map((row) => ({
        key: text(row, "key"),
        size: integer(row, "size"),
      })),
    upload: async (id) => await reads.one(readUpload, uploadById, id),
    uploads: async ({ bucket, prefix }, { after = { key: "", id: "" }, max }) =>
      (await reads.all(uploadsAfter, bucket, prefix, beyondPrefix(prefix), after.key, after.id, max)).map(readUpload),
    uploadsBefore: async (beforeMs, { after = { createdMs: -1, id: "" }, max }) =>
      (await reads.all(uploadsBefore, beforeMs, after.createdMs, after.id, max)).map(readUpload),
    parts: async (upload, { after = 0, max }) => (await reads.all(partsAfter, upload, after, max)).map(readPart),
    part: async (upload, number) => await reads.one(readPart, partByNumber, upload, number),
    referred: async (blobs) =>
      new Set((await reads.all(referredOf, JSON.stringify(blobs))).map((row) => text(row, "blob"))),
  };
}

type Texts = Readonly<Record<string, string>>;

/** The JSON of the column `facts`; what was empty is absent. */
interface Facts {
  readonly headers?: Texts;
  readonly userMetadata?: Texts;
  readonly tags?: Texts;
  readonly checksums?: Texts;
  readonly upload?: string;
  readonly checksumAlgorithm?: string;
  readonly checksumType?: string;
  readonly storageClass?: string;
}

function readBucket(row: Row): Bucket {
  return {
    uuid: text(row, "uuid") as Uuid,
    tenant: text(row, "tenant"),
    name: text(row, "name"),
    owner: text(row, "owner"),
    createdMs: integer(row, "created_ms"),
  };
}

function readObject(row: Row): StoredObject {
  return { ...readListed(row), pieces: JSON.parse(text(row, "pieces")) as Piece[] };
}

function readListed(row: Row): ListedObject {
  const facts = JSON.parse(text(row, "facts")) as Facts;
  return {
    bucket: text(row, "bucket") as Uuid,
    key: text(row, "key"),
    uuid: text(row, "uuid") as Uuid,
    owner: text(row, "owner"),
    version: text(row, "version"),
    size: integer(row, "size"),
    eTag: text(row, "etag"),
    modifiedMs: integer(row, "modified_ms"),
    checksums: facts.checksums ?? {},
    ...optional("upload", facts.upload),
    ...readFacts(row, facts),
  };
}

function readUpload(row: Row): Upload {
  const facts = JSON.parse(text(row, "facts")) as Facts;
  return {
    id: text(row, "id"),
    bucket: text(row, "bucket") as Uuid,
    key: text(row, "key"),
    owner: text(row, "owner"),
    createdMs: integer(row, "created_ms"),
    ...optional("checksumAlgorithm", facts.checksumAlgorithm),
    ...optional("checksumType", facts.checksumType),
    changes: integer(row, "changes"),
    ...readFacts(row, facts),
  };
}

function readFacts(
  row: Row,
  { headers = {}, userMetadata = {}, tags = {}, storageClass }: Facts,
): Pick<StoredObject, "contentType" | "headers" | "userMetadata" | "tags" | "storageClass"> {
  return {
    contentType: text(row, "content_type"),
    headers,
    userMetadata,
    tags,
    ...optional("storageClass", storageClass),
  };
}

function readPart(row: Row): Part {
  return {
    upload: text(row, "upload"),
    number: integer(row, "number"),
    size: integer(row, "size"),
    eTag: text(row, "etag"),
    blob: text(row, "blob"),
    checksums: JSON.parse(text(row, "checksums")) as Texts,
    modifiedMs: integer(row, "modified_ms"),
  };
}
