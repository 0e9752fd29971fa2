import { maxBucketTags } from "../../../domain/bucket-configurations.ts";
import { inSteps } from "../../../pace/slices.ts";
import { type ChecksumAlgorithm, checksumAlgorithms, type ObjectChecksums } from "./checksums.ts";
import { type Conditions, readDeletion, unquoteEtag } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import { checkTags, type ObjectTag } from "./tags.ts";
import { childrenOf, childText, malformedXml, onlyChildren, readingXml, readXml, type XmlElement } from "./xml-read.ts";

export { Each, s3Namespace, writeXml, writingXml, type XmlContent } from "./xml-write.ts";

interface DeleteObjectsRequest {
  readonly quiet: boolean;
  /** 1 to 1000; keys are not empty and otherwise unchecked. */
  readonly objects: readonly {
    readonly key: string;
    readonly versionId?: string;
    readonly conditions: Pick<Conditions, "ifMatch" | "ifSize" | "ifModifiedAt">;
  }[];
}

const maxDeletes = 1000;

/** The body of DeleteObjects, to be interrupted at each yield. @throws S3Error MalformedXML */
export function* readingDeleteObjects(body: Buffer): Generator<void, DeleteObjectsRequest, void> {
  const root = yield* readingXml(body, "Delete");
  onlyChildren(root, ["Object", "Quiet"]);
  const named = childrenOf(root, "Object");
  if (named.length < 1 || named.length > maxDeletes) throw malformedXml(`it must name 1 to ${maxDeletes} objects`);
  yield;
  const objects = named.map((object) => {
    onlyChildren(object, ["Key", "VersionId", "ETag", "LastModifiedTime", "Size"]);
    const key = childText(object, "Key");
    if (key === undefined || key === "") throw malformedXml("an Object needs a Key");
    const versionId = childText(object, "VersionId")?.trim();
    const etag = childText(object, "ETag");
    const deletion = readDeletion({
      size: childText(object, "Size")?.trim(),
      modifiedAt: childText(object, "LastModifiedTime")?.trim(),
    });
    if (deletion === undefined) throw malformedXml("Size must be a number of bytes, and LastModifiedTime a time");
    return {
      key,
      ...(versionId === undefined || versionId === "" ? {} : { versionId }),
      conditions: { ...(etag === undefined ? {} : { ifMatch: unquoteEtag(etag) }), ...deletion },
    };
  });
  return { quiet: childText(root, "Quiet")?.trim().toLowerCase() === "true", objects };
}

interface CompletedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksums: ObjectChecksums;
}

const maxParts = 10_000;

/** The body of CompleteMultipartUpload: 1 to 10 000 parts in ascending order, each once. To be interrupted at each yield. @throws S3Error MalformedXML, InvalidPartOrder */
export function* readingCompleteMultipart(body: Buffer): Generator<void, readonly CompletedPart[], void> {
  const root = yield* readingXml(body, "CompleteMultipartUpload");
  onlyChildren(root, ["Part"]);
  const named = childrenOf(root, "Part");
  if (named.length < 1 || named.length > maxParts) throw malformedXml(`it must name 1 to ${maxParts} parts`);
  const parts: CompletedPart[] = [];
  yield* inSteps(named, 200, (part) => {
    const read = parsePart(part);
    const last = parts.at(-1)?.partNumber ?? 0;
    if (read.partNumber < last) throw new S3Error("InvalidPartOrder");
    // One that is named again has been uploaded again: the last word counts.
    if (read.partNumber === last) parts.pop();
    parts.push(read);
  });
  return parts;
}

const partElements = ["PartNumber", "ETag", ...checksumAlgorithms.map((name) => `Checksum${name.toUpperCase()}`)];

function parsePart(part: XmlElement): CompletedPart {
  onlyChildren(part, partElements);
  const number = childText(part, "PartNumber")?.trim() ?? "";
  const partNumber = /^\d{1,5}$/.test(number) ? Number(number) : 0;
  if (partNumber < 1 || partNumber > maxParts) throw malformedXml(`a PartNumber must be 1 to ${maxParts}`);
  const etag = childText(part, "ETag");
  if (etag === undefined) throw malformedXml("a Part needs an ETag");
  const checksums: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const algorithm of checksumAlgorithms) {
    const value = childText(part, `Checksum${algorithm.toUpperCase()}`)?.trim();
    if (value !== undefined && value !== "") checksums[algorithm] = value;
  }
  return { partNumber, etag: unquoteEtag(etag), checksums };
}

/** The body of PutObjectTagging. @throws S3Error MalformedXML, InvalidTag */
export function parseTagging(body: Buffer): readonly ObjectTag[] {
  return checkTags(readTagSet(readXml(body, "Tagging")));
}

/** The tags inside a `Tagging`, as they stand. @throws S3Error MalformedXML */
export function readTagSet(root: XmlElement): readonly ObjectTag[] {
  onlyChildren(root, ["TagSet"]);
  const [set, ...others] = childrenOf(root, "TagSet");
  if (set === undefined || others.length > 0) throw malformedXml("it needs one TagSet");
  return readTags(set);
}

function readTags(set: XmlElement): readonly ObjectTag[] {
  onlyChildren(set, ["Tag"]);
  return childrenOf(set, "Tag").map((tag) => {
    onlyChildren(tag, ["Key", "Value"]);
    const key = childText(tag, "Key");
    const value = childText(tag, "Value");
    if (key === undefined || value === undefined) throw malformedXml("a Tag needs a Key and a Value");
    return { key, value };
  });
}

interface CreateBucketRequest {
  /** A region other than the default. */
  readonly location?: string;
  readonly tags: readonly ObjectTag[];
}

/** The region that S3 writes as nothing. */
export const usualRegion = "us-east-1";

/**
 * The body of CreateBucket; an empty one asks for nothing.
 *
 * @throws S3Error MalformedXML, InvalidLocationConstraint, InvalidTag; NotImplemented for directory buckets
 */
export function parseCreateBucket(body: Buffer): CreateBucketRequest {
  if (body.length === 0) return { tags: [] };
  const root = readXml(body, "CreateBucketConfiguration");
  onlyChildren(root, ["LocationConstraint", "Location", "Bucket", "Tags"]);
  if (childrenOf(root, "Location").length + childrenOf(root, "Bucket").length > 0) {
    throw new S3Error("NotImplemented", "Directory buckets are not implemented: leave out Location and Bucket.");
  }
  const location = childText(root, "LocationConstraint")?.trim() ?? "";
  if (!/^[A-Za-z0-9-]{0,63}$/.test(location)) throw new S3Error("InvalidLocationConstraint");
  const [set, ...others] = childrenOf(root, "Tags");
  if (others.length > 0) throw malformedXml("it has more than one Tags");
  const tags = set === undefined ? [] : readTags(set);
  const isUsual = location === "" || location === usualRegion;
  return { tags: checkTags(tags, { max: maxBucketTags, what: "A bucket" }), ...(isUsual ? {} : { location }) };
}
