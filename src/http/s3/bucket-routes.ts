import { createBucket, findBucket, listBuckets, removeBucket } from "../../resources/buckets.ts";
import type { Answer, BucketCall, Call } from "./call.ts";
import { S3Error } from "./errors.ts";
import { maxXmlBytes } from "./limits.ts";
import { header, integerParameter, receiveDocument } from "./request.ts";
import { emptyAnswer, isoTime, noContent, ofBucket, person, xmlAnswer } from "./respond.ts";
import { checkBucketName } from "./wire/keys.ts";
import { parseCreateBucket } from "./wire/xml.ts";

/** Every region that a client names is this one. */
const region = "us-east-1";

/** `GET /` */
export async function getBuckets({ deps, principal, query }: Call): Promise<Answer> {
  const max = integerParameter(query, "max-buckets", { min: 1, max: 10_000, fallback: 10_000 });
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token");
  const { buckets, next } = await listBuckets(deps.store, principal, {
    prefix,
    max,
    ...(after === null ? {} : { after }),
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

/** `PUT /bucket`. Any location is as good as another, and `x-amz-acl` says nothing here. */
export async function putBucket(call: BucketCall): Promise<Answer> {
  const name = checkBucketName(call.bucketName);
  if (header(call.headers, "x-amz-bucket-object-lock-enabled")?.toLowerCase() === "true") {
    throw new S3Error("NotImplemented", "Object Lock is not implemented.");
  }
  parseCreateBucket(await receiveDocument(call, maxXmlBytes));
  const bucket = await createBucket(call.deps, call.principal, name);
  return { ...emptyAnswer, headers: { location: `/${name}`, ...ofBucket(bucket) } };
}

/** `HEAD /bucket` */
export async function headBucket({ deps, principal, bucketName }: BucketCall): Promise<Answer> {
  const bucket = await findBucket(deps.store, principal, bucketName, "read");
  return { ...emptyAnswer, headers: { "x-amz-bucket-region": region, ...ofBucket(bucket) } };
}

/** `DELETE /bucket` */
export async function deleteBucket({ deps, principal, bucketName }: BucketCall): Promise<Answer> {
  await removeBucket(deps, principal, bucketName);
  return noContent;
}

/** `GET /bucket?location`: S3 writes us-east-1 as nothing. */
export async function getLocation({ deps, principal, bucketName }: BucketCall): Promise<Answer> {
  const bucket = await findBucket(deps.store, principal, bucketName, "read");
  return xmlAnswer("LocationConstraint", undefined, ofBucket(bucket));
}
