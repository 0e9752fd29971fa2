import { createHash, type Hash } from "node:crypto";
import { S3Error } from "./errors.ts";
import { type ChunkSigning, isSignature } from "./sigv4.ts";

export interface Framing {
  /** Verifies each chunk, and the trailers if there may be any. Absent = chunks are not signed. */
  readonly signing?: ChunkSigning;
  readonly withTrailers: boolean;
}

/** Longer than any legal line: 13 digits, `;chunk-signature=`, 64 digits; a SHA-256 trailer. */
const longestLine = 256;
const mostTrailers = 8;
/** Less than this is copied, to be handed on with others. */
const smallPiece = 4_096;
/** Beyond so many, chunks have this size on the average. */
const freeChunks = 10_000;
const leastChunk = 256;
const emptyHash = createHash("sha256").digest("hex");

/** A data chunk in progress, in a body whose chunks are signed. */
interface SignedChunk {
  readonly hash: Hash;
  readonly signature: string;
}

/**
 * Takes the framing off an aws-chunked body, after "Signature Calculations for the Authorization Header: Transferring Payload
 * in Multiple Chunks" and "… Including trailing headers" of the Amazon S3 API reference.
 *
 * ```
 * line → data → data end → line → … → line (size 0) → last line end | trailers → done
 * ```
 *
 * Data is handed on as it comes, however long its chunk: a wrong chunk signature shows at the chunk's end, so nothing that
 * was read may be kept until {@link AwsChunked.end} has returned.
 */
export class AwsChunked {
  readonly #framing: Framing;
  readonly #trailers = new Map<string, string>();
  #state: "line" | "data" | "data-end" | "last-line-end" | "trailers" | "done" = "line";
  /** The beginning of a line whose end has not come yet. */
  #line = "";
  #left = 0;
  #chunks = 0;
  /** Of the data in all chunks so far, that at hand included. */
  #size = 0;
  #chunk: SignedChunk | undefined;
  #previousSignature: string;
  #signedTrailerText = "";
  #trailerSignature: string | undefined;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#previousSignature = framing.signing?.seedSignature ?? "";
  }

  /**
   * The data in the next bytes of the wire: what lies in many small chunks is put together, since each piece costs the reader.
   *
   * @throws S3Error SignatureDoesNotMatch, InvalidRequest, MalformedTrailerError
   */
  *push(wire: Buffer): Generator<Buffer, void> {
    const small: Buffer[] = [];
    for (const data of this.#pieces(wire)) {
      if (data.length < smallPiece) small.push(data);
      else {
        if (small.length > 0) yield Buffer.concat(small.splice(0));
        yield data;
      }
    }
    if (small.length > 0) yield Buffer.concat(small);
  }

  *#pieces(wire: Buffer): Generator<Buffer, void> {
    let at = 0;
    while (at < wire.length) {
      if (this.#state === "done") throw malformed("there are bytes after its end");
      if (this.#state === "data") {
        const data = wire.subarray(at, at + this.#left);
        at += data.length;
        this.#left -= data.length;
        this.#chunk?.hash.update(data);
        if (this.#left === 0) this.#state = "data-end";
        yield data;
        continue;
      }
      const feed = wire.indexOf(0x0a, at);
      const stop = feed === -1 ? wire.length : feed;
      if (this.#line.length + stop - at > longestLine) throw malformed("a line is too long");
      this.#line += wire.toString("latin1", at, stop);
      at = stop + 1;
      if (feed !== -1) this.#takeLine();
    }
  }

  /** The trailers by lower-case name, after the last byte. @throws S3Error IncompleteBody */
  end(): ReadonlyMap<string, string> {
    if (this.#state !== "done")
      throw new S3Error("IncompleteBody", "The aws-chunked body ended before its last chunk.");
    return this.#trailers;
  }

  #takeLine(): void {
    const line = this.#line;
    this.#line = "";
    if (this.#state === "trailers") return this.#takeTrailer(line.replace(/\r$/, ""));
    if (!line.endsWith("\r")) throw malformed("a line does not end in CR LF");
    if (this.#state === "line") return this.#takeHead(line.slice(0, -1));
    if (line !== "\r") throw malformed("a chunk is longer than its size");
    if (this.#state === "last-line-end") {
      this.#state = "done";
      return;
    }
    this.#endChunk();
    this.#state = "line";
  }

  #takeHead(head: string): void {
    const { signing, withTrailers } = this.#framing;
    const form =
      signing === undefined ? /^([0-9a-fA-F]{1,13})$/ : /^([0-9a-fA-F]{1,13});chunk-signature=([0-9a-f]{64})$/;
    const [, size, signature] = form.exec(head) ?? [];
    if (size === undefined)
      throw malformed("a chunk's first line is not its size and, where it is signed, its signature");
    this.#left = Number.parseInt(size, 16);
    this.#chunk = signature === undefined ? undefined : { hash: createHash("sha256"), signature };
    if (this.#left > 0) {
      this.#state = "data";
      this.#judgeChunks();
      return;
    }
    this.#endChunk();
    this.#state = withTrailers ? "trailers" : "last-line-end";
  }

  /** A byte in a chunk of its own costs as much as 8 KiB, which is the least that S3 takes; a sender that has little at times is waited for. */
  #judgeChunks(): void {
    this.#chunks += 1;
    this.#size += this.#left;
    if (this.#chunks > freeChunks && this.#size < (this.#chunks - freeChunks) * leastChunk) {
      throw malformed(`its chunks have less than ${leastChunk} bytes: make them of 8 KiB and more`);
    }
  }

  #endChunk(): void {
    const { signing } = this.#framing;
    if (signing === undefined || this.#chunk === undefined) return;
    const { hash, signature } = this.#chunk;
    this.#verify("AWS4-HMAC-SHA256-PAYLOAD", signature, `${emptyHash}\n${hash.digest("hex")}`, signing);
    this.#previousSignature = signature;
    this.#chunk = undefined;
  }

  /**
   * `name:value` lines, an empty line at the end. The document signs each as `name:value\n` and shows that very line feed on
   * the wire, before CR LF; so a signed block may hold an empty line before its signature.
   */
  #takeTrailer(line: string): void {
    const { signing } = this.#framing;
    if (line === "") {
      if (signing !== undefined && this.#trailerSignature === undefined && this.#trailers.size > 0) return;
      this.#endTrailers();
      return;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const late = this.#trailerSignature !== undefined || this.#trailers.size >= mostTrailers;
    if (name === "" || late || this.#trailers.has(name)) throw new S3Error("MalformedTrailerError");
    if (signing !== undefined && name === "x-amz-trailer-signature") {
      this.#trailerSignature = value;
      return;
    }
    this.#trailers.set(name, value);
    this.#signedTrailerText += `${name}:${value}\n`;
  }

  #endTrailers(): void {
    const { signing } = this.#framing;
    if (signing !== undefined && (this.#trailers.size > 0 || this.#trailerSignature !== undefined)) {
      const hash = createHash("sha256").update(this.#signedTrailerText, "latin1").digest("hex");
      this.#verify("AWS4-HMAC-SHA256-TRAILER", this.#trailerSignature ?? "", hash, signing);
    }
    this.#state = "done";
  }

  #verify(kind: string, signature: string, content: string, { timestamp, scope, signingKey }: ChunkSigning): void {
    const text = `${kind}\n${timestamp}\n${scope}\n${this.#previousSignature}\n${content}`;
    if (isSignature(signature, text, signingKey)) return;
    const what = kind.endsWith("TRAILER") ? "trailer" : "chunk";
    throw new S3Error("SignatureDoesNotMatch", `The signature of a ${what} of the body does not match.`);
  }
}

function malformed(reason: string): S3Error {
  return new S3Error("InvalidRequest", `The aws-chunked body is malformed: ${reason}.`);
}
