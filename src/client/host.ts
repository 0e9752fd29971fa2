import { around, type PlatformOperation, type PlatformOptions } from "./around.ts";
import { Calls } from "./calls.ts";
import type { AnyEvents, GivenParams, HeardParams, OperationName } from "./event-params.ts";
import { keyed, type Operations, type PublishEventsRequest, places, raw, uploads } from "./host-operations.ts";
import { type StartedFunction, taskValue } from "./tasks.ts";
import { type CallOptions, type ClientOptions, defaults } from "./transport.ts";

export type { Operations as HostOperations } from "./host-operations.ts";

type AnyEvent = Extract<PublishEventsRequest, { readonly event_type: string }>;

/** An event to be published, of one of the types that `Events` has. */
export type PlatformEvent<Events extends object = AnyEvents> = {
  readonly [Name in keyof Events & string]: Omit<AnyEvent, "event_type" | "params"> & {
    readonly event_type: Name;
    readonly params: Events[Name];
  };
}[keyof Events & string];

/** What one event has started. `status` is `error` when a function of a PRE event could not be started: what it is about is not to be done then. */
export type PublishedOne = Exclude<
  Operations["publishEvents"]["answer"],
  { readonly data: { readonly results: unknown } }
>;

/** For whom and about what an event is. */
export interface PublishOptions
  extends Pick<CallOptions, "tenant" | "timeoutMs" | "retries" | "signal" | "idempotencyKey">,
    Pick<AnyEvent, "user" | "app" | "resource"> {}

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
 *
 * @template Events params by event type, for {@link publish}, {@link publishMany} and {@link around}: `new HostClient<EventParams>(…)`, with what
 * `signalbox types` has written. Absent: any type with any params.
 */
export class HostClient<Events extends object = AnyEvents> extends Calls<Operations> {
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
   * Publishes one event. Resolves with what it has started: of a POST type once it is durable, of a PRE type with the hooks that are asked, whose verdicts
   * {@link task} waits for.
   *
   * @throws ApiError `invalid_request`, whose `fields` name what does not fit: `params.email`.
   */
  async publish<Name extends keyof Events & string>(
    type: Name,
    params: Events[Name],
    { user, app, resource, ...options }: PublishOptions = {},
  ): Promise<PublishedOne> {
    const body = { event_type: type, params: params as AnyEvent["params"], user, app, resource };
    return (await this.api.publishEvents({ body }, options)) as PublishedOne;
  }

  /**
   * Publishes events of POST types in one commit and in their order, all of them or none. Resolves with what each of them has started, once they are
   * durable.
   *
   * @param events 1 to 1,000.
   * @throws ApiError `invalid_request`, whose `fields` name what is wrong by its place: `events[3].params.email`.
   */
  async publishMany(events: readonly PlatformEvent<Events>[], options: CallOptions = {}): Promise<PublishedMany> {
    const body = { events: events as readonly AnyEvent[] };
    const { data } = await this.api.publishEvents({ body }, options);
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
  around<T, Name extends OperationName<Events> = OperationName<Events>>(
    type: Name,
    params: GivenParams<Events, `PRE_${Name}`>,
    operation: PlatformOperation<T, HeardParams<Events, `PRE_${Name}`>>,
    options: PlatformOptions<T, GivenParams<Events, `POST_${Name}`>> = {},
  ): Promise<T> {
    const { deadlineMs = longestHooksMs, timeoutMs, retries = Math.max(this.#retries, leastRetriesOfCommit) } = options;
    const { api } = this;
    const calls = {
      begin: (body, calling) =>
        api.beginOperation({ body }, { ...calling, timeoutMs: this.#longer(timeoutMs, deadlineMs) }),
      commit: (id, body, calling) => api.commitOperation({ operation_id: id, body }, { ...calling, retries }),
      abort: (id, reason, calling) => api.abortOperation({ operation_id: id, body: { reason } }, calling),
    } satisfies Parameters<typeof around>[0];
    // What the types say of params the server holds them to.
    return around(calls, {
      type,
      params: params as object,
      operation: operation as PlatformOperation<T>,
      options: options as PlatformOptions<T>,
    });
  }

  /** The time of one attempt whose answer is waited for at the server. */
  #longer(ownMs = this.#timeoutMs, waitMs: number): number {
    return ownMs === 0 ? 0 : Math.min(ownMs + waitMs, 2 ** 31 - 1);
  }
}
