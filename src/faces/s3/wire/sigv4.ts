import { hash, timingSafeEqual } from "node:crypto";
import { HmacKey } from "../../../domain/hmac.ts";
import { canonicalRequests, type HeaderValues, headerValues, type SignedRequest } from "./canonical.ts";
import { algorithm, checkService, readSignatureClaim, type SignatureClaim, type SignedService } from "./credentials.ts";
import { S3Error } from "./errors.ts";
import { parseRawQuery, splitUrl } from "./raw-url.ts";
import { deriveSigningKey, type SigningKeys } from "./signing-keys.ts";

export { isSigned } from "./credentials.ts";

/** What the signature says of the body. */
export type Payload =
  | { readonly kind: "sha256"; readonly hex: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "streaming-signed" }
  | { readonly kind: "streaming-signed-trailer" }
  | { readonly kind: "streaming-unsigned-trailer" };

/** What the signature of each chunk of a streamed body is made from. */
export interface ChunkSigning {
  readonly signingKey: HmacKey;
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

/** How far a client's clock may be off, either way. */
export const maxSkewMs = 15 * 60_000;

/**
 * Proves who sent a request, after "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference. Says
 * nothing of the body, which is proved while it is read (`body.ts`).
 *
 * @param keys keeps derived keys between requests; without it each request derives its own.
 * @throws S3Error AccessDenied (no signature, expired, unsigned `x-amz-*` headers), InvalidAccessKeyId,
 * RequestTimeTooSkewed, SignatureDoesNotMatch, or what is malformed.
 */
export async function verifySignature<T extends { readonly secret: string }>(
  request: SignedRequest,
  lookup: Lookup<T>,
  nowMs: number,
  keys?: SigningKeys,
): Promise<Verified<T>> {
  const claim = readSignatureClaim(request);
  checkService(claim, "s3");
  checkTime(claim, nowMs);
  const values = headerValues(request.rawHeaders);
  checkHeadersAreSigned(claim, values);
  const payloadText = payloadOf(claim, values);
  const payload = parsePayload(payloadText);
  const { accessKey, signingKey, scope } = await proved(
    { request, claim, values, payload: payloadText },
    { lookup, keys },
  );
  const { accessKeyId, region, presigned, signature, timestamp } = claim;
  const chunkSigning = { signingKey, seedSignature: signature, scope, timestamp };
  return { accessKey, accessKeyId, region, payload, presigned, chunkSigning };
}

/** A request whose whole body is there. */
interface WholeRequest extends SignedRequest {
  readonly service: SignedService;
  readonly body: Buffer;
}

/**
 * The same of a request whose body is signed too, as those of other services than S3 are: whether or not a header tells its hash.
 *
 * @returns what the lookup gave for the access key.
 * @throws S3Error as {@link verifySignature}.
 */
export async function verifyWhole<T extends { readonly secret: string }>(
  request: WholeRequest,
  lookup: Lookup<T>,
  nowMs: number,
  keys: SigningKeys,
): Promise<T> {
  const claim = readSignatureClaim(request);
  checkService(claim, request.service);
  checkTime(claim, nowMs);
  const values = headerValues(request.rawHeaders);
  checkHeadersAreSigned(claim, values);
  const payload = hash("sha256", request.body);
  const { accessKey } = await proved({ request, claim, values, payload }, { lookup, keys });
  return accessKey;
}

interface Claimed {
  readonly request: SignedRequest;
  readonly claim: SignatureClaim;
  readonly values: HeaderValues;
  /** What the signature says of the body. */
  readonly payload: string;
}

type Lookup<T> = (accessKeyId: string) => Promise<T | undefined>;

interface KnownKeys<T> {
  readonly lookup: Lookup<T>;
  readonly keys: SigningKeys | undefined;
}

async function proved<T extends { readonly secret: string }>(
  { request, claim, values, payload }: Claimed,
  { lookup, keys }: KnownKeys<T>,
): Promise<{ readonly accessKey: T; readonly signingKey: HmacKey; readonly scope: string }> {
  const accessKey = await lookup(claim.accessKeyId);
  if (accessKey === undefined) {
    throw new S3Error("InvalidAccessKeyId", undefined, { extra: { AWSAccessKeyId: claim.accessKeyId } });
  }
  const signingKey = keys?.of(accessKey.secret, claim) ?? new HmacKey(deriveSigningKey(accessKey.secret, claim));
  const { signedHeaders, signature, timestamp } = claim;
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const candidates = canonicalRequests({ request, values, signedHeaders, payload });
  if (!candidates.some((one) => isSignature(signature, stringToSign(timestamp, scope, one), signingKey))) {
    const [documented = ""] = candidates;
    throw mismatch(claim, stringToSign(timestamp, scope, documented), documented);
  }
  return { accessKey, signingKey, scope };
}

function checkTime({ presigned, signedAtMs, expiresSeconds = 0, timestamp }: SignatureClaim, nowMs: number): void {
  const serverTime = (): string => new Date(nowMs).toISOString();
  if (!presigned) {
    if (Math.abs(nowMs - signedAtMs) <= maxSkewMs) return;
    const extra = { RequestTime: timestamp, ServerTime: serverTime(), MaxAllowedSkewMilliseconds: String(maxSkewMs) };
    throw new S3Error("RequestTimeTooSkewed", undefined, { extra });
  }
  if (signedAtMs - nowMs > maxSkewMs) throw new S3Error("AccessDenied", "Request is not valid yet");
  const expiresAtMs = signedAtMs + expiresSeconds * 1000;
  if (nowMs > expiresAtMs) {
    const Expires = new Date(expiresAtMs).toISOString();
    const extra = { "X-Amz-Expires": String(expiresSeconds), Expires, ServerTime: serverTime() };
    throw new S3Error("AccessDenied", "Request has expired", { extra });
  }
}

/**
 * These need not be signed as headers. The first two are part of what is signed in any case (curl leaves the payload's hash
 * out of its list); the others are put in by CDNs and by browsers that use a presigned URL, and mean nothing here.
 */
const freeHeaders = new Set(["x-amz-content-sha256", "x-amz-date", "x-amz-cf-id", "x-amz-user-agent"]);

/**
 * Who holds a presigned PUT must not be able to turn it into a copy of another object by adding `x-amz-copy-source`, and who
 * stands on the line must not change what a header means: every `x-amz-*` header is signed, as S3 demands.
 */
function checkHeadersAreSigned({ signedHeaders }: SignatureClaim, values: HeaderValues): void {
  const named = [...values.keys()].filter((name) => name.startsWith("x-amz-") && !freeHeaders.has(name));
  if (named.length === 0) return;
  const signed = new Set(signedHeaders);
  const missing = named.filter((name) => !signed.has(name));
  if (missing.length === 0) return;
  const extra = { HeadersNotSigned: missing.join(", ") };
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", { extra });
}

function payloadOf({ presigned, payloadInQuery, signedHeaders }: SignatureClaim, values: HeaderValues): string {
  const header = values.get("x-amz-content-sha256")?.[0];
  if (!presigned) {
    if (header !== undefined) return header;
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  if (payloadInQuery !== undefined) return payloadInQuery;
  return header !== undefined && signedHeaders.includes("x-amz-content-sha256") ? header : "UNSIGNED-PAYLOAD";
}

function parsePayload(text: string): Payload {
  switch (text) {
    case "UNSIGNED-PAYLOAD":
      return { kind: "unsigned" };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
      return { kind: "streaming-signed" };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
      return { kind: "streaming-signed-trailer" };
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return { kind: "streaming-unsigned-trailer" };
    default:
      if (/^[0-9a-f]{64}$/i.test(text)) return { kind: "sha256", hex: text.toLowerCase() };
      throw new S3Error(
        "InvalidArgument",
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or the SHA-256 of the body in hex.",
      );
  }
}

function stringToSign(timestamp: string, scope: string, canonical: string | Buffer): string {
  return `${algorithm}\n${timestamp}\n${scope}\n${hash("sha256", canonical)}`;
}

/** Compares in constant time. `hex` has 64 digits. */
export function isSignature(hex: string, text: string, signingKey: HmacKey): boolean {
  const expected = Buffer.from(signingKey.hex(text), "hex");
  const given = Buffer.from(hex, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Says, as S3 does, what was signed here, so that the author of a client can see the difference. */
function mismatch(claim: SignatureClaim, text: string, canonical: string | Buffer): S3Error {
  return new S3Error("SignatureDoesNotMatch", undefined, {
    extra: {
      AWSAccessKeyId: claim.accessKeyId,
      StringToSign: text,
      SignatureProvided: claim.signature,
      CanonicalRequest: canonical.toString("utf8"),
    },
  });
}

const signatureParameters = new Set([
  "x-amz-algorithm",
  "x-amz-content-sha256",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);
const checksumValue = /^x-amz-checksum-(?:crc32|crc32c|crc64nvme|sha1|sha256)$/;

/**
 * The `x-amz-*` headers that a presigned URL carries in its query (`x-amz-meta-*`, `x-amz-tagging`, `x-amz-acl` …): the
 * SDK's presigner puts them there, and S3 takes them as headers. Names in lower case, values one character per byte, both as
 * Node gives headers; neither the signature's own parameters nor checksums (the SDK adds that of an empty body).
 */
export function hoistedHeaders(rawUrl: string): Readonly<Record<string, string>> {
  const hoisted = parseRawQuery(splitUrl(rawUrl).query)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith("x-amz-") && !signatureParameters.has(name) && !checksumValue.test(name));
  return Object.fromEntries(hoisted);
}
