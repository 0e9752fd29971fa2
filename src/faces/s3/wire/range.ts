import { S3Error } from "./errors.ts";

/** Both ends inclusive. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The `Range` header (RFC 9110 §14.2) against an object of `size` bytes. `undefined` = send everything: no header, not a
 * byte range, or several ranges, which S3 does not answer.
 *
 * @throws S3Error InvalidRange when no byte of the object is in it
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const form = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "");
  const [, first = "", last = ""] = form ?? [];
  if (header === undefined || form === null || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Number(last);
    if (length === 0 || size === 0) throw unsatisfiable(header, size);
    return { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return undefined;
  if (start >= size) throw unsatisfiable(header, size);
  return { start, end: Math.min(end, size - 1) };
}

/**
 * `x-amz-copy-source-range` of UploadPartCopy: must be `bytes=first-last`, inside the source.
 *
 * @throws S3Error InvalidArgument, InvalidRange
 */
export function parseCopySourceRange(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  if (first === undefined || last === undefined || range.end < range.start) {
    throw new S3Error("InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last.", {
      extra: { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header },
    });
  }
  if (range.end >= size) throw unsatisfiable(header, size);
  return range;
}

function unsatisfiable(header: string, size: number): S3Error {
  return new S3Error("InvalidRange", undefined, { extra: { RangeRequested: header, ActualObjectSize: String(size) } });
}
