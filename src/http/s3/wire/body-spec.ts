import type { IncomingHttpHeaders } from "node:http";
import type { ChecksumAlgorithm, Checksums } from "./checksums.ts";
import type { ChunkSigning, Payload } from "./sigv4.ts";

/** What is known of a body before its first byte, and must hold after its last. */
export interface BodySpec {
  readonly payload: Payload;
  /** Needed by the two signed streaming kinds. */
  readonly chunkSigning?: ChunkSigning;
  /** Bytes on the wire. */
  readonly contentLength?: number;
  /** Bytes of the object inside an aws-chunked body. */
  readonly decodedLength?: number;
  /** Base64. */
  readonly contentMd5?: string;
  /** Checksums given as headers. */
  readonly expected: Checksums;
  /** Checksums announced by `x-amz-trailer`. */
  readonly trailers: readonly ChecksumAlgorithm[];
  /** Checksums to compute although the client gave none (a multipart upload declares its algorithm once). */
  readonly compute: readonly ChecksumAlgorithm[];
  /** More bytes of object than this are EntityTooLarge. */
  readonly maxBytes?: number;
}

export interface BodySpecOptions {
  readonly maxBytes?: number;
  readonly compute?: readonly ChecksumAlgorithm[];
}

/** Reads the headers that say something of the body; query parameters are never asked. */
export function bodySpec(
  _headers: IncomingHttpHeaders,
  _auth: { readonly payload: Payload; readonly chunkSigning?: ChunkSigning },
  _options: BodySpecOptions = {},
): BodySpec {
  throw new Error("not yet");
}

/** `content-encoding` as it is to be kept: without `aws-chunked`, which is only about the wire. */
export function storedContentEncoding(_value: string | undefined): string | undefined {
  throw new Error("not yet");
}
