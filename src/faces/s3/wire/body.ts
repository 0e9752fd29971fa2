import { createHash } from "node:crypto";
import { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { freeBytes } from "../../http/front/free-bytes.ts";
import { AwsChunked, type Framing } from "./aws-chunked.ts";
import { type BodySpec, entityTooLarge, isStreaming, trailerAlgorithm } from "./body-spec.ts";
import { type Checksum, type ChecksumAlgorithm, isChecksum, newChecksum, type ObjectChecksums } from "./checksums.ts";
import { S3Error } from "./errors.ts";

/** Where the bytes of a body come from: a request, or a part of one. */
type Source = Readable | AsyncIterable<Buffer>;

export interface BodyDigest {
  readonly size: number;
  readonly md5Hex: string;
  /** Those that the client gave (all verified) and those the spec asked for. */
  readonly checksums: ObjectChecksums;
}

/** The bytes of the object, to be iterated once; a piece is good until the next is asked for. */
interface Body extends AsyncIterable<Buffer> {
  /** What was read. Throws before the iteration has ended well. */
  digest(): BodyDigest;
}

/**
 * The object inside a request's body, verified against everything that the request says of it: length, SHA-256, chunk
 * signatures, Content-MD5 and checksums, as headers or trailers.
 *
 * Bytes are handed on as they come; only when the iteration ends without an error are they the client's. An error may come in
 * the middle of the body. The stream is then left as it is, so that the error can still be answered: close the connection
 * after the answer, or read the rest away.
 *
 * @throws (while iterating) S3Error IncompleteBody (also when the client goes away), SignatureDoesNotMatch, BadDigest,
 * XAmzContentSHA256Mismatch, EntityTooLarge, MalformedTrailerError, InvalidRequest
 */
export function readBody(stream: Source, spec: BodySpec): Body {
  const digests = new Digests(spec);
  let digest: BodyDigest | undefined;
  async function* iterate(): AsyncGenerator<Buffer, void, undefined> {
    for await (const data of decoded(stream, spec, digests)) {
      digests.update(data);
      yield data;
    }
    digest = digests.end();
  }
  const bytes = iterate();
  return {
    [Symbol.asyncIterator]: () => bytes,
    digest: () => {
      if (digest === undefined) throw new Error("the body has not been read to its end");
      return digest;
    },
  };
}

/** A whole small body (XML), verified alike. @throws S3Error MaxMessageLengthExceeded past `maxBytes`; as {@link readBody} */
export async function readSmallBody(stream: Readable, spec: BodySpec, maxBytes: number): Promise<Buffer> {
  const tooLong = (): S3Error =>
    new S3Error("MaxMessageLengthExceeded", undefined, { extra: { MaxMessageLengthBytes: String(maxBytes) } });
  if ((spec.decodedLength ?? spec.contentLength ?? 0) > maxBytes) throw tooLong();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of readBody(stream, spec)) {
    size += piece.length;
    if (size > maxBytes) throw tooLong();
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces, size);
}

/** The object's bytes, with their number enforced and trailers handed to `digests`. */
async function* decoded(stream: Source, spec: BodySpec, digests: Digests): AsyncGenerator<Buffer, void, undefined> {
  const chunked = isStreaming(spec.payload) ? new AwsChunked(framing(spec)) : undefined;
  const expectedSize = chunked === undefined ? spec.contentLength : spec.decodedLength;
  let size = 0;
  for await (const wire of wireBytes(stream, spec)) {
    for (const data of chunked?.push(wire) ?? [wire]) {
      size += data.length;
      if (expectedSize !== undefined && size > expectedSize) {
        throw new S3Error("InvalidRequest", `The body is longer than the ${expectedSize} bytes that were announced.`);
      }
      if (spec.maxBytes !== undefined && size > spec.maxBytes) throw entityTooLarge(size, spec.maxBytes);
      yield data;
    }
  }
  if (chunked !== undefined) digests.takeTrailers(chunked.end());
  if (expectedSize !== undefined && size < expectedSize) throw incomplete(size, expectedSize);
}

function framing({ payload, chunkSigning }: BodySpec): Framing {
  if (payload.kind === "streaming-unsigned-trailer") return { withTrailers: true };
  if (chunkSigning === undefined) throw new TypeError("a body with signed chunks needs its chunkSigning");
  return { signing: chunkSigning, withTrailers: payload.kind === "streaming-signed-trailer" };
}

/** What is on the wire, in its announced length; a client that goes away is an error like any other. */
async function* wireBytes(stream: Source, { contentLength }: BodySpec): AsyncGenerator<Buffer, void, undefined> {
  let received = 0;
  try {
    for await (const wire of bytesOf(stream)) {
      received += wire.length;
      if (contentLength !== undefined && received > contentLength) {
        throw new S3Error("InvalidRequest", `The body is longer than its Content-Length of ${contentLength} bytes.`);
      }
      yield wire;
      if (stream instanceof IncomingMessage) freeBytes(wire);
    }
  } catch (cause) {
    if (cause instanceof S3Error) throw cause;
    throw new S3Error("IncompleteBody", "The connection ended before the body did.", { cause });
  }
  if (contentLength !== undefined && received < contentLength) throw incomplete(received, contentLength);
}

/** A request is left open on an error: destroying it closes the socket on which the error has to be answered. */
function bytesOf(stream: Source): AsyncIterable<Buffer> {
  return stream instanceof Readable ? (stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) : stream;
}

function incomplete(received: number, announced: number): S3Error {
  return new S3Error("IncompleteBody", undefined, {
    extra: { NumberBytesExpected: String(announced), NumberBytesProvided: String(received) },
  });
}

/** Everything that is computed over the object, and what it must come to. */
class Digests {
  readonly #spec: BodySpec;
  readonly #expected: Partial<Record<ChecksumAlgorithm, string>>;
  readonly #running = new Map<ChecksumAlgorithm, Checksum>();
  readonly #wanted: ReadonlySet<ChecksumAlgorithm>;
  readonly #md5 = createHash("md5");
  #size = 0;

  constructor(spec: BodySpec) {
    this.#spec = spec;
    this.#expected = { ...spec.expected };
    const given = Object.keys(spec.expected) as ChecksumAlgorithm[];
    this.#wanted = new Set([...given, ...spec.trailers, ...spec.compute]);
    for (const algorithm of this.#wanted) this.#running.set(algorithm, newChecksum(algorithm));
    // One SHA-256 serves the signature and the checksum.
    if (spec.payload.kind === "sha256" && !this.#wanted.has("sha256"))
      this.#running.set("sha256", newChecksum("sha256"));
  }

  update(data: Buffer): void {
    this.#size += data.length;
    this.#md5.update(data);
    for (const checksum of this.#running.values()) checksum.update(data);
  }

  /** A checksum that was not announced cannot be verified any more, so it is refused and not passed over. */
  takeTrailers(trailers: ReadonlyMap<string, string>): void {
    for (const [name, value] of trailers) {
      const algorithm = trailerAlgorithm(name);
      if (algorithm === undefined || !this.#spec.trailers.includes(algorithm)) {
        throw new S3Error("MalformedTrailerError", `The trailer ${name} was not announced in x-amz-trailer.`);
      }
      if (!isChecksum(algorithm, value)) {
        throw new S3Error("InvalidRequest", `Value for ${name} trailing header is invalid.`);
      }
      const known = this.#expected[algorithm];
      if (known !== undefined && known !== value) throw badDigest(algorithm);
      this.#expected[algorithm] = value;
    }
    const missing = this.#spec.trailers.find((algorithm) => !trailers.has(`x-amz-checksum-${algorithm}`));
    if (missing !== undefined) {
      throw new S3Error("MalformedTrailerError", `The announced trailer x-amz-checksum-${missing} did not come.`);
    }
  }

  end(): BodyDigest {
    const { payload, contentMd5 } = this.#spec;
    const checksums: Partial<Record<ChecksumAlgorithm, string>> = {};
    for (const [algorithm, checksum] of this.#running) {
      const raw = checksum.digest();
      if (algorithm === "sha256" && payload.kind === "sha256" && raw.toString("hex") !== payload.hex) {
        const extra = { ClientComputedContentSHA256: payload.hex, S3ComputedContentSHA256: raw.toString("hex") };
        throw new S3Error("XAmzContentSHA256Mismatch", undefined, { extra });
      }
      if (this.#wanted.has(algorithm)) checksums[algorithm] = raw.toString("base64");
    }
    const md5 = this.#md5.digest();
    if (contentMd5 !== undefined && md5.toString("base64") !== contentMd5) {
      const extra = { ExpectedDigest: contentMd5, CalculatedDigest: md5.toString("base64") };
      throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.", { extra });
    }
    for (const [algorithm, value] of Object.entries(this.#expected) as [ChecksumAlgorithm, string][]) {
      if (checksums[algorithm] !== value) throw badDigest(algorithm);
    }
    return { size: this.#size, md5Hex: md5.toString("hex"), checksums };
  }
}

function badDigest(algorithm: ChecksumAlgorithm): S3Error {
  return new S3Error(
    "BadDigest",
    `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}
