/** What may be said of an object besides its bytes: S3's limits of user metadata and tags, on every face. */

type Texts = Readonly<Record<string, string>>;

/** The storage class of whatever has no other. */
export const usualStorageClass = "STANDARD";
/** Of names and values together, in UTF-8. */
export const maxMetadataBytes = 2048;
export const maxTags = 10;
/** In UTF-16 units, as S3's clients count. */
export const maxTagKeyLength = 128;
export const maxTagValueLength = 256;

export function metadataBytes(metadata: Texts): number {
  return Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}

/** Letters, digits, blanks and the signs that S3 allows in keys and values of tags. */
export function isTagText(text: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
}

/** Part of a header's name: anything else could be stored, and never be sent back. */
const metadataName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/**
 * Why `metadata` cannot be kept; `undefined` when it can. Entries that are as they were `before` are not judged again: a client
 * may have said more, by an encoded word.
 */
export function metadataFault(metadata: Texts, before: Texts): string | undefined {
  for (const [name, value] of Object.entries(metadata)) {
    if (Object.hasOwn(before, name) && before[name] === value) continue;
    if (!metadataName.test(name)) {
      return `metadata: the name ${JSON.stringify(name)} must be lower-case letters, digits, and signs that headers allow`;
    }
    if (unprintable.test(value)) return `metadata.${name}: the value must be printable`;
  }
  const size = metadataBytes(metadata);
  if (size <= maxMetadataBytes) return undefined;
  return `metadata: names and values are ${size} bytes together; at most ${maxMetadataBytes} are allowed`;
}

/** What Node refuses to send in a header: control characters other than a tab, and what is no single byte. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;
// oxlint-disable-next-line no-control-regex -- the characters that end or cut a line
const control = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Why `headers`, one character per byte, cannot be kept to be sent back; `undefined` when they can. */
export function headersFault(headers: Texts): string | undefined {
  const bad = Object.entries(headers).find(([, value]) => unsendable.test(value));
  return bad === undefined ? undefined : `${bad[0]}: the value must not hold control characters such as line feeds`;
}

/**
 * Why the user metadata of a client, decoded, cannot be kept to be sent back; `undefined` when it can.
 *
 * @param prefix of the headers that hold it.
 */
export function sentBackFault(metadata: Texts, prefix: string): string | undefined {
  for (const [name, value] of Object.entries(metadata)) {
    if (!metadataName.test(name)) {
      return `${prefix}*: the name ${JSON.stringify(name)} must be letters, digits, and signs that headers allow`;
    }
    if (control.test(value)) return `${prefix}${name}: the value must not hold control characters such as line feeds`;
  }
  return undefined;
}

/** Of what is no header's value: what can be sent of it. What an older version kept stays readable so. */
export function sendable(value: string): string {
  return unsendable.test(value) ? value.replace(new RegExp(unsendable, "g"), " ") : value;
}

/** Whether a header may end in this name. */
export function isMetadataName(name: string): boolean {
  return metadataName.test(name);
}

/** Why `tags` cannot be kept; `undefined` when they can. */
export function tagsFault(tags: Texts): string | undefined {
  const entries = Object.entries(tags);
  if (entries.length > maxTags) return `tags: there are ${entries.length}; at most ${maxTags} are allowed`;
  for (const [key, value] of entries) {
    if (key.length === 0 || key.length > maxTagKeyLength || !isTagText(key)) {
      return `tags: the key ${JSON.stringify(key)} must be 1–${maxTagKeyLength} letters, digits, blanks or _.:/=+-@`;
    }
    if (value.length > maxTagValueLength || !isTagText(value)) {
      return `tags.${key}: the value must be at most ${maxTagValueLength} letters, digits, blanks or _.:/=+-@`;
    }
  }
  return undefined;
}
