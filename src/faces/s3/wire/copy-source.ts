import { defined } from "../../../domain/defined.ts";
import { S3Error } from "./errors.ts";
import { checkKey, decodePercent } from "./keys.ts";

interface CopySourceHeader {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

const versionMark = "?versionId=";

/**
 * `x-amz-copy-source` of CopyObject and UploadPartCopy: `bucket/key` or `/bucket/key`, URL-encoded, perhaps with
 * `?versionId=`. As S3 reads it, a `+` is a blank: a plus is written `%2B`.
 *
 * @throws S3Error InvalidArgument
 */
export function parseCopySource(header: string): CopySourceHeader {
  const mark = header.lastIndexOf(versionMark);
  const source = mark === -1 ? header : header.slice(0, mark);
  const version = mark === -1 ? "" : header.slice(mark + versionMark.length);
  const decoded = decode(source, header);
  const path = decoded.startsWith("/") ? decoded.slice(1) : decoded;
  const slash = path.indexOf("/");
  const bucket = path.slice(0, slash);
  const key = path.slice(slash + 1);
  if (slash < 1 || key === "") throw malformed(header);
  const versionId = version === "" ? undefined : decode(version, header);
  return { bucket, key: checkKey(key), ...defined({ versionId }) };
}

function decode(raw: string, header: string): string {
  try {
    return decodePercent(raw.replaceAll("+", " "));
  } catch (cause) {
    throw malformed(header, cause);
  }
}

function malformed(header: string, cause?: unknown): S3Error {
  return new S3Error("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", {
    extra: { ArgumentName: "x-amz-copy-source", ArgumentValue: header },
    cause,
  });
}
