/** The path of a path-style request, decoded: `/` names neither, `/bucket` and `/bucket/` no key. */
export interface ResourcePath {
  readonly bucket?: string;
  readonly key?: string;
}

/** `rawUrl` as received (a query is ignored). The bucket's name is not judged: see {@link checkBucketName}. */
export function parsePath(_rawUrl: string): ResourcePath {
  throw new Error("not yet");
}

/** Percent-decodes a path or header as UTF-8; `+` stays. @throws S3Error InvalidURI */
export function decodePercent(_raw: string): string {
  throw new Error("not yet");
}

/** @throws S3Error KeyTooLongError, InvalidArgument. Returns the key. */
export function checkKey(_key: string): string {
  throw new Error("not yet");
}

/** Whether a bucket may be created with this name. */
export function isBucketName(_name: string): boolean {
  throw new Error("not yet");
}

/** @throws S3Error InvalidBucketName. Returns the name. */
export function checkBucketName(_name: string): string {
  throw new Error("not yet");
}

/** A key, prefix or marker in a listing with `encoding-type=url`. */
export function encodeForListing(_text: string): string {
  throw new Error("not yet");
}
