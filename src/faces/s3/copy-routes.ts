import type { IncomingHttpHeaders } from "node:http";
import { defined } from "../../domain/defined.ts";
import { findBucket } from "../../storage/buckets.ts";
import { type CopySource, copyObject } from "../../storage/copy-object.ts";
import type { StoredObject } from "../../store/records.ts";
import { doing, type ObjectCall, type S3Answer, type S3Call } from "./call.ts";
import {
  header,
  preconditionFailed,
  readFacts,
  readTags,
  refuseOtherOwner,
  refuseUnsupported,
  refuseVersion,
  validatorsOf,
  writePrecondition,
} from "./request.ts";
import { checksumElements, checksumType, isoTime, ofObject, quoted, xmlAnswer } from "./respond.ts";
import { readAlgorithm, wantedChecksum } from "./wire/checksums.ts";
import { judgeCopySource, readConditions } from "./wire/conditions.ts";
import { parseCopySource } from "./wire/copy-source.ts";
import { S3Error } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";

/** `PUT /bucket/key` with `x-amz-copy-source`. */
export async function putCopy(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, headers } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  const key = checkKey(call.key);
  refuseUnsupported(headers);
  const precondition = writePrecondition(headers);
  const storageClass = header(headers, "x-amz-storage-class");
  const checksum = readAlgorithm(headers);
  const { object } = await copyObject(context, {
    ...doing(call),
    bucket,
    key,
    source: await readSource(call),
    ...(replaces(headers, "x-amz-metadata-directive") ? { facts: readFacts(headers) } : {}),
    ...(replaces(headers, "x-amz-tagging-directive") ? { tags: readTags(headers) } : {}),
    ...defined({ storageClass }),
    ...(checksum === undefined ? {} : { checksum: wantedChecksum(checksum) }),
    ...defined({ precondition }),
  });
  const { etag: _, ...named } = ofObject(object);
  const ChecksumType = checksumType(object.checksums);
  return xmlAnswer("CopyObjectResult", { ...copyResult(object), ChecksumType }, named);
}

/** What an object or part has become by a copy. */
export function copyResult({ eTag, modifiedMs, checksums }: Pick<StoredObject, "eTag" | "modifiedMs" | "checksums">) {
  return { LastModified: isoTime(modifiedMs), ETag: quoted(eTag), ...checksumElements(checksums) };
}

/** `x-amz-copy-source` and the conditions on it. The caller must be able to read there. */
export async function readSource({ context, principal, headers }: S3Call): Promise<CopySource> {
  const { bucket: name, key, versionId } = parseCopySource(header(headers, "x-amz-copy-source") ?? "");
  refuseVersion(versionId);
  const bucket = await findBucket(context.store, principal, name, "read");
  refuseOtherOwner(headers, "x-amz-source-expected-bucket-owner", bucket);
  const conditions = readConditions(headers, "x-amz-copy-source-");
  return {
    bucket,
    key,
    precondition: (source) => {
      const judgement = judgeCopySource(conditions, validatorsOf(source));
      if (judgement.kind === "proceed") return;
      throw judgement.kind === "failed" ? preconditionFailed(judgement.condition) : new S3Error("PreconditionFailed");
    },
  };
}

function replaces(headers: IncomingHttpHeaders, name: string): boolean {
  const directive = header(headers, name);
  if (directive === undefined || directive === "COPY") return false;
  if (directive === "REPLACE") return true;
  throw new S3Error("InvalidArgument", `Unknown ${name}.`, {
    extra: { ArgumentName: name, ArgumentValue: directive },
  });
}
