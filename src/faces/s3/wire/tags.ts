import { isTagText, maxTagKeyLength, maxTags, maxTagValueLength } from "../../../domain/object-facts.ts";
import { S3Error } from "./errors.ts";
import { parseRawQuery, utf8Text } from "./raw-url.ts";

export interface ObjectTag {
  readonly key: string;
  readonly value: string;
}

/** The rules of "Categorizing your objects using tags", for the XML body and the header alike. @throws S3Error InvalidTag */
export function checkTags(
  tags: readonly ObjectTag[],
  { max, what }: { readonly max: number; readonly what: string } = { max: maxTags, what: "An object" },
): readonly ObjectTag[] {
  if (tags.length > max) throw new S3Error("InvalidTag", `${what} cannot have more than ${max} tags.`);
  const keys = new Set<string>();
  for (const { key, value } of tags) {
    const extra = { TagKey: key, TagValue: value };
    if (/^aws:/i.test(key))
      throw new S3Error("InvalidTag", "Keys of tags that begin with aws: are reserved.", { extra });
    if (key.length === 0 || key.length > maxTagKeyLength || !isTagText(key)) {
      throw new S3Error("InvalidTag", "The TagKey you have provided is invalid", { extra });
    }
    if (value.length > maxTagValueLength || !isTagText(value)) {
      throw new S3Error("InvalidTag", "The TagValue you have provided is invalid", { extra });
    }
    if (keys.has(key)) throw new S3Error("InvalidTag", "Cannot provide multiple Tags with the same key", { extra });
    keys.add(key);
  }
  return tags;
}

/** `Tag` elements, by key: how they were written down is no order. */
export function tagList(
  tags: Readonly<Record<string, string>>,
): readonly { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
}

/** `x-amz-tagging: a=b&c=d`. @throws S3Error InvalidArgument, InvalidTag */
export function parseTaggingHeader(value: string): readonly ObjectTag[] {
  const decode = (binary: string): string => {
    const text = utf8Text(binary);
    if (text !== undefined) return text;
    throw new S3Error("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 and then URL-encoded.", {
      extra: { ArgumentName: "x-amz-tagging", ArgumentValue: value },
    });
  };
  return checkTags(parseRawQuery(value).map(([key, tag]) => ({ key: decode(key), value: decode(tag) })));
}
