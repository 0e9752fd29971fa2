import { type ObjectOwnership, objectOwnerships } from "../../domain/bucket-configurations.ts";
import { findBucket, listBuckets, madeBucket, makeBucket, removeBucket } from "../../storage/buckets.ts";
import type { NamedConfiguration } from "../../store/configurations.ts";
import type { Bucket } from "../../store/records.ts";
import type { BucketCall, S3Answer, S3Call } from "./call.ts";
import { maxXmlBytes } from "./limits.ts";
import { header, integerParameter, receiveDocument, tagRecord } from "./request.ts";
import { emptyAnswer, isoTime, noContent, ofBucket, person, xmlAnswer } from "./respond.ts";
import { S3Error } from "./wire/errors.ts";
import { checkBucketName } from "./wire/keys.ts";
import { parseCreateBucket, usualRegion } from "./wire/xml.ts";

/** `GET /` */
export async function getBuckets({ context, principal, query }: S3Call): Promise<S3Answer> {
  const max = integerParameter(query, "max-buckets", { min: 1, max: 10_000, fallback: 10_000 });
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token");
  const region = query.get("bucket-region") ?? "";
  const { buckets, next } = await listBuckets(context.store, principal, {
    prefix,
    max,
    ...(after === null ? {} : { after }),
    ...(region === "" ? {} : { fits: async (bucket: Bucket) => (await regionOf(context, bucket)) === region }),
  });
  return xmlAnswer("ListAllMyBucketsResult", {
    Owner: person(principal.name),
    Buckets: {
      Bucket: buckets.map(({ name, createdMs }) => ({ Name: name, CreationDate: isoTime(createdMs) })),
    },
    ContinuationToken: next,
    Prefix: prefix === "" ? undefined : prefix,
  });
}

/**
 * `PUT /bucket`. What is said of it is kept and shown: its region, of which one is as good as another, tags and ownership. `x-amz-acl` says
 * nothing here. Who makes a bucket of their own again, and asks for nothing, has made it.
 */
export async function putBucket(call: BucketCall): Promise<S3Answer> {
  const { context, principal, auth } = call;
  const name = checkBucketName(call.bucketName);
  if (header(call.headers, "x-amz-bucket-object-lock-enabled")?.toLowerCase() === "true") {
    throw new S3Error("NotImplemented", "Object Lock is not implemented.");
  }
  const ownership = readOwnership(call);
  const { location, tags } = parseCreateBucket(await receiveDocument(call, maxXmlBytes));
  const configurations: NamedConfiguration[] = [];
  if (location !== undefined) configurations.push({ name: "location", value: location });
  if (ownership !== undefined) configurations.push({ name: "ownershipControls", value: ownership });
  if (tags.length > 0) configurations.push({ name: "tagging", value: tagRecord(tags) });
  const isUsualRegion = (auth.chunkSigning?.scope.split("/")[1] ?? usualRegion) === usualRegion;
  const made = await makeBucket(context, { principal, origin: "s3", name, configurations });
  // In us-east-1 that is no error to S3.
  const isNoError = isUsualRegion && configurations.length === 0;
  const isOwn = made.kind === "yours" && made.bucket.owner === principal.name;
  const bucket = isOwn && isNoError ? made.bucket : madeBucket(made);
  return { ...emptyAnswer, headers: { location: `/${name}`, ...ofBucket(bucket) } };
}

function readOwnership({ headers }: BucketCall): ObjectOwnership | undefined {
  const text = header(headers, "x-amz-object-ownership");
  if (text === undefined) return undefined;
  const known = objectOwnerships.find((ownership) => ownership === text);
  if (known !== undefined) return known;
  throw new S3Error("InvalidArgument", `x-amz-object-ownership must be one of ${objectOwnerships.join(", ")}.`, {
    extra: { ArgumentName: "x-amz-object-ownership", ArgumentValue: text },
  });
}

async function regionOf({ store }: BucketCall["context"], bucket: Bucket): Promise<string> {
  return (await store.configurations.of(bucket.uuid, "location")) ?? usualRegion;
}

/** `HEAD /bucket` */
export async function headBucket({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  return { ...emptyAnswer, headers: { "x-amz-bucket-region": await regionOf(context, bucket), ...ofBucket(bucket) } };
}

/** `DELETE /bucket` */
export async function deleteBucket({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  await removeBucket(context, { principal, origin: "s3", name: bucketName });
  return noContent;
}

/** `GET /bucket?location`: S3 writes us-east-1 as nothing. */
export async function getLocation({ context, principal, bucketName }: BucketCall): Promise<S3Answer> {
  const bucket = await findBucket(context.store, principal, bucketName, "read");
  const region = await regionOf(context, bucket);
  return xmlAnswer("LocationConstraint", region === usualRegion ? undefined : region, ofBucket(bucket));
}
