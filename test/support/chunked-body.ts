import { createHash, createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { HmacKey } from "../../src/domain/hmac.ts";
import { readBody } from "../../src/faces/s3/wire/body.ts";
import { type BodySpec, bodySpec } from "../../src/faces/s3/wire/body-spec.ts";
import type { ChecksumAlgorithm } from "../../src/faces/s3/wire/checksums.ts";
import { deriveSigningKey } from "../../src/faces/s3/wire/signing-keys.ts";
import type { ChunkSigning, Payload } from "../../src/faces/s3/wire/sigv4.ts";

export const empty = createHash("sha256").digest("hex");

/** That of the published example. */
const bareKey = deriveSigningKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  date: "20130524",
  region: "us-east-1",
  service: "s3",
});
export const chunkSigning: ChunkSigning = {
  signingKey: new HmacKey(bareKey),
  seedSignature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  scope: "20130524/us-east-1/s3/aws4_request",
  timestamp: "20130524T000000Z",
};

export type Mode = "streaming-signed" | "streaming-signed-trailer" | "streaming-unsigned-trailer";
export const modes: readonly Mode[] = ["streaming-signed", "streaming-signed-trailer", "streaming-unsigned-trailer"];

/** Frames chunks as a client does; `trailers` are `name:value` lines. The last, empty chunk is added. */
export function frame(mode: Mode, chunks: readonly Uint8Array[], trailers: readonly string[] = []): Buffer {
  const signed = mode !== "streaming-unsigned-trailer";
  const { seedSignature, scope, timestamp } = chunkSigning;
  let previous = seedSignature;
  const sign = (kind: string, content: string): string => {
    const text = `AWS4-HMAC-SHA256-${kind}\n${timestamp}\n${scope}\n${previous}\n${content}`;
    previous = createHmac("sha256", bareKey).update(text).digest("hex");
    return previous;
  };
  const head = (data: Uint8Array): string => {
    const hash = createHash("sha256").update(data).digest("hex");
    return data.length.toString(16) + (signed ? `;chunk-signature=${sign("PAYLOAD", `${empty}\n${hash}`)}` : "");
  };
  const parts = chunks.flatMap((data) => [Buffer.from(`${head(data)}\r\n`), data, Buffer.from("\r\n")]);
  let end = `${head(new Uint8Array())}\r\n`;
  if (mode !== "streaming-signed") end += trailers.map((line) => `${line}\r\n`).join("");
  if (mode === "streaming-signed-trailer" && trailers.length > 0) {
    const hash = createHash("sha256")
      .update(trailers.map((line) => `${line}\n`).join(""))
      .digest("hex");
    end += `x-amz-trailer-signature:${sign("TRAILER", hash)}\r\n`;
  }
  return Buffer.concat([...parts, Buffer.from(`${end}\r\n`)]);
}

/** What the request says of `data`, sent in `mode`. */
export function specOf(payload: Payload, size: number, headers: Record<string, string> = {}): BodySpec {
  const length =
    payload.kind === "sha256" || payload.kind === "unsigned" ? "content-length" : "x-amz-decoded-content-length";
  return bodySpec({ [length]: String(size), ...headers }, { payload, chunkSigning });
}

export function trailerHeaders(...algorithms: ChecksumAlgorithm[]): Record<string, string> {
  return { "x-amz-trailer": algorithms.map((algorithm) => `x-amz-checksum-${algorithm}`).join(",") };
}

/** `wire` in pieces that end at `cuts`. */
export function* pieces(wire: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= from || cut >= wire.length) continue;
    yield wire.subarray(from, cut);
    from = cut;
  }
  if (from < wire.length) yield wire.subarray(from);
}

/** Reads it all. */
export async function readAll(wire: Buffer, spec: BodySpec, cuts: readonly number[] = []) {
  const body = readBody(Readable.from(pieces(wire, cuts), { objectMode: true }), spec);
  const read: Buffer[] = [];
  for await (const piece of body) read.push(piece);
  return { data: Buffer.concat(read), ...body.digest() };
}
