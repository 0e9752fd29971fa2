import type { Uuid } from "../../domain/ids.ts";
import type { ObjectChange, ObjectCondition } from "../objects.ts";
import type { ObjectFacts, Part, StoredObject, Upload } from "../records.ts";
import type { UploadChange, UploadCondition } from "../uploads.ts";
import { configurationsGone } from "./configurations.ts";
import { endResource } from "./registered.ts";
import type { Check, Sql, Step } from "./step.ts";
import { endSubscriptions } from "./subscriptions.ts";

/** How buckets, objects and uploads are written; `object-reads.ts` reads them back. */
export { objects } from "./object-reads.ts";

type Written = ObjectChange | UploadChange;
type Checked = ObjectCondition | UploadCondition;

const addBucket = "INSERT INTO bucket (uuid, tenant, name, owner, created_ms) VALUES (?, ?, ?, ?, ?)";
const removeBucketParts = "DELETE FROM part WHERE upload IN (SELECT id FROM upload WHERE bucket = ?)";
const removeBucketUploads = "DELETE FROM upload WHERE bucket = ?";
const removeBucket = "UPDATE bucket SET deleted_ms = ?2 WHERE uuid = ?1 AND deleted_ms IS NULL";

// Not INSERT OR REPLACE, here and below: what it drops passes by the triggers that count.
const putObject = `INSERT INTO object
  (bucket, key, uuid, owner, version, size, etag, content_type, modified_ms, facts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (bucket, key) DO UPDATE SET
    uuid = excluded.uuid, owner = excluded.owner, version = excluded.version, size = excluded.size, etag = excluded.etag,
    content_type = excluded.content_type, modified_ms = excluded.modified_ms, facts = excluded.facts`;
const removePieces = "DELETE FROM piece WHERE bucket = ? AND key = ?";
/** All in one statement: an object may consist of 10,000 pieces. */
const addPieces = `INSERT INTO piece (bucket, key, position, blob, size)
  SELECT ?1, ?2, key, value ->> 'blob', CAST(value ->> 'size' AS bigint) FROM json_each(?3)`;
const removeObject = "DELETE FROM object WHERE bucket = ? AND key = ?";

const addUpload = `INSERT INTO upload (id, bucket, key, owner, content_type, facts, created_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const removeParts = "DELETE FROM part WHERE upload = ?";
const removeUpload = "DELETE FROM upload WHERE id = ?";
/** Into an upload that is open: one left behind by a closed one would keep its blob for ever. */
const putPart = `INSERT INTO part (upload, number, size, etag, blob, checksums, modified_ms)
  SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM upload WHERE id = ?1
  ON CONFLICT (upload, number) DO UPDATE SET
    size = excluded.size, etag = excluded.etag, blob = excluded.blob, checksums = excluded.checksums,
    modified_ms = excluded.modified_ms`;
const countChange = "UPDATE upload SET changes = changes + 1 WHERE id = ?";

export function objectChange(change: Written): Step[] {
  switch (change.do) {
    case "bucket.add": {
      const { uuid, tenant, name, owner, createdMs } = change.bucket;
      return [{ sql: addBucket, params: [uuid, tenant, name, owner, createdMs] }];
    }
    case "bucket.remove":
      return bucketRemoved(change.bucket, change.atMs);
    case "object.put":
      return objectPut(change.object);
    case "object.remove":
      return [
        { sql: removePieces, params: [change.bucket, change.key] },
        { sql: removeObject, params: [change.bucket, change.key] },
      ];
    case "upload.add":
      return [{ sql: addUpload, params: uploadRow(change.upload) }];
    case "upload.remove":
      return [
        { sql: removeParts, params: [change.id] },
        { sql: removeUpload, params: [change.id] },
      ];
    case "part.put":
      return [
        { sql: putPart, params: partRow(change.part) },
        { sql: countChange, params: [change.part.upload] },
      ];
    default:
      return change satisfies never;
  }
}

/** The bucket itself last: ending its subscriptions asks whether it was live. */
function bucketRemoved(bucket: Uuid, atMs: number): Step[] {
  return [
    ...endSubscriptions(bucket, atMs),
    { sql: removeBucketParts, params: [bucket] },
    { sql: removeBucketUploads, params: [bucket] },
    configurationsGone(bucket),
    ...endResource(bucket, atMs),
    { sql: removeBucket, params: [bucket, atMs] },
  ];
}

function objectPut(object: StoredObject): Step[] {
  const { bucket, key, uuid, owner, version, size, eTag, contentType, modifiedMs } = object;
  const facts = { ...factsOf(object), checksums: filled(object.checksums), upload: object.upload };
  const row = [bucket, key, uuid, owner, version, size, eTag, contentType, modifiedMs, JSON.stringify(facts)];
  return [
    { sql: removePieces, params: [bucket, key] },
    { sql: putObject, params: row },
    { sql: addPieces, params: [bucket, key, JSON.stringify(object.pieces)] },
  ];
}

function uploadRow(upload: Omit<Upload, "changes">): Sql[] {
  const { id, bucket, key, owner, contentType, createdMs } = upload;
  const facts = { ...factsOf(upload), checksumAlgorithm: upload.checksumAlgorithm, checksumType: upload.checksumType };
  return [id, bucket, key, owner, contentType, JSON.stringify(facts), createdMs];
}

function partRow({ upload, number, size, eTag, blob, checksums, modifiedMs }: Part): Sql[] {
  return [upload, number, size, eTag, blob, JSON.stringify(checksums), modifiedMs];
}

type Texts = Readonly<Record<string, string>>;

/** Most objects have none of these: what is `undefined` is not written. */
function factsOf({
  headers,
  userMetadata,
  tags,
  storageClass,
}: ObjectFacts): Record<string, Texts | string | undefined> {
  return { headers: filled(headers), userMetadata: filled(userMetadata), tags: filled(tags), storageClass };
}

function filled(texts: Texts): Texts | undefined {
  return Object.keys(texts).length === 0 ? undefined : texts;
}

const bucketNamed = "SELECT 1 FROM bucket WHERE tenant = ? AND name = ? AND deleted_ms IS NULL";
const bucketLive = "SELECT 1 FROM bucket WHERE uuid = ? AND deleted_ms IS NULL";
const bucketHolds = "SELECT 1 FROM object WHERE bucket = ? LIMIT 1";
const objectExists = "SELECT 1 FROM object WHERE bucket = ? AND key = ?";
const objectVersion = "SELECT 1 FROM object WHERE bucket = ? AND key = ? AND version = ?";
const uploadOpen = "SELECT 1 FROM upload WHERE id = ?";
const uploadChanges = "SELECT 1 FROM upload WHERE id = ? AND changes = ?";
const partExists = "SELECT 1 FROM part WHERE upload = ? AND number = ?";
const partBlob = "SELECT 1 FROM part WHERE upload = ? AND number = ? AND blob = ?";

export function objectCheck(condition: Checked): Check {
  switch (condition.if) {
    case "bucket.nameFree":
      return { sql: bucketNamed, params: [condition.tenant, condition.name], expect: "none" };
    case "bucket.live":
      return { sql: bucketLive, params: [condition.bucket], expect: "row" };
    case "bucket.empty":
      return { sql: bucketHolds, params: [condition.bucket], expect: "none" };
    case "object.version": {
      const { bucket, key, version } = condition;
      return version === undefined
        ? { sql: objectExists, params: [bucket, key], expect: "none" }
        : { sql: objectVersion, params: [bucket, key, version], expect: "row" };
    }
    case "upload.open":
      return { sql: uploadOpen, params: [condition.id], expect: "row" };
    case "upload.changes":
      return { sql: uploadChanges, params: [condition.id, condition.changes], expect: "row" };
    case "part.blob": {
      const { upload, number, blob } = condition;
      return blob === undefined
        ? { sql: partExists, params: [upload, number], expect: "none" }
        : { sql: partBlob, params: [upload, number, blob], expect: "row" };
    }
    default:
      return condition satisfies never;
  }
}
