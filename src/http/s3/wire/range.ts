/** Both ends inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** `undefined` = send everything: no header, not a byte range, or several ranges, which S3 does not answer. */
export function parseRange(_header: string | undefined, _size: number): ByteRange | undefined {
  throw new Error("not yet");
}

/** `x-amz-copy-source-range`: must be `bytes=first-last`, inside the source. */
export function parseCopySourceRange(_header: string, _size: number): ByteRange {
  throw new Error("not yet");
}
