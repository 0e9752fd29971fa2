import { SignalboxError } from "../../../errors.ts";
import type { S3Answer } from "../call.ts";
import { asS3Error } from "../failure-answer.ts";
import { writeXml } from "../wire/xml-write.ts";

/** What an action of SNS is refused with: the codes that its clients know, by their status. */
const snsErrorTable = {
  AuthorizationError: 403,
  /** What says who signed it cannot be read, or is of another service. */
  IncompleteSignature: 400,
  InternalError: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidParameter: 400,
  /** Of a topic that is still gone to. */
  InvalidState: 400,
  NotFound: 404,
  RequestEntityTooLarge: 413,
  /** Of actions on tags. */
  ResourceNotFound: 404,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttled: 429,
  TopicLimitExceeded: 403,
} as const satisfies Record<string, number>;

type SnsErrorCode = keyof typeof snsErrorTable;

export class SnsError extends Error {
  override readonly name = "SnsError";
  readonly code: SnsErrorCode;

  constructor(code: SnsErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** In SNS's own words. */
export function invalidParameter(name: string, why: string): SnsError {
  return new SnsError("InvalidParameter", `Invalid parameter: ${name} Reason: ${why}`);
}

/** What the errors of requests as such are called there. */
const codesOfRequests: Readonly<Record<string, SnsErrorCode>> = {
  AccessDenied: "AuthorizationError",
  AuthorizationHeaderMalformed: "IncompleteSignature",
  InternalError: "InternalError",
  InvalidAccessKeyId: "InvalidClientTokenId",
  RequestTimeTooSkewed: "SignatureDoesNotMatch",
  ServiceUnavailable: "ServiceUnavailable",
  SignatureDoesNotMatch: "SignatureDoesNotMatch",
  SlowDown: "Throttled",
};

/** Whatever was thrown, as the answer that a client of SNS understands. Only an unexpected error becomes InternalError. */
export function asSnsError(thrown: unknown): SnsError {
  if (thrown instanceof SnsError) return thrown;
  if (thrown instanceof SignalboxError) {
    if (thrown.code === "not_found") return new SnsError("NotFound", thrown.message, { cause: thrown });
    if (thrown.code === "conflict") return new SnsError("InvalidState", thrown.message, { cause: thrown });
  }
  const error = asS3Error(thrown);
  return new SnsError(codesOfRequests[error.code] ?? "InvalidParameter", error.message, { cause: thrown });
}

export const snsNamespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/** Of a request that failed, by its id. */
export function snsFailure(error: SnsError, requestId: string): S3Answer {
  const status = snsErrorTable[error.code];
  const Type = status >= 500 ? "Receiver" : "Sender";
  const content = { Error: { Type, Code: error.code, Message: error.message }, RequestId: requestId };
  return {
    status,
    headers: {
      "content-type": "text/xml",
      "x-amzn-requestid": requestId,
      ...(status === 503 || status === 429 ? { "retry-after": "1" } : {}),
    },
    body: writeXml("ErrorResponse", content, { xmlns: snsNamespace }),
  };
}
