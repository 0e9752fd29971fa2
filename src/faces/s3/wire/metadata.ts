import type { IncomingHttpHeaders } from "node:http";
import { maxMetadataBytes, metadataBytes } from "../../../domain/object-facts.ts";
import { S3Error } from "./errors.ts";
import { decodeBinary, utf8Text } from "./raw-url.ts";

/** Of headers that hold user metadata. */
export const metadataPrefix = "x-amz-meta-";

/**
 * `x-amz-meta-*` by the name after the prefix, in lower case. Values beyond ASCII may come as UTF-8, as Latin-1 or, as the
 * documents ask, as RFC 2047 words; all become text.
 *
 * @throws S3Error MetadataTooLarge when names and values together are more than 2 KiB of UTF-8
 */
export function parseUserMetadata(
  headers: IncomingHttpHeaders,
  prefix = metadataPrefix,
): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    if (!name.startsWith(prefix) || name === prefix || value === undefined) return [];
    return [[name.slice(prefix.length), readValue(Array.isArray(value) ? value.join(",") : value)] as const];
  });
  // Not by assignment: a header may be called x-amz-meta-__proto__.
  const metadata = Object.fromEntries(entries);
  const size = metadataBytes(metadata);
  if (size > maxMetadataBytes) {
    const extra = { Size: String(size), MaxSizeAllowed: String(maxMetadataBytes) };
    throw new S3Error("MetadataTooLarge", undefined, { extra });
  }
  return metadata;
}

/** Node gives header values as Latin-1. */
function readValue(value: string): string {
  return decodeWords(utf8Text(value) ?? value);
}

const word = /=\?(utf-8|us-ascii|iso-8859-1)\?([bq])\?([^? ]*)\?=/gi;

/** RFC 2047 §2; what is no word, or not in a charset known here, stays. Blanks between two words are part of neither. */
export function decodeWords(text: string): string {
  if (!text.includes("=?")) return text;
  return text
    .replace(/\?=[ \t]+=\?/g, "?==?")
    .replace(word, (whole, charset: string, coding: string, content: string) => {
      const bytes =
        coding.toLowerCase() === "b"
          ? Buffer.from(content, "base64").toString("latin1")
          : decodeBinary(content.replaceAll("_", " ").replaceAll("%", "=25").replaceAll("=", "%"));
      return charset.toLowerCase() === "utf-8" ? (utf8Text(bytes) ?? whole) : bytes;
    });
}

/**
 * A metadata value as a response header. What is not plain ASCII leaves as an RFC 2047 word, as S3 answers: a header has no
 * charset, and every client reads raw bytes differently. So does what looks like such a word but is not meant as one.
 */
export function metadataHeaderValue(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && decodeWords(value) === value) return value;
  return `=?UTF-8?B?${Buffer.from(value, "utf8").toString("base64")}?=`;
}
