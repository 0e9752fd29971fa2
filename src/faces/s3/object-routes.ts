import { defined } from "../../domain/defined.ts";
import { findBucket } from "../../storage/buckets.ts";
import { putObject, removeObject, removeObjects } from "../../storage/objects.ts";
import { wholeContent } from "../../storage/uploads.ts";
import type { Precondition } from "../../storage/write-object.ts";
import { type BucketCall, doing, inTurns, type ObjectCall, type S3Answer } from "./call.ts";
import { asS3Error } from "./failure-answer.ts";
import { maxDeleteXmlBytes } from "./limits.ts";
import {
  deletePrecondition,
  expectBytes,
  preconditionOf,
  readFacts,
  readTags,
  receiveDocument,
  refuseUnsupported,
  refuseVersion,
  writePrecondition,
} from "./request.ts";
import { checksumHeaders, emptyAnswer, noContent, ofBucket, ofObject, uuidHeader, xmlAnswer } from "./respond.ts";
import { checkKey } from "./wire/keys.ts";
import { readingDeleteObjects } from "./wire/xml.ts";

/**
 * `PUT /bucket/key`. In this order: everything that the headers tell is judged; hooks are asked; then (with
 * `Expect: 100-continue`) the client is let send; the bytes reach the disk; object and event are committed.
 */
export async function putBytes(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, headers } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  const key = checkKey(call.key);
  refuseUnsupported(headers);
  const facts = { ...readFacts(headers), tags: readTags(headers) };
  const precondition = writePrecondition(headers);
  const { size, receive } = expectBytes(call);

  const object = await putObject(context, {
    ...doing(call),
    bucket,
    key,
    facts,
    receive: async () => wholeContent(await receive()),
    ...defined({ size, precondition }),
  });
  return { ...emptyAnswer, headers: { ...ofObject(object), ...checksumHeaders(object.checksums) } };
}

/** `DELETE /bucket/key`. What is not there is deleted already. */
export async function deleteObject(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, headers, query } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  const key = checkKey(call.key);
  refuseUnsupported(headers, true);
  refuseVersion(query.get("versionId"));
  const precondition = deletePrecondition(headers);
  const removed = await removeObject(context, {
    ...doing(call),
    bucket,
    key,
    ...defined({ precondition }),
  });
  return removed === undefined ? noContent : { ...noContent, headers: { [uuidHeader]: removed.uuid } };
}

/** `POST /bucket?delete`: each key on its own, each with its own hooks and event. */
export async function deleteObjects(call: BucketCall): Promise<S3Answer> {
  const { context, principal } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  const document = await receiveDocument(call, maxDeleteXmlBytes);
  const { quiet, objects } = await inTurns(call, document.length, readingDeleteObjects(document));
  const removals = objects.map(({ key, versionId, conditions }) => ({
    key,
    precondition: (current: Parameters<Precondition>[0]): void => {
      refuseVersion(versionId);
      preconditionOf(conditions)(current);
    },
  }));
  const failures = await removeObjects(context, { ...doing(call), bucket }, removals);
  const answers = objects.map(({ key, versionId }, index) => ({ key, versionId, failure: failures[index] }));
  return xmlAnswer(
    "DeleteResult",
    {
      Deleted: quiet
        ? []
        : answers
            .filter(({ failure }) => failure === undefined)
            .map(({ key, versionId }) => ({ Key: key, VersionId: versionId })),
      Error: answers
        .filter(({ failure }) => failure !== undefined)
        .map(({ key, failure }) => deletionFailure(call, key, failure)),
    },
    ofBucket(bucket),
  );
}

function deletionFailure({ context, exchange }: BucketCall, key: string, failure: unknown) {
  const error = asS3Error(failure);
  if (error.code === "InternalError") {
    context.log.error({ requestId: exchange.requestId, error: failure }, "a deletion failed");
  }
  return { Key: key, Code: error.code, Message: error.message };
}
