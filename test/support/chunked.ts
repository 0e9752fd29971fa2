/** Bodies in aws-chunked framing, made as other SDKs make them: Java's announces trailers in modes that have none. */
import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "./s3.ts";
import { type RawAnswer, raw, sign } from "./sign.ts";

export const chunkModes = [
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
] as const;

export interface ChunkedPut {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What `x-amz-content-sha256` says. */
  readonly payload: string;
  readonly chunks: readonly string[];
  /** How the chunks are framed, where that is not what `payload` says. */
  readonly framedAs?: (typeof chunkModes)[number];
  /** `x-amz-trailer`. */
  readonly announced?: string;
  /** `name:value` */
  readonly trailers?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Sends one, with `Content-Encoding: aws-chunked` and the decoded length unless `headers` say otherwise. */
export async function sendChunked(port: number, credentials: Credentials, put: ChunkedPut): Promise<RawAnswer> {
  const size = put.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const signed = sign(`127.0.0.1:${port}`, credentials, {
    method: "PUT",
    path: put.path,
    payload: put.payload,
    ...(put.query === undefined ? {} : { query: put.query }),
    headers: {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(size),
      ...(put.announced === undefined ? {} : { "x-amz-trailer": put.announced }),
      ...put.headers,
    },
  });
  const mode = put.framedAs ?? put.payload;
  const isSigned = mode.startsWith("STREAMING-AWS4-");
  let previous = signed.signature;
  const next = (kind: string, content: string): string => {
    const text = [`AWS4-HMAC-SHA256-${kind}`, signed.timestamp, signed.scope, previous, content].join("\n");
    previous = createHmac("sha256", signed.key).update(text).digest("hex");
    return previous;
  };
  const framed = [...put.chunks, ""].map((data) => {
    const size = data.length.toString(16);
    const head = isSigned ? `${size};chunk-signature=${next("PAYLOAD", `${sha256("")}\n${sha256(data)}`)}` : size;
    return `${head}\r\n${data}${data === "" ? "" : "\r\n"}`;
  });
  const lines = put.trailers ?? [];
  const trailerSignature =
    mode === "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" && lines.length > 0
      ? [`x-amz-trailer-signature:${next("TRAILER", sha256(lines.map((line) => `${line}\n`).join("")))}`]
      : [];
  const body = `${framed.join("")}${[...lines, ...trailerSignature].map((line) => `${line}\r\n`).join("")}\r\n`;
  const head = Object.entries({ ...signed.headers, "content-length": String(body.length) });
  const [answer] = await raw(port, [
    `PUT ${signed.target} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
  ]);
  if (answer === undefined) throw new Error("no answer");
  return answer;
}
