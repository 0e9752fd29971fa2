import { around, type PlatformOperation, type PlatformOptions } from "./around.ts";
import { Calls } from "./calls.ts";
import { keyed, type Operations, type PublishEventsRequest, places, raw, uploads } from "./host-operations.ts";
import { type StartedFunction, taskValue } from "./tasks.ts";
import { type CallOptions, type ClientOptions, defaults } from "./transport.ts";

export type { Operations as HostOperations } from "./host-operations.ts";

/** An event to be published. */
export type PlatformEvent = Extract<PublishEventsRequest, { readonly event_type: string }>;

/** What one event of many has started. */
export type PublishedMany = Extract<
  Operations["publishEvents"]["answer"],
  { readonly data: { readonly results: unknown } }
>["data"]["results"];

/** What was done has to be reported, also to a server that is being started again. */
const leastRetriesOfCommit = 6;
const longestHooksMs = 300_000;

/**
 * The host interface, for the platform's own services: `host.api` has one function for each operation of its document. `url` is that of its
 * listener, the token one of the role `host`, `tenant` the one to act in, for tokens of all tenants. Every POST takes an `Idempotency-Key`, so
 * all of them are tried again.
 */
export class HostClient extends Calls<Operations> {
  readonly api = this.functions();
  readonly #timeoutMs: number;
  readonly #retries: number;

  /** @throws TypeError and RangeError for options that cannot be meant. */
  constructor(options: ClientOptions) {
    super({ places, keyed, raw, uploads }, options);
    this.#timeoutMs = options.timeoutMs ?? defaults.timeoutMs;
    this.#retries = options.retries ?? defaults.retries;
  }

  /**
   * Publishes events of POST types in one commit and in their order, all of them or none. Resolves with what each of them has started, once they are
   * durable.
   *
   * @param events 1 to 1,000.
   * @throws ApiError `invalid_request`, whose `fields` name what is wrong by its place: `events[3].params.email`.
   */
  async publishMany(events: readonly PlatformEvent[], options: CallOptions = {}): Promise<PublishedMany> {
    const { data } = await this.api.publishEvents({ body: { events } }, options);
    return "results" in data ? data.results : [];
  }

  /** What a published event has started. @param taskId of `task_ids`. */
  task(taskId: string, options: Pick<CallOptions, "tenant" | "timeoutMs" | "retries"> = {}): StartedFunction {
    return {
      taskId,
      get: ({ timeoutMs, signal } = {}) =>
        taskValue(
          (waitMs) => {
            const calling = { ...options, timeoutMs: this.#longer(options.timeoutMs, waitMs) };
            return this.api.getTask(
              { task_id: taskId, wait_ms: waitMs },
              signal === undefined ? calling : { ...calling, signal },
            );
          },
          taskId,
          timeoutMs,
        ),
    };
  }

  /**
   * Runs an operation of the platform's own between its hooks and its POST event. The operation is begun with an intent: what dies in between is found out
   * by the resolver. Resolves with what the operation returned, once the POST event is durable. When the operation throws it is aborted, with
   * the error's message as the reason, and the error is thrown on.
   *
   * @param type what follows `PRE_` and `POST_`: `ORDER_CREATE`.
   * @param params as proposed: a plain JSON object that fits the PRE type.
   * @throws ApiError `hook_denied`, `hook_error`, `hook_failed`, `hook_recursion`, or `invalid_request` for the params or type: the operation was
   * not run. `not_announced`, with `data.operation_id` and `data.code`: it was done, but its POST event was refused (`fields` name what does not fit), or no
   * answer came after the retries, of which a commit has at least 6. The signal's reason when that aborted before the operation began.
   */
  around<T>(
    type: string,
    params: object,
    operation: PlatformOperation<T>,
    options: PlatformOptions<T> = {},
  ): Promise<T> {
    const { deadlineMs = longestHooksMs, timeoutMs, retries = Math.max(this.#retries, leastRetriesOfCommit) } = options;
    const { api } = this;
    const calls = {
      begin: (body, calling) =>
        api.beginOperation({ body }, { ...calling, timeoutMs: this.#longer(timeoutMs, deadlineMs) }),
      commit: (id, body, calling) => api.commitOperation({ operation_id: id, body }, { ...calling, retries }),
      abort: (id, reason, calling) => api.abortOperation({ operation_id: id, body: { reason } }, calling),
    } satisfies Parameters<typeof around>[0];
    return around(calls, { type, params, operation, options });
  }

  /** The time of one attempt whose answer is waited for at the server. */
  #longer(ownMs = this.#timeoutMs, waitMs: number): number {
    return ownMs === 0 ? 0 : Math.min(ownMs + waitMs, 2 ** 31 - 1);
  }
}
