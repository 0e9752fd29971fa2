import type { IncomingHttpHeaders } from "node:http";
import { defined } from "../../../domain/defined.ts";
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  isBase64Of,
  isChecksum,
  type ObjectChecksums,
  parseChecksumAlgorithm,
} from "./checksums.ts";
import { S3Error } from "./errors.ts";
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
  readonly expected: ObjectChecksums;
  /** Checksums announced by `x-amz-trailer`. */
  readonly trailers: readonly ChecksumAlgorithm[];
  /** Checksums to compute although the client gave none (a multipart upload declares its algorithm once). */
  readonly compute: readonly ChecksumAlgorithm[];
  /** More bytes of object than this are EntityTooLarge. */
  readonly maxBytes?: number;
}

interface BodySpecOptions {
  readonly maxBytes?: number;
  readonly compute?: readonly ChecksumAlgorithm[];
}

/** Whether a body of this kind comes in aws-chunked framing. */
export function isStreaming({ kind }: Payload): boolean {
  return kind !== "sha256" && kind !== "unsigned";
}

/** Whether a body of this kind may end in trailers. Java's SDK announces some in the other kinds too, and sends none. */
function mayHaveTrailers({ kind }: Payload): boolean {
  return kind === "streaming-signed-trailer" || kind === "streaming-unsigned-trailer";
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
  if (!streaming) refuseFraming(headers);
  refuseEmptyPromise(headers);
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
    trailers: mayHaveTrailers(auth.payload) ? announcedTrailers(headers) : [],
    compute: options.compute ?? [],
    ...defined({
      chunkSigning: auth.chunkSigning,
      contentLength,
      decodedLength,
      contentMd5,
      maxBytes: options.maxBytes,
    }),
  };
}

/**
 * What speaks of aws-chunked framing where `x-amz-content-sha256` says that there is none: taken at its word, the framing would be
 * stored as the object. A body without a byte has none, whatever is said of it.
 */
function refuseFraming(headers: IncomingHttpHeaders): void {
  if (headers["content-length"] === "0") return;
  const { "content-length": wire, "x-amz-decoded-content-length": decoded } = headers;
  const said = codings(headers["content-encoding"]).some(isAwsChunked)
    ? "content-encoding"
    : decoded !== undefined && decoded !== wire
      ? "x-amz-decoded-content-length"
      : headers["x-amz-trailer"] !== undefined
        ? "x-amz-trailer"
        : undefined;
  if (said === undefined) return;
  throw new S3Error(
    "InvalidArgument",
    `${said} says that the body is aws-chunked, and x-amz-content-sha256 that it is not: sign it with one of the STREAMING-… values, or send the object as it is.`,
    { extra: { ArgumentName: said, ArgumentValue: String(headers[said]) } },
  );
}

/** A client that names an algorithm means to be protected by it. */
function refuseEmptyPromise(headers: IncomingHttpHeaders): void {
  if (headers["x-amz-sdk-checksum-algorithm"] === undefined || headers["x-amz-trailer"] !== undefined) return;
  if (Object.keys(headers).some((name) => name.startsWith(checksumPrefix))) return;
  throw new S3Error(
    "InvalidRequest",
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
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

function expectedChecksums(headers: IncomingHttpHeaders): ObjectChecksums {
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

const checksumPrefix = "x-amz-checksum-";

/** The algorithm of a trailer's name; `undefined` for any other trailer. */
export function trailerAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return name.startsWith(checksumPrefix) ? parseChecksumAlgorithm(name.slice(checksumPrefix.length)) : undefined;
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

function codings(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(",");
}

function isAwsChunked(coding: string): boolean {
  return coding.trim().toLowerCase() === "aws-chunked";
}

/** `content-encoding` as it came, but without `aws-chunked`, which is only about the wire. */
export function storedContentEncoding(value: string | undefined): string | undefined {
  const kept = codings(value)
    .filter((coding) => !isAwsChunked(coding))
    .join(",")
    .trim();
  return kept === "" ? undefined : kept;
}
