import { SignalboxError } from "../../errors.ts";
import { findManagedBucket } from "../../storage/buckets.ts";
import { configureS3Notifications, s3NotificationsOf } from "../../subscriptions/s3-configuration/configure.ts";
import { type BucketCall, inTurns, type S3Answer } from "./call.ts";
import { maxNotificationXmlBytes } from "./limits.ts";
import { header, receiveDocument } from "./request.ts";
import { emptyAnswer, ofBucket, xmlAnswer } from "./respond.ts";
import { S3Error } from "./wire/errors.ts";
import { notificationRoot, readNotifications, writeNotifications } from "./wire/notification-xml.ts";
import { readingXml } from "./wire/xml-read.ts";

/** `?notification`: rules of a bucket as S3 says them, for who may manage the bucket. */

/** `GET /bucket?notification` */
export async function getNotifications({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  const bucket = await findManagedBucket(context, principal, bucketName);
  const all = await s3NotificationsOf(context.store, bucket);
  return xmlAnswer(notificationRoot, writeNotifications(all), ofBucket(bucket));
}

/** `PUT /bucket?notification` */
export async function putNotifications(call: BucketCall): Promise<S3Answer> {
  const { context, principal, exchange, headers } = call;
  const bucket = await findManagedBucket(context, principal, call.bucketName);
  const document = await receiveDocument(call, maxNotificationXmlBytes);
  const root = await inTurns(call, document.length, readingXml(document, notificationRoot));
  const notifications = readNotifications(root);
  const validate = header(headers, "x-amz-skip-destination-validation")?.toLowerCase() !== "true";
  try {
    await configureS3Notifications(context, principal, {
      bucket,
      notifications,
      validate,
      signal: exchange.whenGone,
    });
  } catch (thrown) {
    throw asArgument(thrown);
  }
  return { ...emptyAnswer, headers: ofBucket(bucket) };
}

/** What S3 calls an argument that is wrong. */
function asArgument(thrown: unknown): unknown {
  if (!(thrown instanceof SignalboxError)) return thrown;
  if (thrown.code !== "invalid_request" && thrown.code !== "invalid_filter" && thrown.code !== "conflict")
    return thrown;
  const [field] = thrown.fields;
  return new S3Error("InvalidArgument", thrown.message, {
    cause: thrown,
    ...(field === undefined ? {} : { extra: { ArgumentName: field.path } }),
  });
}
