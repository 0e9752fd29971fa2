/** The fields of the object face: what a filter of a bucket's rule may name, and where an event holds it. */
import { type FaceNames, type Json, type ObjectData, objectEventNames, objectReasons } from "../event.ts";
import type { FieldCatalog, FilterValue, KnownField, ReadField } from "./tree.ts";

const metadataPrefix = "x-amz-meta-";
const tagPrefix = "tag:";

const fixed: readonly (KnownField & { readonly aliases?: readonly string[] })[] = [
  { name: "key", kind: "text" },
  { name: "Content-Type", kind: "text", aliases: ["content_type"] },
  { name: "Content-Length", kind: "number", aliases: ["content_length", "size"] },
  { name: "Last-Modified", kind: "instant", aliases: ["last_modified"] },
  { name: "Event-Type", kind: "text", values: objectEventNames, instead: eventInstead, aliases: ["event_type"] },
  { name: "ETag", kind: "text" },
  { name: "bucket", kind: "text" },
  { name: "Reason", kind: "text", values: objectReasons },
];

const byWrittenName: ReadonlyMap<string, KnownField> = new Map(
  fixed.flatMap(({ aliases = [], ...field }) => [field.name.toLowerCase(), ...aliases].map((name) => [name, field])),
);

/** What is written for the names that others give to events: S3, and the vendor's newer pages. */
const eventsElsewhere: readonly (readonly [RegExp, string])[] = [
  [/copy/i, 'write `Event-Type` = "OBJECT_CREATED_PUT" AND Reason = "CopyObject"'],
  [/multipart/i, 'write `Event-Type` = "OBJECT_CREATED_PUT" AND Reason = "CompleteMultipartUpload"'],
  [
    /^(?:s3:)?Object(?:Created|_CREATED)/i,
    'write "OBJECT_CREATED_PUT": objects that are made and those that are overwritten',
  ],
  [/^(?:s3:)?Object(?:Removed|_REMOVED)|^s3:Lifecycle/i, 'write "OBJECT_DELETED"'],
  [/rename/i, "a rename is an OBJECT_DELETED of the old key and an OBJECT_CREATED_PUT of the new one"],
];

function eventInstead(text: string): string | undefined {
  return eventsElsewhere.find(([form]) => form.test(text))?.[1];
}

/**
 * Names in any case, but the keys of tags are case-sensitive, as they are in S3: `` `tag:Team` `` and `` `tag:team` ``
 * are two fields. User metadata is `` `x-amz-meta-<name>` ``.
 */
export const objectFields: FieldCatalog = {
  names: [...fixed.flatMap(namesOf), `${metadataPrefix}<name>`, `${tagPrefix}<key>`],
  resolve(name) {
    const lower = name.toLowerCase();
    if (lower.startsWith(metadataPrefix) && name.length > metadataPrefix.length) return { name: lower, kind: "text" };
    if (lower.startsWith(tagPrefix) && name.length > tagPrefix.length) {
      return { name: tagPrefix + name.slice(tagPrefix.length), kind: "text" };
    }
    return byWrittenName.get(lower);
  },
  synonym: synonymOf,
};

/** What others call these fields: in payloads, in S3's documents and in their clients. */
const synonyms: readonly (readonly [string, RegExp])[] = [
  ["key", /^(?:object\.?key|name|file_?name|path|prefix|suffix|uri)$/i],
  ["Content-Type", /^(?:object\.)?(?:content\.?type|mime(?:_?type)?|type)$/i],
  ["Content-Length", /^(?:object\.)?(?:content\.?length|length|bytes|file_?size|size_?bytes|object\.?size)$/i],
  [
    "Last-Modified",
    /^(?:object\.)?(?:last\.?modified|modified(?:_?at)?|m?time|date|event_?time|created(?:_?at)?|updated(?:_?at)?)$/i,
  ],
  ["Event-Type", /^(?:event(?:_?name)?|eventtype|event\.type|operation|action)$/i],
  ["ETag", /^(?:object\.e_?tag|e-tag|md5|hash)$/i],
  ["bucket", /^bucket_?name$/i],
  ["tag:<key>", /^(?:tags?|object_?tags?)(?:[.:].*)?$/i],
  ["x-amz-meta-<name>", /^(?:user_?)?metadata(?:[.:].*)?$|^meta(?:[.:-].*)?$/i],
];

function synonymOf(name: string): string | undefined {
  return synonyms.find(([, form]) => form.test(name))?.[0];
}

function namesOf({ name, aliases = [] }: (typeof fixed)[number]): readonly string[] {
  return [name, ...aliases.filter((alias) => alias === "size")];
}

/** What only an event has. */
const ofEvents: ReadonlySet<string> = new Set(["Event-Type", "Reason"]);

/** The fields of an object that lies in a bucket, for lists: those of {@link objectFields} but for what only an event has. */
export const listedFields: FieldCatalog = {
  names: objectFields.names.filter((name) => !ofEvents.has(name)),
  resolve(name) {
    const field = objectFields.resolve(name);
    return field === undefined || ofEvents.has(field.name) ? undefined : field;
  },
  synonym: synonymOf,
  absent: (name) =>
    objectFields.resolve(name) === undefined
      ? undefined
      : "only events have it: a list is of the objects that are there now",
};

/** What {@link readListedField} needs of an object. */
interface ListedFacts {
  readonly key: string;
  readonly size: number;
  readonly eTag: string;
  readonly modifiedMs: number;
  readonly contentType: string;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads the fields of {@link listedFields} from an object of the bucket of this name. */
export function readListedField(object: ListedFacts, bucket: string): ReadField {
  const { key, size, eTag, contentType, modifiedMs, userMetadata, tags } = object;
  return readObjectField({
    names: {},
    data: { bucket, key, size, eTag, contentType, lastModifiedMs: modifiedMs, userMetadata, tags },
  });
}

/** What {@link readObjectField} needs of an event. */
interface ObjectEvent {
  readonly names: FaceNames;
  /** {@link ObjectData}; of an event that lacks some of it, those fields are absent. */
  readonly data: ObjectData | Readonly<Record<string, Json>>;
}

/** Reads the fields of {@link objectFields} from an event of the object face. */
export function readObjectField({ names, data }: ObjectEvent): ReadField {
  // Both forms are JSON objects; what is read is checked to be a text or a number by `plain`.
  const object = data as Readonly<Record<keyof ObjectData, Json | undefined>>;
  return (name) => {
    switch (name) {
      case "key":
        return plain(object.key);
      case "Content-Type":
        return plain(object.contentType);
      case "Content-Length":
        return plain(object.size);
      case "Last-Modified":
        return plain(object.lastModifiedMs);
      case "Event-Type":
        return names.objects;
      case "ETag":
        return plain(object.eTag);
      case "bucket":
        return plain(object.bucket);
      case "Reason":
        return plain(object.reason);
      default:
        if (name.startsWith(metadataPrefix)) return entry(object.userMetadata, name.slice(metadataPrefix.length));
        return name.startsWith(tagPrefix) ? entry(object.tags, name.slice(tagPrefix.length)) : undefined;
    }
  };
}

function plain(value: Json | undefined): FilterValue | undefined {
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** Only what the uploader set: a tag named `constructor` must not read what every object inherits. */
function entry(entries: Json | undefined, name: string): FilterValue | undefined {
  if (typeof entries !== "object" || entries === null || !Object.hasOwn(entries, name)) return undefined;
  return plain((entries as Readonly<Record<string, Json>>)[name]);
}
