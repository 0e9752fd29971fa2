/**
 * Every error a caller can meet, by code. Users match on the code; messages may improve.
 * `status` is the HTTP answer of our own API; the S3 endpoint has S3's own table (`faces/s3/wire/errors.ts`).
 */
export const errorTable = {
  invalid_request: { status: 400, retryable: false },
  invalid_filter: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  /** The caller's role may not use this route at all; what a caller may not *see* is `not_found`. */
  forbidden: { status: 403, retryable: false },
  /** A page of another site asked, in the name of who is logged in here. */
  cross_site: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  /** The body came more slowly than it may. */
  too_slow: { status: 408, retryable: true },
  /** Other things depend on what would go: they are named. */
  in_use: { status: 409, retryable: false },
  /** The filters of subscriptions, which are named, could not be read any more. */
  breaks_filters: { status: 409, retryable: false },
  precondition_failed: { status: 412, retryable: false },
  too_large: { status: 413, retryable: false },
  /** None of the bytes that were asked for is there. */
  range_not_satisfiable: { status: 416, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  /** The caller's share of a bounded resource is used up: try again a little later. */
  too_many_requests: { status: 429, retryable: true },
  /** A quota of the tenant is used up: something has to go, or the operator has to raise it. */
  quota_exceeded: { status: 409, retryable: false },
  internal: { status: 500, retryable: true },
  /** Starting, stopping, or out of a bounded resource: try again. */
  unavailable: { status: 503, retryable: true },
  /** A hook refused the operation. */
  hook_denied: { status: 400, retryable: false },
  /** A hook threw an error of its own, which refuses the operation. */
  hook_error: { status: 400, retryable: false },
  /** A hook that has to agree gave no verdict: it failed, was too slow, or could not be run. Nothing was changed. */
  hook_failed: { status: 503, retryable: true },
  /**
   * A host's operation was done, but its POST event could not be made of what it returned. Not to be tried again: it would be done twice.
   */
  not_announced: { status: 500, retryable: false },
  /** A function on a POST event failed, and its retries are used up: it is a dead letter. */
  function_failed: { status: 502, retryable: false },
  /** The caller waited as long as it wanted to; the work goes on. */
  timeout: { status: 504, retryable: true },
  /** A function asked for what it would itself be run for, or causes and effects became too many. */
  hook_recursion: { status: 409, retryable: false },
  /** The database or an object's bytes are not what was written: the operator has to put them back. */
  storage_damaged: { status: 500, retryable: false },
  /** The disk, or a quota on it, is full. Nothing was changed. */
  storage_full: { status: 507, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorTable;

/** One field of the request that is wrong: `path` as a JSON path without `$.` (`backoff.schedule_ms[0]`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface FailureFacts {
  readonly fields?: readonly FieldError[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An expected failure with a stable `code`. The message names the field and the remedy. */
export class SignalboxError extends Error {
  override readonly name = "SignalboxError";
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  /** `data` of the answer. */
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: FailureFacts = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? [];
    this.data = options.data;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** A 400 about one field. */
export function invalidField(path: string, message: string): SignalboxError {
  return new SignalboxError("invalid_request", `${path}: ${message}`, { fields: [{ path, message }] });
}

export function notFound(what: string): SignalboxError {
  return new SignalboxError("not_found", `${what} does not exist`);
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
