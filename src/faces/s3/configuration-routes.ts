import { type LaterConfigurationName, maxConfigurationBytes } from "../../domain/bucket-configurations.ts";
import { configureBucket, findBucket, findManagedBucket, type RequestedConfiguration } from "../../storage/buckets.ts";
import { type BucketCall, inTurns, type ObjectCall, type S3Answer, type S3Handler } from "./call.ts";
import { maxXmlBytes } from "./limits.ts";
import { receiveDocument } from "./request.ts";
import { emptyAnswer, noContent, ofBucket, xmlAnswer } from "./respond.ts";
import { configurationForms } from "./wire/bucket-xml.ts";
import type { ConfigurationForm } from "./wire/configuration-form.ts";
import { S3Error } from "./wire/errors.ts";
import { readingXml, type XmlElement } from "./wire/xml-read.ts";

/** What is said of a bucket as a whole: by its owner and who manages the tenant, shown to who may read the bucket. */

/** `GET`, `PUT` and `DELETE` of what is kept. */
export function keptConfiguration(name: LaterConfigurationName): Readonly<Record<string, S3Handler<BucketCall>>> {
  return { ...standingConfiguration(name), DELETE: (call) => removeConfiguration(call, name) };
}

/** The same for what is never taken away again, only changed. */
export function standingConfiguration(name: LaterConfigurationName): Readonly<Record<string, S3Handler<BucketCall>>> {
  // Each name has the form of its own values, which this type cannot say.
  const form = configurationForms[name] as ConfigurationForm<LaterConfigurationName>;
  return { GET: (call) => getConfiguration(call, form), PUT: (call) => putConfiguration(call, form) };
}

async function getConfiguration<Name extends LaterConfigurationName>(
  { context, principal, bucketName }: BucketCall,
  { name, root, absent, write }: ConfigurationForm<Name>,
): Promise<S3Answer> {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  const value = await context.store.configurations.of(bucket.uuid, name);
  if (value !== undefined) return xmlAnswer(root, write(value), ofBucket(bucket));
  if (absent !== undefined) throw new S3Error(absent);
  return xmlAnswer(root, undefined, ofBucket(bucket));
}

async function putConfiguration<Name extends LaterConfigurationName>(
  call: BucketCall,
  { name, root, read }: ConfigurationForm<Name>,
): Promise<S3Answer> {
  const { context, principal } = call;
  const bucket = await findManagedBucket(context, principal, call.bucketName);
  const value = read(await receiveXml(call, root));
  if (value !== undefined && Buffer.byteLength(JSON.stringify(value)) > maxConfigurationBytes) {
    throw new S3Error("MaxMessageLengthExceeded", undefined, {
      extra: { MaxMessageLengthBytes: String(maxConfigurationBytes) },
    });
  }
  await configureBucket(context, { principal, origin: "s3", bucket }, { name, value } as RequestedConfiguration);
  return { ...emptyAnswer, headers: ofBucket(bucket) };
}

async function removeConfiguration(
  { context, principal, bucketName }: BucketCall,
  name: LaterConfigurationName,
): Promise<S3Answer> {
  const bucket = await findManagedBucket(context, principal, bucketName);
  // What changes nothing raises no event.
  const kept = await context.store.configurations.of(bucket.uuid, name);
  if (kept !== undefined) await configureBucket(context, { principal, origin: "s3", bucket }, { name });
  return { ...noContent, headers: ofBucket(bucket) };
}

/** `PUT` of a document of which nothing needs to be kept: `judge` refuses what is not so. */
export function judgedConfiguration(
  root: string,
  judge: (document: XmlElement, bucket: string) => void,
): S3Handler<BucketCall> {
  return async (call) => {
    const bucket = await findManagedBucket(call.context, call.principal, call.bucketName);
    judge(await receiveXml(call, root), bucket.name);
    return { ...emptyAnswer, headers: ofBucket(bucket) };
  };
}

async function receiveXml(call: BucketCall | ObjectCall, root: string): Promise<XmlElement> {
  const document = await receiveDocument(call, maxXmlBytes);
  return inTurns(call, document.length, readingXml(document, root));
}
