import type { SignedRequest } from "./canonical.ts";
import { S3Error, type S3ErrorCode } from "./errors.ts";
import { parseRawQuery, splitUrl } from "./raw-url.ts";

/** What is signed for: a signature for one is none for the other. */
const services = ["s3", "sns"] as const;
export type SignedService = (typeof services)[number];

/** A signature and what it claims, before anything of it is believed. */
export interface SignatureClaim {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  readonly service: SignedService;
  /** `20130524`. */
  readonly date: string;
  readonly region: string;
  /** `20130524T000000Z`. */
  readonly timestamp: string;
  readonly signedAtMs: number;
  /** Only of a presigned URL. */
  readonly expiresSeconds?: number;
  /** In lower case, in the client's order. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** The query's own word on the payload. */
  readonly payloadInQuery?: string;
}

export const algorithm = "AWS4-HMAC-SHA256";
const longestExpirySeconds = 604_800;

type Query = ReadonlyMap<string, readonly string[]>;

/** Whether the request carries, or pretends to carry, a signature; without one it is anonymous. */
export function isSigned(request: Pick<SignedRequest, "rawUrl" | "headers">): boolean {
  return request.headers.authorization !== undefined || isSignedQuery(queryOf(request.rawUrl));
}

/**
 * Reads the `Authorization` header or a presigned URL's query.
 *
 * @throws S3Error AccessDenied without a signature; otherwise what is wrong with its form.
 */
export function readSignatureClaim(request: SignedRequest): SignatureClaim {
  const query = queryOf(request.rawUrl);
  const { authorization } = request.headers;
  if (authorization === undefined) {
    if (!isSignedQuery(query)) throw new S3Error("AccessDenied");
    return fromQuery(query);
  }
  if (isSignedQuery(query)) {
    throw new S3Error("InvalidArgument", "Only one of the Authorization header and X-Amz-Signature may be given.");
  }
  return fromHeader(authorization, request.headers["x-amz-date"] ?? request.headers.date);
}

const noQuery: Query = new Map();

function queryOf(rawUrl: string): Query {
  const text = splitUrl(rawUrl).query;
  if (text === "") return noQuery;
  const query = new Map<string, string[]>();
  for (const [name, value] of parseRawQuery(text)) {
    const known = query.get(name);
    if (known === undefined) query.set(name, [value]);
    else known.push(value);
  }
  return query;
}

function isSignedQuery(query: Query): boolean {
  return query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature") || isVersion2(query);
}

function isVersion2(query: Query): boolean {
  return query.has("AWSAccessKeyId") && query.has("Signature");
}

function unsupported(): S3Error {
  return new S3Error(
    "InvalidRequest",
    `Only Signature Version 4 (${algorithm}) is supported. Please configure your client for it.`,
  );
}

/** What a claim says of the signer. */
type Signer = Pick<SignatureClaim, "accessKeyId" | "date" | "region" | "service" | "signedHeaders">;

/**
 * What stands in `Authorization` in front of the signature is the same in all requests that a client makes in a day: it is taken apart once. The
 * oldest goes when there are too many, and a long one is not kept.
 */
const knownSigners = new Map<string, Signer>();
const mostSigners = 1_000;
const longestSigner = 512;

const signatureForm = /^[0-9a-f]{64}$/;
const signatureName = "Signature=";

/** Where in `Authorization` the signature begins, if that is what it ends with. */
function signatureAt(authorization: string): number | undefined {
  const at = authorization.length - 64;
  return authorization.startsWith(signatureName, at - signatureName.length) &&
    signatureForm.test(authorization.slice(at))
    ? at
    : undefined;
}

function fromHeader(authorization: string, date: string | string[] | undefined): SignatureClaim {
  const at = signatureAt(authorization);
  const known = at === undefined || typeof date !== "string" ? undefined : knownSigners.get(authorization.slice(0, at));
  if (known !== undefined) {
    const timed = timeOf("AuthorizationHeaderMalformed", known.date, basicTimestamp(date as string));
    return { presigned: false, ...known, ...timed, signature: authorization.slice(at) };
  }
  const claimed = fromUnknownHeader(authorization, date);
  if (at !== undefined && at <= longestSigner) {
    const { accessKeyId, date, region, service, signedHeaders } = claimed;
    knownSigners.set(authorization.slice(0, at), { accessKeyId, date, region, service, signedHeaders });
    for (const oldest of knownSigners.keys()) {
      if (knownSigners.size <= mostSigners) break;
      knownSigners.delete(oldest);
    }
  }
  return claimed;
}

/** Parts are separated by a comma with a space or, by s3cmd, without. */
function fromUnknownHeader(authorization: string, date: string | string[] | undefined): SignatureClaim {
  const text = authorization.trim();
  const blank = text.search(/\s/);
  const scheme = blank === -1 ? text : text.slice(0, blank);
  if (scheme === "AWS" || (scheme.startsWith("AWS4-") && scheme !== algorithm)) throw unsupported();
  if (scheme !== algorithm) throw new S3Error("InvalidArgument", "Unsupported Authorization Type");
  const parts = new Map<string, string>();
  for (const part of text
    .slice(scheme.length)
    .replace(/\s{2,}|[^\S ]/g, " ")
    .split(",")) {
    const equals = part.indexOf("=");
    if (equals !== -1) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const need = (name: string): string => {
    const value = parts.get(name);
    if (value === undefined || value === "") throw malformed("AuthorizationHeaderMalformed", `it has no ${name}`);
    return value;
  };
  if (typeof date !== "string") {
    throw new S3Error("AccessDenied", "A signed request needs an x-amz-date or Date header.");
  }
  return claim("AuthorizationHeaderMalformed", {
    presigned: false,
    credential: need("Credential"),
    signedHeaders: need("SignedHeaders"),
    signature: need("Signature"),
    timestamp: basicTimestamp(date),
  });
}

const basicForm = /^\d{8}T\d{6}Z$/;

/** The `Date` header may stand for `x-amz-date`; what is signed is then its basic ISO 8601 form. */
function basicTimestamp(date: string): string {
  if (date === lastTime.timestamp || basicForm.test(date)) return date;
  const ms = Date.parse(date);
  if (Number.isNaN(ms)) throw new S3Error("AccessDenied", "x-amz-date must have the form YYYYMMDD'T'HHMMSS'Z'.");
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

function fromQuery(query: Query): SignatureClaim {
  const code = "AuthorizationQueryParametersError";
  if (isVersion2(query)) throw unsupported();
  const need = (name: string): string => {
    const [value, ...more] = query.get(name) ?? [];
    if (value === undefined || value === "" || more.length > 0) throw malformed(code, `it needs one ${name}`);
    return value;
  };
  if (need("X-Amz-Algorithm") !== algorithm) throw unsupported();
  const expires = need("X-Amz-Expires");
  const expiresSeconds = /^\d{1,7}$/.test(expires) ? Number(expires) : 0;
  if (expiresSeconds < 1 || expiresSeconds > longestExpirySeconds) {
    throw malformed(code, `X-Amz-Expires must be between 1 and ${longestExpirySeconds} seconds`);
  }
  const payload = query.has("X-Amz-Content-Sha256") ? { payloadInQuery: need("X-Amz-Content-Sha256") } : {};
  const claimed = claim(code, {
    presigned: true,
    credential: need("X-Amz-Credential"),
    signedHeaders: need("X-Amz-SignedHeaders"),
    signature: need("X-Amz-Signature"),
    timestamp: need("X-Amz-Date"),
  });
  return { ...claimed, expiresSeconds, ...payload };
}

interface Fields {
  readonly presigned: boolean;
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly timestamp: string;
}

function claim(code: S3ErrorCode, fields: Fields): SignatureClaim {
  const { presigned, timestamp, signature } = fields;
  // An access key id may itself hold slashes, so the scope is counted from the end.
  const form = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(fields.credential);
  const [, accessKeyId, date, region, named, terminator] = form ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined) {
    throw malformed(code, "the Credential must be <access key id>/<YYYYMMDD>/<region>/s3/aws4_request");
  }
  const service = services.find((one) => one === named);
  if (service === undefined) throw otherService(code, "s3");
  if (terminator !== "aws4_request") throw malformed(code, 'the Credential must end in "aws4_request"');
  const timed = timeOf(code, date, timestamp);
  if (!signatureForm.test(signature)) throw new S3Error("SignatureDoesNotMatch");
  const signedHeaders = fields.signedHeaders.toLowerCase().split(";");
  if (!signedHeaders.includes("host")) throw malformed(code, "the host header must be signed");
  return { presigned, accessKeyId, service, date, region, ...timed, signedHeaders, signature };
}

/** @throws S3Error AuthorizationHeaderMalformed, AuthorizationQueryParametersError for what was signed for another service. */
export function checkService({ presigned, service }: SignatureClaim, wanted: SignedService): void {
  if (service === wanted) return;
  throw otherService(presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed", wanted);
}

function otherService(code: S3ErrorCode, wanted: SignedService): S3Error {
  return malformed(code, `the Credential must be for the service "${wanted}"`);
}

/** @param date of the credential. */
function timeOf(code: S3ErrorCode, date: string, timestamp: string): Pick<SignatureClaim, "timestamp" | "signedAtMs"> {
  const signedAtMs = timestampMs(timestamp);
  if (signedAtMs === undefined) throw malformed(code, "its date must have the form YYYYMMDD'T'HHMMSS'Z'");
  if (!timestamp.startsWith(date)) throw malformed(code, `the Credential's date ${date} is not that of ${timestamp}`);
  return { timestamp, signedAtMs };
}

/** The last that was read: many requests are signed in the same second. */
let lastTime = { timestamp: "", ms: 0 };

function timestampMs(timestamp: string): number | undefined {
  if (timestamp === lastTime.timestamp) return lastTime.ms;
  if (!basicForm.test(timestamp)) return undefined;
  const [year, month, day] = [timestamp.slice(0, 4), timestamp.slice(4, 6), timestamp.slice(6, 8)];
  const [hour, minute, second] = [timestamp.slice(9, 11), timestamp.slice(11, 13), timestamp.slice(13, 15)];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(ms)) return undefined;
  lastTime = { timestamp, ms };
  return ms;
}

function malformed(code: S3ErrorCode, reason: string): S3Error {
  const what = code === "AuthorizationHeaderMalformed" ? "The authorization header" : "The presigned URL";
  return new S3Error(code, `${what} is malformed: ${reason}.`);
}
