import type { IncomingHttpHeaders } from "node:http";

/** `x-amz-meta-*` by the name after the prefix, in lower case. @throws S3Error MetadataTooLarge */
export function parseUserMetadata(_headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  throw new Error("not yet");
}

/** A metadata value as a response header: RFC 2047 when it is not plain ASCII, as S3 answers. */
export function metadataHeaderValue(_value: string): string {
  throw new Error("not yet");
}
