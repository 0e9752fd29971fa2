import { findBucket } from "../../storage/buckets.ts";
import { statObject, tagObject } from "../../storage/objects.ts";
import { doing, type ObjectCall, type S3Answer } from "./call.ts";
import { maxXmlBytes } from "./limits.ts";
import { receiveDocument, refuseVersion, tagRecord } from "./request.ts";
import { emptyAnswer, noContent, uuidHeader, xmlAnswer } from "./respond.ts";
import { checkKey } from "./wire/keys.ts";
import { tagList } from "./wire/tags.ts";
import { parseTagging } from "./wire/xml.ts";

/** `GET /bucket/key?tagging` */
export async function getTags(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, query } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "read");
  refuseVersion(query.get("versionId"));
  const { tags, uuid } = await statObject(context.store, bucket, checkKey(call.key));
  return xmlAnswer("Tagging", { TagSet: { Tag: tagList(tags) } }, { [uuidHeader]: uuid });
}

/** `PUT /bucket/key?tagging` */
export async function putTags(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, query } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  refuseVersion(query.get("versionId"));
  const key = checkKey(call.key);
  await statObject(context.store, bucket, key);
  const tags = tagRecord(parseTagging(await receiveDocument(call, maxXmlBytes)));
  const { uuid } = await tagObject(context, { ...doing(call), bucket, key }, tags);
  return { ...emptyAnswer, headers: { [uuidHeader]: uuid } };
}

/** `DELETE /bucket/key?tagging` */
export async function deleteTags(call: ObjectCall): Promise<S3Answer> {
  const { context, principal, query } = call;
  const bucket = await findBucket(context.store, principal, call.bucketName, "write");
  refuseVersion(query.get("versionId"));
  const { uuid } = await tagObject(context, { ...doing(call), bucket, key: checkKey(call.key) }, {});
  return { ...noContent, headers: { [uuidHeader]: uuid } };
}
