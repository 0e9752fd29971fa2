import { asError, SignalboxError } from "../../errors.ts";
import { type S3Place, shownPlace } from "./place.ts";

/** What an S3's refusal, or its silence, means for what was asked. */
type Kind =
  /** There is no such object, or no such upload any more. */
  | "missing"
  /** There is one already. */
  | "exists"
  /** The range lies behind the end. */
  | "range"
  /** It may go well when it is asked again. */
  | "passing"
  | "full"
  | "denied"
  | "no_bucket"
  /** It does not have what it was asked for. */
  | "unsupported"
  /** It answered as no S3 does. */
  | "unknown";

const kinds: Readonly<Record<string, Kind>> = {
  NoSuchKey: "missing",
  NotFound: "missing",
  NoSuchUpload: "missing",
  NoSuchBucket: "no_bucket",
  PreconditionFailed: "exists",
  InvalidRange: "range",
  QuotaExceeded: "full",
  InsufficientStorage: "full",
  InsufficientCapacity: "full",
  XMinioStorageFull: "full",
  RequestTimeTooSkewed: "passing",
  RequestTimeout: "passing",
  SlowDown: "passing",
  ConditionalRequestConflict: "passing",
  OperationAborted: "passing",
  CredentialsProviderError: "denied",
};

const kindsByStatus: Readonly<Record<number, Kind>> = {
  401: "denied",
  403: "denied",
  404: "missing",
  408: "passing",
  412: "exists",
  416: "range",
  429: "passing",
  501: "unsupported",
  507: "full",
};

/** An error of the SDK, read once. */
export interface S3Failure {
  readonly kind: Kind;
  /** As the S3 or the system calls it: `AccessDenied`, `ECONNREFUSED`. */
  readonly code: string;
}

export function s3FailureOf(thrown: unknown): S3Failure {
  const { name, code, $metadata, $response } = asError(thrown) as Error & {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly statusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const known = kinds[name];
  if (known !== undefined) return { kind: known, code: name };
  if (status !== undefined) {
    const said = /^[A-Z]\w+$/.test(name) && name !== "Error" && name !== "SyntaxError" ? name : `status ${status}`;
    return { kind: kindsByStatus[status] ?? (status >= 500 ? "passing" : "unknown"), code: said };
  }
  // No answer came: the system says why, or our own timer; without either it is not for want of an answer.
  if (typeof code === "string") return { kind: "passing", code };
  return { kind: name === "AbortError" || name === "TimeoutError" ? "passing" : "unknown", code: name };
}

/** An answer that no S3 gives. */
export class OddAnswer extends Error {
  override readonly name = "OddAnswer";
}

const remedies: Readonly<Partial<Record<Kind, string>>> = {
  denied:
    "the key must be allowed to get, put, list and delete objects there: correct SIGNALBOX_BLOBS_ACCESS_KEY_ID and SIGNALBOX_BLOBS_SECRET_ACCESS_KEY, or the AWS environment, or the bucket's policy",
  no_bucket: "make the bucket, or correct SIGNALBOX_BLOBS",
  full: "free some space there, or raise its quota",
  passing: "see that it runs and can be reached from here, and that the endpoint in SIGNALBOX_BLOBS is right",
  unknown: "see that the endpoint in SIGNALBOX_BLOBS is that of an S3",
};

/** What was asked for cannot be had. The operator's part, with the place and the remedy, is the cause; callers learn no more than that it may pass. */
export function unavailable(place: S3Place, { kind, code }: S3Failure, thrown: unknown): SignalboxError {
  const { message } = asError(thrown);
  const remedy = message.startsWith("Region is missing")
    ? "say region= in SIGNALBOX_BLOBS, or set AWS_REGION"
    : remedies[kind];
  const cause = new Error(`${shownPlace(place)} failed (${code}: ${message}): ${remedy ?? remedies.unknown}`, {
    cause: thrown,
  });
  if (kind === "full") {
    return new SignalboxError("storage_full", "There is no room for this object where the bytes of objects are kept.", {
      cause,
    });
  }
  return new SignalboxError(
    "unavailable",
    `The bytes of objects cannot be reached now (${code}). Nothing was changed: try again.`,
    { cause },
  );
}
