/** The fields of the object face: what a filter of a bucket's rule may name, and where an event holds it. */
import { type FaceNames, type Json, type ObjectData, objectEventNames, objectReasons } from "../event.ts";
import type { FieldCatalog, KnownField, ReadField, Value } from "./tree.ts";

const metadataPrefix = "x-amz-meta-";
const tagPrefix = "tag:";

const fixed: readonly (KnownField & { readonly aliases?: readonly string[] })[] = [
  { name: "key", kind: "text" },
  { name: "Content-Type", kind: "text", aliases: ["content_type"] },
  { name: "Content-Length", kind: "number", aliases: ["content_length", "size"] },
  { name: "Last-Modified", kind: "instant", aliases: ["last_modified"] },
  { name: "Event-Type", kind: "text", values: objectEventNames, aliases: ["event_type"] },
  { name: "ETag", kind: "text" },
  { name: "bucket", kind: "text" },
  { name: "Reason", kind: "text", values: objectReasons },
];

const byWrittenName: ReadonlyMap<string, KnownField> = new Map(
  fixed.flatMap(({ aliases = [], ...field }) => [field.name.toLowerCase(), ...aliases].map((name) => [name, field])),
);

/**
 * Names in any case, but the keys of tags are case-sensitive, as they are in S3: `` `tag:Team` `` and `` `tag:team` ``
 * are two fields. User metadata is `` `x-amz-meta-<name>` ``.
 */
export const objectFields: FieldCatalog = {
  names: [
    ...fixed.flatMap(({ name, aliases = [] }) => [name, ...aliases.filter((alias) => alias === "size")]),
    `${metadataPrefix}<name>`,
    `${tagPrefix}<key>`,
  ],
  resolve(name) {
    const lower = name.toLowerCase();
    if (lower.startsWith(metadataPrefix) && name.length > metadataPrefix.length) return { name: lower, kind: "text" };
    if (lower.startsWith(tagPrefix) && name.length > tagPrefix.length) {
      return { name: tagPrefix + name.slice(tagPrefix.length), kind: "text" };
    }
    return byWrittenName.get(lower);
  },
};

/** What {@link readObjectField} needs of an event. */
export interface ObjectEvent {
  readonly names: FaceNames;
  /** {@link ObjectData}; of an event that lacks some of it, those fields are absent. */
  readonly data: ObjectData | Readonly<Record<string, Json>>;
}

/** Reads the fields of {@link objectFields} from an event of the object face. */
export function readObjectField({ names, data }: ObjectEvent): ReadField {
  // Both forms are JSON objects; what is read is checked to be a text or a number by `plain`.
  const held = data as Readonly<Record<keyof ObjectData, Json | undefined>>;
  return (name) => {
    switch (name) {
      case "key":
        return plain(held.key);
      case "Content-Type":
        return plain(held.contentType);
      case "Content-Length":
        return plain(held.size);
      case "Last-Modified":
        return plain(held.lastModifiedMs);
      case "Event-Type":
        return names.objects;
      case "ETag":
        return plain(held.eTag);
      case "bucket":
        return plain(held.bucket);
      case "Reason":
        return plain(held.reason);
      default:
        if (name.startsWith(metadataPrefix)) return entry(held.userMetadata, name.slice(metadataPrefix.length));
        return name.startsWith(tagPrefix) ? entry(held.tags, name.slice(tagPrefix.length)) : undefined;
    }
  };
}

function plain(value: Json | undefined): Value | undefined {
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** Only what the uploader set: a tag named `constructor` must not read what every object inherits. */
function entry(entries: Json | undefined, name: string): Value | undefined {
  if (typeof entries !== "object" || entries === null || !Object.hasOwn(entries, name)) return undefined;
  return plain((entries as Readonly<Record<string, Json>>)[name]);
}
