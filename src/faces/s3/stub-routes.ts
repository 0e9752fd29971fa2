import { findBucket } from "../../storage/buckets.ts";
import { statObject } from "../../storage/objects.ts";
import type { BucketCall, ObjectCall, S3Answer, S3Handler } from "./call.ts";
import { maxXmlBytes } from "./limits.ts";
import { receiveDocument } from "./request.ts";
import { emptyAnswer, noContent, ofBucket, ofObject, person, xmlAnswer } from "./respond.ts";
import { S3Error, type S3ErrorCode } from "./wire/errors.ts";
import { checkKey } from "./wire/keys.ts";
import type { XmlContent } from "./wire/xml.ts";

/** Answers about what Signalbox does not have, in the words in which S3 says that a bucket has none of it. */

/** A bucket without this configuration: there is an error for it. */
export function absent(code: S3ErrorCode): S3Handler<BucketCall> {
  return async ({ context, principal, bucketName }) => {
    await findBucket(context.store, principal, bucketName, "read");
    throw new S3Error(code);
  };
}

/** A bucket without this configuration: there is an empty document for it. */
export function blank(root: string, children?: XmlContent): S3Handler<BucketCall> {
  return async ({ context, principal, bucketName }) => {
    const bucket = await findBucket(context.store, principal, bucketName, "read");
    return xmlAnswer(root, children, ofBucket(bucket));
  };
}

/** Taking away what there never is. */
export async function removeNothing({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  await findBucket(context.store, principal, bucketName, "write");
  return noContent;
}

/** Who reaches what is decided by roles and grants; the list says what is true of every owner. */
function accessControl(owner: string): XmlContent {
  return {
    Owner: person(owner),
    AccessControlList: {
      Grant: {
        Grantee: {
          "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
          "@xsi:type": "CanonicalUser",
          ID: owner,
          DisplayName: owner,
        },
        Permission: "FULL_CONTROL",
      },
    },
  };
}

/** `GET /bucket?acl` */
export async function getBucketAcl({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  return xmlAnswer("AccessControlPolicy", accessControl(bucket.owner), ofBucket(bucket));
}

/** `PUT /bucket?acl`: accepted and ignored, as clients send it with every copy. */
export async function putBucketAcl(call: BucketCall): Promise<S3Answer> {
  const bucket = await findBucket(call.context.store, call.principal, call.bucketName, "write");
  await receiveDocument(call, maxXmlBytes);
  return { ...emptyAnswer, headers: ofBucket(bucket) };
}

/** `GET /bucket/key?acl` */
export async function getObjectAcl(call: ObjectCall): Promise<S3Answer> {
  const bucket = await findBucket(call.context.store, call.principal, call.bucketName, "read");
  const object = await statObject(call.context.store, bucket, checkKey(call.key));
  const { etag: _, ...named } = ofObject(object);
  return xmlAnswer("AccessControlPolicy", accessControl(object.owner), named);
}

/** `PUT /bucket/key?acl`: as {@link putBucketAcl}. */
export async function putObjectAcl(call: ObjectCall): Promise<S3Answer> {
  const bucket = await findBucket(call.context.store, call.principal, call.bucketName, "write");
  await statObject(call.context.store, bucket, checkKey(call.key));
  await receiveDocument(call, maxXmlBytes);
  return emptyAnswer;
}
