import type { Permission } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { findBucket } from "../../storage/buckets.ts";
import { completeUpload } from "../../storage/complete-upload.ts";
import { copyPart } from "../../storage/copy-part.ts";
import { abortUpload, createUpload, findUpload, putPart, type UploadPlace } from "../../storage/uploads.ts";
import { s3UrlOf } from "./addressing.ts";
import { doing, inTurns, type ObjectCall, type S3Answer } from "./call.ts";
import { copyResult, readSource } from "./copy-routes.ts";
import { maxCompleteXmlBytes } from "./limits.ts";
import {
  checksumOfUpload,
  judgeAlgorithms,
  readChecksumClaim,
  readUploadChecksum,
  wholeChecksums,
} from "./multipart-checksums.ts";
import {
  expectBytes,
  header,
  integerParameter,
  readFacts,
  readTags,
  receiveDocument,
  refuseUnsupported,
  writePrecondition,
} from "./request.ts";
import {
  checksumElements,
  checksumType,
  emptyAnswer,
  noContent,
  ofBucket,
  partChecksumHeaders,
  quoted,
  uuidHeader,
  xmlAnswer,
} from "./respond.ts";
import { wantedChecksum } from "./wire/checksums.ts";
import { S3Error } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";
import { parseCopySourceRange } from "./wire/range.ts";
import { readingCompleteMultipart } from "./wire/xml.ts";

/** `POST /bucket/key?uploads` */
export async function postUpload(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, headers } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  const key = checkKey(call.key);
  refuseUnsupported(headers);
  const begun = readUploadChecksum(headers);
  const checksumAlgorithm = begun?.algorithm.toUpperCase();
  const upload = await createUpload(context, {
    principal,
    bucket,
    key,
    facts: { ...readFacts(headers), tags: readTags(headers) },
    ...(begun === undefined || checksumAlgorithm === undefined ? {} : { checksumAlgorithm, checksumType: begun.type }),
  });
  return xmlAnswer(
    "InitiateMultipartUploadResult",
    { Bucket: bucket.name, Key: key, UploadId: upload.id },
    {
      ...ofBucket(bucket),
      ...defined({ "x-amz-checksum-algorithm": checksumAlgorithm }),
      ...(begun === undefined ? {} : { "x-amz-checksum-type": begun.type }),
    },
  );
}

/** Which upload a request is about; it may be of another key, or gone. */
export async function uploadPlace(call: ObjectCall, wanted: Permission): Promise<UploadPlace> {
  const bucket = await findBucket(call.context.store, call.principal, call.bucketName, wanted);
  return { bucket, key: checkKey(call.key), id: call.query.get("uploadId") ?? "" };
}

/** `PUT /bucket/key?partNumber=1&uploadId=…` */
export async function putPartBytes(call: ObjectCall): Promise<S3Answer> {
  const place = await uploadPlace(call, "write");
  const number = partNumber(call);
  refuseUnsupported(call.headers);
  const upload = await findUpload(call.context.store, place);
  if (header(call.headers, "x-amz-copy-source") !== undefined) return putPartCopy(call, place, number);
  const begun = checksumOfUpload(upload);
  const { size = 0, receive, algorithms } = expectBytes(call, begun === undefined ? [] : [begun.algorithm]);
  judgeAlgorithms(begun, algorithms);
  const before = await call.context.store.uploads.part(upload.id, number);
  using _room = await call.context.room.take(place.bucket.tenant, { size, replaces: before?.size ?? 0 });
  const part = await putPart(call.context, upload, number, await receive());
  return { ...emptyAnswer, headers: { etag: quoted(part.eTag), ...partChecksumHeaders(part.checksums) } };
}

function partNumber({ query }: ObjectCall): number {
  const none = query.get("partNumber") === null ? "" : query.get("partNumber");
  if (none === "") throw new S3Error("InvalidArgument", "partNumber is missing.");
  return integerParameter(query, "partNumber", { min: 1, max: 10_000, fallback: 0 });
}

/** `PUT /bucket/key?partNumber=1&uploadId=…` with `x-amz-copy-source` */
async function putPartCopy(call: ObjectCall, place: UploadPlace, number: number): Promise<S3Answer> {
  const range = header(call.headers, "x-amz-copy-source-range");
  const maxBytes = call.context.limits.maxObjectBytes;
  const upload = await findUpload(call.context.store, place);
  const begun = checksumOfUpload(upload);
  const { part } = await copyPart(call.context, {
    upload,
    number,
    ...(begun === undefined ? {} : { checksum: wantedChecksum(begun.algorithm) }),
    source: await readSource(call),
    choose: ({ size }) => {
      const chosen = range === undefined ? { start: 0, end: size - 1 } : parseCopySourceRange(range, size);
      if (chosen.end - chosen.start >= maxBytes) throw new S3Error("EntityTooLarge");
      return chosen;
    },
  });
  return xmlAnswer("CopyPartResult", copyResult(part));
}

/** In characters, as the length of documents is counted: a part of a size of its own takes as long to combine. */
const costOfPart = 4_096;

/** `POST /bucket/key?uploadId=…` */
export async function postComplete(call: ObjectCall): Promise<S3Answer> {
  const { context, headers, exchange } = call;
  const { bucket, key, id } = await uploadPlace(call, "write");
  const precondition = writePrecondition(headers);
  const claim = readChecksumClaim(headers);
  // The checksums in its headers are the object's, not the document's.
  const ofDocument = Object.entries(exchange.request.headers).filter(([name]) => !name.includes("checksum"));
  const document = await receiveDocument(call, maxCompleteXmlBytes, Object.fromEntries(ofDocument));
  const named = await inTurns(call, document.length, readingCompleteMultipart(document));
  const wanted = named.map(({ partNumber: number, etag, checksums }) => ({
    number,
    eTag: etag,
    checksums: { ...checksums },
  }));
  const object = await completeUpload(context, {
    ...doing(call),
    bucket,
    key,
    id,
    parts: wanted,
    limits: context.limits,
    check: (upload, parts) => {
      const size = header(headers, "x-amz-mp-object-size");
      if (size !== undefined && Number(size) !== parts.reduce((sum, part) => sum + part.size, 0)) {
        throw new S3Error("InvalidRequest", "x-amz-mp-object-size is not the sum of the parts' sizes.");
      }
      const completion = { begun: checksumOfUpload(upload), claim, wanted, parts };
      return inTurns(call, parts.length * costOfPart, wholeChecksums(completion));
    },
    ...defined({ precondition }),
  });
  return xmlAnswer(
    "CompleteMultipartUploadResult",
    {
      Location: s3UrlOf(call.address, exchange.request, { bucket: bucket.name, key }),
      Bucket: bucket.name,
      Key: key,
      ETag: quoted(object.eTag),
      ...checksumElements(object.checksums),
      ChecksumType: checksumType(object.checksums),
    },
    { [uuidHeader]: object.uuid },
  );
}

/** `DELETE /bucket/key?uploadId=…` */
export async function deleteUpload(call: ObjectCall): Promise<S3Answer> {
  await abortUpload(call.context, await uploadPlace(call, "write"));
  return noContent;
}
