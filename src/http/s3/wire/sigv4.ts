import type { IncomingHttpHeaders } from "node:http";
import type { SigningKeys } from "./signing-keys.ts";

/** A request as it came, before anything was decoded. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as received. */
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as Node gives them. */
  readonly rawHeaders: readonly string[];
}

/** What the signature says of the body. */
export type Payload =
  | { readonly kind: "sha256"; readonly hex: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "streaming-signed" }
  | { readonly kind: "streaming-signed-trailer" }
  | { readonly kind: "streaming-unsigned-trailer" };

/** What the signature of each chunk of a streamed body is made from. */
export interface ChunkSigning {
  readonly signingKey: Buffer;
  /** The request's own signature, in hex: the "previous signature" of the first chunk. */
  readonly seedSignature: string;
  /** `20130524/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** `20130524T000000Z`. */
  readonly timestamp: string;
}

export interface Verified<T> {
  /** What the lookup gave for the access key. */
  readonly accessKey: T;
  readonly accessKeyId: string;
  /** The region that the client signed for; any is accepted. */
  readonly region: string;
  readonly payload: Payload;
  /** Signed by the query (a presigned URL), not by the `Authorization` header. */
  readonly presigned: boolean;
  readonly chunkSigning: ChunkSigning;
}

/** Whether the request carries, or pretends to carry, a signature; without one it is anonymous. */
export function isSigned(_request: SignedRequest): boolean {
  throw new Error("not yet");
}

export async function verifySignature<T extends { readonly secret: string }>(
  _request: SignedRequest,
  _lookup: (accessKeyId: string) => Promise<T | undefined>,
  _nowMs: number,
  _keys?: SigningKeys,
): Promise<Verified<T>> {
  throw new Error("not yet");
}

/**
 * The `x-amz-*` headers that a presigned URL carries in its query (`x-amz-meta-*`, `x-amz-tagging`, `x-amz-acl` …): the
 * SDK's presigner puts them there, and S3 takes them as headers. Names in lower case; neither the signature's own parameters
 * nor checksums (the SDK adds that of an empty body).
 */
export function hoistedHeaders(_rawUrl: string): Readonly<Record<string, string>> {
  throw new Error("not yet");
}
