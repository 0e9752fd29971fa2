import { ApiError } from "./failure.ts";
import type { BeginOperationRequest, Operations } from "./host-operations.ts";
import type { CallOptions } from "./transport.ts";

/** An operation of a platform between its hooks and its POST event, whatever is lost on the way. */

export interface AgreedOperation {
  /** To be kept with what the operation writes, in the same transaction: by it the resolver finds out what became of it. */
  readonly operationId: string;
  /** Hooks that failed and need not have agreed: `Function 'x' failed and was passed over: timeout`. */
  readonly warnings: readonly string[];
}

/**
 * Does what the event type is about. Gets the params as the hooks left them, without what is sensitive: that is the caller's to know. Must
 * either have committed when it resolves, or throw having changed nothing.
 */
export type PlatformOperation<T, Params = Readonly<Record<string, unknown>>> = (
  params: Params,
  agreed: AgreedOperation,
) => Promise<T> | T;

export interface PlatformOptions<T, Posted = object> extends Pick<CallOptions, "tenant" | "timeoutMs" | "retries"> {
  /** Whom it is done for: a name, or an object with a `username` or `name`. */
  readonly user?: BeginOperationRequest["user"];
  /** Slug of the only app whose functions take part. */
  readonly app?: string;
  /** Uuid of the resource that it is about. */
  readonly resource?: string;
  /** For all hooks together, 1 to 300,000 ms. Absent: what the server has. */
  readonly deadlineMs?: number;
  /** How long the operation may take before the resolver is asked, 1,000 to 86,400,000 ms. Absent: 600,000. */
  readonly reportWithinMs?: number;
  /** Params of the POST event, from what the operation returned. Absent: that itself, a plain JSON object. */
  readonly post?: (returned: T) => Posted;
  /** Whether what the operation threw leaves it open if it was done, as a connection that was lost in a COMMIT: it is not aborted then, and the resolver is asked. */
  readonly unknownOn?: (thrown: unknown) => boolean;
  /** Aborts when the caller waits no more for the hooks. The operation, once begun, is ended and reported all the same. */
  readonly signal?: AbortSignal;
}

interface AskedOperation<T> {
  readonly type: string;
  readonly params: object;
  readonly operation: PlatformOperation<T>;
  readonly options: PlatformOptions<T>;
}

/** Of the host interface. */
interface OperationCalls {
  begin(body: BeginOperationRequest, options: CallOptions): Promise<Operations["beginOperation"]["answer"]["data"]>;
  commit(
    id: string,
    body: Operations["commitOperation"]["body"],
    options: CallOptions,
  ): Promise<Operations["commitOperation"]["answer"]["data"]>;
  abort(id: string, reason: string, options: CallOptions): Promise<unknown>;
}

const longestReason = 500;

/** See `HostClient.around`. */
export async function around<T>(
  calls: OperationCalls,
  { type, params, operation, options: { post, unknownOn, signal, ...options } }: AskedOperation<T>,
): Promise<T> {
  const { user, app, resource, deadlineMs, reportWithinMs, ...calling } = options;
  const begun = await calls.begin(
    {
      event: type,
      params: params as Readonly<Record<string, unknown>>,
      user,
      app,
      resource,
      deadline_ms: deadlineMs,
      report_within_ms: reportWithinMs,
      intent: true,
    },
    signal === undefined ? calling : { ...calling, signal },
  );
  const id = begun.operation_id;
  let returned: T;
  try {
    signal?.throwIfAborted();
    returned = await operation(begun.params, { operationId: id, warnings: begun.warnings });
  } catch (thrown) {
    // What the caller has to know is why it failed: an abort that does not get through leaves the operation to the resolver.
    if (unknownOn?.(thrown) !== true) await calls.abort(id, reasonOf(thrown), calling).catch(() => {});
    throw thrown;
  }
  try {
    const done = (post === undefined ? returned : post(returned)) as Readonly<Record<string, unknown>>;
    await calls.commit(id, { params: done, resource }, calling);
  } catch (thrown) {
    throw notAnnounced(type, id, thrown);
  }
  return returned;
}

function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return Array.from(text === "" ? "the operation failed" : text, (one) => one)
    .slice(0, longestReason)
    .join("");
}

/** The reader must not think that nothing was done. */
function notAnnounced(type: string, id: string, thrown: unknown): ApiError {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const failed = thrown instanceof ApiError ? thrown : undefined;
  const { status = 0, code, fields = [], requestId } = failed ?? {};
  const isAnswered = failed === undefined || (status >= 400 && status < 500);
  const what = isAnswered
    ? `POST_${type} could not be published`
    : `whether POST_${type} was published is not known, because no answer came`;
  const isOver = code === "conflict" || code === "not_found";
  const sequel = isOver
    ? ""
    : ". Report it again by commitOperation; the resolver is asked what became of it meanwhile";
  return new ApiError(`${type} '${id}' was done, but ${what}: ${cause.message}${sequel}`, {
    code: "not_announced",
    status,
    fields,
    data: { operation_id: id, ...(code === undefined ? {} : { code }) },
    requestId,
    cause,
  });
}
