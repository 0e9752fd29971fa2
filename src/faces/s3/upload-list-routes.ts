import { defined } from "../../domain/defined.ts";
import { usualStorageClass } from "../../domain/object-facts.ts";
import { findBucket } from "../../storage/buckets.ts";
import { findUpload, listUploads } from "../../storage/uploads.ts";
import type { BucketCall, ObjectCall, S3Answer } from "./call.ts";
import { readWriting } from "./list-routes.ts";
import { checksumOfUpload } from "./multipart-checksums.ts";
import { uploadPlace } from "./multipart-routes.ts";
import { integerParameter } from "./request.ts";
import { checksumElements, isoTime, person, quoted, xmlList } from "./respond.ts";
import { Each } from "./wire/xml.ts";

/** About how many characters the entry of an upload or part has, besides the key. */
const perUpload = 384;

/** `GET /bucket/key?uploadId=…` */
export async function getParts(call: ObjectCall): Promise<S3Answer> {
  const { context, query } = call;
  const place = await uploadPlace(call, "read");
  const upload = await findUpload(context.store, place);
  const writing = readWriting(query);
  const max = Math.min(integerParameter(query, "max-parts", { min: 0, max: 2_147_483_647, fallback: 1000 }), 1000);
  const after = integerParameter(query, "part-number-marker", { min: 0, max: 2_147_483_647, fallback: 0 });
  // One more than asked tells whether there are more.
  const found = max === 0 ? [] : await context.store.uploads.parts(upload.id, { after, max: max + 1 });
  const parts = found.slice(0, max);
  return xmlList(
    call,
    { root: "ListPartsResult", size: parts.length * perUpload, bucket: place.bucket },
    {
      Bucket: place.bucket.name,
      Key: writing.text(upload.key),
      EncodingType: writing.encoding,
      UploadId: upload.id,
      Initiator: person(upload.owner),
      Owner: person(upload.owner),
      StorageClass: upload.storageClass ?? usualStorageClass,
      PartNumberMarker: after,
      NextPartNumberMarker: parts.at(-1)?.number ?? 0,
      MaxParts: max,
      IsTruncated: found.length > max,
      ChecksumAlgorithm: upload.checksumAlgorithm,
      ChecksumType: checksumOfUpload(upload)?.type,
      Part: Each.of(parts, ({ number, modifiedMs, eTag, size, checksums }) => ({
        PartNumber: number,
        LastModified: isoTime(modifiedMs),
        ETag: quoted(eTag),
        Size: size,
        ...checksumElements(checksums),
      })),
    },
  );
}

/** `GET /bucket?uploads` */
export async function getUploads(call: BucketCall): Promise<S3Answer> {
  const { context, principal, bucketName, query } = call;
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  const writing = readWriting(query);
  const max = Math.min(integerParameter(query, "max-uploads", { min: 0, max: 2_147_483_647, fallback: 1000 }), 1000);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") || undefined;
  const key = query.get("key-marker") ?? "";
  const id = query.get("upload-id-marker") ?? "";
  const { uploads, prefixes, next } = await listUploads(context.store, {
    bucket,
    prefix,
    max,
    ...defined({ delimiter }),
    // Without a key the id says nothing.
    ...(key === "" ? {} : { after: { key, ...(id === "" ? {} : { id }) } }),
  });
  const size = uploads.length * perUpload + uploads.reduce((sum, upload) => sum + upload.key.length, 0);
  return xmlList(
    call,
    { root: "ListMultipartUploadsResult", size: size + prefixes.join("").length, bucket },
    {
      Bucket: bucket.name,
      KeyMarker: writing.text(key),
      UploadIdMarker: id,
      NextKeyMarker: writing.text(next?.key),
      NextUploadIdMarker: next?.id,
      Delimiter: writing.text(delimiter),
      Prefix: writing.text(prefix),
      EncodingType: writing.encoding,
      MaxUploads: max,
      IsTruncated: next !== undefined,
      Upload: Each.of(uploads, (upload) => ({
        Key: writing.text(upload.key),
        UploadId: upload.id,
        Initiator: person(upload.owner),
        Owner: person(upload.owner),
        StorageClass: upload.storageClass ?? usualStorageClass,
        Initiated: isoTime(upload.createdMs),
        ChecksumAlgorithm: upload.checksumAlgorithm,
        ChecksumType: checksumOfUpload(upload)?.type,
      })),
      CommonPrefixes: Each.of(prefixes, (common) => ({ Prefix: writing.text(common) })),
    },
  );
}
