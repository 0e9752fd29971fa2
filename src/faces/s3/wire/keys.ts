import { isBucketName } from "../../../domain/bucket-name.ts";
import { S3Error } from "./errors.ts";
import { decodeBinary, splitUrl, toBinary, utf8Text } from "./raw-url.ts";

/** What a request is about, decoded: in path style `/` names neither, `/bucket` and `/bucket/` no key. */
export interface ResourcePath {
  readonly bucket?: string;
  readonly key?: string;
}

const maxKeyBytes = 1024;

/**
 * `rawUrl` as received (a query is ignored); `hostBucket` is the bucket when it stood in the host. The key is checked; the bucket's name is not, since a name that no bucket can
 * have is just a bucket that is not there: see {@link checkBucketName}.
 *
 * @throws S3Error InvalidURI, KeyTooLongError, InvalidArgument
 */
export function parsePath(rawUrl: string, hostBucket?: string): ResourcePath {
  const { path } = splitUrl(rawUrl);
  if (hostBucket !== undefined) {
    const key = decodePercent(path.slice(1));
    return key === "" ? { bucket: hostBucket } : { bucket: hostBucket, key: checkKey(key) };
  }
  const slash = path.indexOf("/", 1);
  const bucket = decodePercent(path.slice(1, slash === -1 ? undefined : slash));
  if (bucket === "") {
    if (slash !== -1) throw new S3Error("InvalidURI", "The path names a key but no bucket.");
    return {};
  }
  const key = slash === -1 ? "" : decodePercent(path.slice(slash + 1));
  return key === "" ? { bucket } : { bucket, key: checkKey(key) };
}

/** Percent-decodes a path as UTF-8; `+` stays what it is. @throws S3Error InvalidURI */
export function decodePercent(raw: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) throw new S3Error("InvalidURI", "The path holds a % that begins no escape.");
  const text = utf8Text(decodeBinary(toBinary(raw)));
  if (text === undefined) throw new S3Error("InvalidURI", "The path is not valid UTF-8.");
  return text;
}

/**
 * Any text of 1 to 1024 bytes of UTF-8 without NUL is a key; dots, `..`, slashes and blanks are plain characters, since no
 * key ever becomes a path on disk. Returns the key.
 *
 * @throws S3Error KeyTooLongError, InvalidArgument
 */
export function checkKey(key: string): string {
  if (key === "") throw new S3Error("InvalidArgument", "A key cannot be empty.", { extra: { ArgumentName: "Key" } });
  const size = Buffer.byteLength(key);
  if (size > maxKeyBytes) {
    throw new S3Error("KeyTooLongError", undefined, {
      extra: { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) },
    });
  }
  if (key.includes("\0")) {
    throw new S3Error("InvalidArgument", "A key cannot hold the NUL character.", { extra: { ArgumentName: "Key" } });
  }
  return key;
}

/** @throws S3Error InvalidBucketName. Returns the name. */
export function checkBucketName(name: string): string {
  if (isBucketName(name)) return name;
  throw new S3Error(
    "InvalidBucketName",
    "The specified bucket is not valid: a name has 3 to 63 lower-case letters, digits, dots and hyphens, and is no IP address.",
    { extra: { BucketName: name } },
  );
}

/**
 * A key, prefix or marker in a listing with `encoding-type=url`. S3 encodes as Java does: a space is `+`, `~` is escaped, `*`
 * is not; slashes stay.
 */
export function encodeForListing(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/%20/g, "+")
    .replace(/%2F/g, "/")
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
