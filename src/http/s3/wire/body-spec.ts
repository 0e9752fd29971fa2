import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "../errors.ts";
import {
  type ChecksumAlgorithm,
  type Checksums,
  checksumAlgorithms,
  isBase64Of,
  isChecksum,
  parseChecksumAlgorithm,
} from "./checksums.ts";
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

/** Whether a body of this kind comes in aws-chunked framing. */
export function isStreaming({ kind }: Payload): boolean {
  return kind !== "sha256" && kind !== "unsigned";
}

/**
 * Reads the headers that say something of the body. Query parameters are never asked: the SDK's presigner puts the checksum
 * of an empty body there.
 *
 * @throws S3Error InvalidDigest, InvalidRequest, InvalidArgument, EntityTooLarge (by the announced length),
 * MissingContentLength for an aws-chunked body that does not say how long the object is
 */
export function bodySpec(
  headers: IncomingHttpHeaders,
  auth: { readonly payload: Payload; readonly chunkSigning?: ChunkSigning },
  options: BodySpecOptions = {},
): BodySpec {
  const streaming = isStreaming(auth.payload);
  const contentLength = length(headers, "content-length");
  const decodedLength = streaming ? length(headers, "x-amz-decoded-content-length") : undefined;
  if (streaming && decodedLength === undefined) {
    throw new S3Error("MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.");
  }
  const size = decodedLength ?? contentLength;
  if (options.maxBytes !== undefined && size !== undefined && size > options.maxBytes) {
    throw entityTooLarge(size, options.maxBytes);
  }
  const contentMd5 = headers["content-md5"];
  if (contentMd5 !== undefined && !(typeof contentMd5 === "string" && isBase64Of(contentMd5, 16))) {
    throw new S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  return {
    payload: auth.payload,
    expected: expectedChecksums(headers),
    trailers: streaming ? announcedTrailers(headers) : [],
    compute: options.compute ?? [],
    ...(auth.chunkSigning === undefined ? {} : { chunkSigning: auth.chunkSigning }),
    ...(contentLength === undefined ? {} : { contentLength }),
    ...(decodedLength === undefined ? {} : { decodedLength }),
    ...(contentMd5 === undefined ? {} : { contentMd5 }),
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  };
}

export function entityTooLarge(size: number, maxBytes: number): S3Error {
  return new S3Error("EntityTooLarge", undefined, {
    extra: { ProposedSize: String(size), MaxSizeAllowed: String(maxBytes) },
  });
}

function length(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headers[name];
  if (text === undefined) return undefined;
  const value = typeof text === "string" && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new S3Error("InvalidArgument", `${name} must be a whole number.`, {
    extra: { ArgumentName: name, ArgumentValue: String(text) },
  });
}

function expectedChecksums(headers: IncomingHttpHeaders): Checksums {
  const expected: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const algorithm of checksumAlgorithms) {
    const name = `x-amz-checksum-${algorithm}`;
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || !isChecksum(algorithm, value)) {
      throw new S3Error("InvalidRequest", `Value for ${name} header is invalid.`);
    }
    expected[algorithm] = value;
  }
  return expected;
}

const trailerPrefix = "x-amz-checksum-";

/** The algorithm of a trailer's name; `undefined` for any other trailer. */
export function trailerAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return name.startsWith(trailerPrefix) ? parseChecksumAlgorithm(name.slice(trailerPrefix.length)) : undefined;
}

function announcedTrailers(headers: IncomingHttpHeaders): readonly ChecksumAlgorithm[] {
  const value = headers["x-amz-trailer"];
  if (value === undefined) return [];
  const names = String(value).split(",");
  return names.map((name) => {
    const algorithm = trailerAlgorithm(name.trim().toLowerCase());
    if (algorithm !== undefined) return algorithm;
    throw new S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported");
  });
}

/** `content-encoding` as it is to be kept: without `aws-chunked`, which is only about the wire. */
export function storedContentEncoding(value: string | undefined): string | undefined {
  const kept = (value ?? "")
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding.toLowerCase() !== "aws-chunked");
  return kept.length === 0 ? undefined : kept.join(",");
}
