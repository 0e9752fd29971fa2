/** What can go wrong with a request. */

/** A field of the request that is wrong. */
export interface FieldProblem {
  /** Such as `backoff.schedule_ms[0]`. */
  readonly path: string;
  readonly message: string;
}

interface FailureFacts {
  readonly code: string;
  readonly status: number;
  readonly fields?: readonly FieldProblem[];
  readonly data?: unknown;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A request that did not succeed, after whatever retries it may have had. */
export class ApiError extends Error {
  /**
   * Stable: match on this. Signalbox's own codes; `network` when there was no answer, `timeout` when it took too long, `unexpected_answer` when
   * what answered is no Signalbox (a proxy before it, as a rule).
   */
  readonly code: string;
  /** Of the HTTP answer; 0 when there was none. */
  readonly status: number;
  /** What is wrong with which field; empty when it is not about fields. */
  readonly fields: readonly FieldProblem[];
  /** What else the answer says of it: of a hook's refusal which function, and why. */
  readonly data: unknown;
  /** `x-request-id` of the answer: the server's log has it too. */
  readonly requestId: string | undefined;
  /** For how long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, facts: FailureFacts) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.name = "ApiError";
    this.code = facts.code;
    this.status = facts.status;
    this.fields = facts.fields ?? [];
    this.data = facts.data;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The error that an answer which is no success tells of. @param body parsed, if it is JSON. */
export function failureOf(response: Response, body: unknown): ApiError {
  const { status, headers } = response;
  const facts = { status, requestId: headers.get("x-request-id") ?? undefined, retryAfterMs: retryAfterOf(headers) };
  const said = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const message =
    typeof said["message"] === "string" ? said["message"] : `HTTP ${status} ${response.statusText}`.trim();
  if (typeof said["code"] === "string") {
    const fields = Array.isArray(said["fields"]) ? (said["fields"] as FieldProblem[]) : [];
    return new ApiError(message, { ...facts, code: said["code"], fields, data: said["data"] });
  }
  // The notifications face says what is wrong in words alone.
  const known = said["status"] === "error" ? codeOf(status) : "unexpected_answer";
  return new ApiError(message, { ...facts, code: known, data: said["result"] });
}

const codes: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  412: "precondition_failed",
  413: "too_large",
  415: "unsupported_media_type",
  429: "too_many_requests",
  503: "unavailable",
};

function codeOf(status: number): string {
  return codes[status] ?? (status < 500 ? "invalid_request" : "internal");
}

/** In milliseconds; `undefined` when the server did not ask for any wait. */
function retryAfterOf(headers: Headers): number | undefined {
  const said = headers.get("retry-after");
  if (said === null) return undefined;
  if (/^\d{1,9}$/.test(said)) return Number(said) * 1_000;
  const at = Date.parse(said);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
