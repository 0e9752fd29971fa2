import type { EventType } from "../../domain/built-in-events.ts";
import { invalidField } from "../../errors.ts";
import type { PublishResult } from "../../platform/host/answer.ts";
import type { AroundOptions, HostOperation } from "./around.ts";
import type { PublishedEvent } from "./event.ts";
import type { Library } from "./library.ts";
import type { PublishOptions } from "./publish-event.ts";
import type { PendingEvent, PublishInOptions } from "./publish-in.ts";
import { type Handle, libraryOf } from "./running.ts";
import type { TaskValue } from "./task-result.ts";
import type { Transaction } from "./transaction.ts";

/**
 * What may be done around: `ORDER_CREATE` where the host has the type `POST_ORDER_CREATE`, and what the built-in types are about. Any text where
 * TypeScript does not know the host's types.
 */
export type Operation<Name extends string> = string extends Name
  ? string
  : Name | EventType extends infer N
    ? N extends `POST_${infer Pair}`
      ? Pair
      : never
    : never;

export interface EventServiceOptions<Name extends string = string> {
  /** Whose events these are. Absent: the tenant `default`, or where there is none of that name the only one, at each call. */
  readonly tenant?: string;
  /** What `start` gave. Absent: the only Signalbox that runs in this process, at each call. */
  readonly signalbox?: Handle<Name>;
}

/** What {@link EventService.publishEvent} started, to be waited for. */
export interface TaskResult {
  readonly taskId: string;
  /**
   * Waits for the end. Of a hook: resolves with its verdict, `{ decision: "allow", patch? }`. Of a function on a POST event:
   * resolves with what it returned once it has succeeded, through retries and restarts; `undefined` when that was longer than 16 KiB.
   *
   * @param options.timeoutMs how long to wait: 0 (look once) to 2,147,483,647; default 300,000.
   * @throws SignalboxError `hook_denied`, `hook_error` or `hook_failed` of a hook, with `data` (function_id, function_name, function_slug,
   * invocation_id); `function_failed` when a function's retries are used up; `timeout`; `not_found` for a task that is not known: a
   * hook more than ten minutes after its end, or an event that is no longer kept.
   */
  get(options?: { readonly timeoutMs?: number }): Promise<TaskValue>;
}

/**
 * Publishes events of a tenant, from within the program that runs Signalbox. Services in other processes do the same by the host
 * interface; no public endpoint publishes events.
 *
 * Every method throws SignalboxError `unavailable` when no Signalbox runs in this process or it is stopping, `conflict` when
 * several run and none was given (or there are several tenants, none of them `default`, and none was named), and `not_found` for a
 * tenant that does not exist.
 */
export class EventService<Name extends string = string> {
  readonly #tenant: string | undefined;
  readonly #signalbox: Handle<Name> | undefined;

  constructor({ tenant, signalbox }: EventServiceOptions<Name> = {}) {
    if (tenant !== undefined && (typeof tenant !== "string" || tenant === "")) {
      throw invalidField("tenant", "must be the id of a tenant");
    }
    this.#tenant = tenant;
    this.#signalbox = signalbox;
  }

  /**
   * Publishes an event, and tells which functions it gave rise to.
   *
   * Of a POST event: resolves when it is durable; its functions run then, are retried, and their errors do not concern the caller.
   *
   * Of a PRE event: resolves when its hooks have been started, those of both waves; wait for each with {@link taskResult}, and do
   * what the event is about only if none of them throws. What they patched is in their verdicts. {@link around} does all of that.
   * When a function cannot be started at all the answer has the status `error`.
   *
   * @throws SignalboxError `invalid_request` when there is no such type or the params do not fit it: nothing has happened then.
   */
  async publishEvent(event: PublishedEvent, options: PublishOptions = {}): Promise<PublishResult> {
    const { library, tenant } = await this.#reached();
    return library.publishEvent({ tenant, event, options });
  }

  /**
   * Publishes a POST event in a transaction of the host's own, by one INSERT into the inbox that `signalbox inbox install` made there: the event
   * is published exactly if that transaction commits. The process that `SIGNALBOX_INBOX` is set for moves it.
   *
   * @param tx what the transaction is spoken with by: a client of `pg` between BEGIN and COMMIT, or an adapter of docs/inbox.md.
   * @throws SignalboxError `invalid_request` when there is no such type or the params do not fit it, `not_found` for an app: no statement was
   * run then, and the transaction can go on. Whatever the statement throws: the transaction is to be rolled back.
   */
  async publishIn(tx: Transaction, event: PublishedEvent, options: PublishInOptions = {}): Promise<PendingEvent> {
    const { library, tenant } = await this.#reached();
    return library.publishIn({ tenant, tx, event, options });
  }

  /** @param taskId of {@link publishEvent}. */
  taskResult(taskId: string): TaskResult {
    return {
      taskId,
      get: async (options = {}) => {
        const { library, tenant } = await this.#reached();
        return library.taskValue({ ...options, tenant, taskId });
      },
    };
  }

  /**
   * Runs an operation of the host's own between its hooks and its POST event, so that nothing which the host committed goes
   * unannounced, even if the process dies in between (see `Host.resolve`). Resolves with what the operation returned, once the POST
   * event is durable; should the store be unable to take it just then, it is committed as soon as that can be done.
   *
   * When the operation throws, `Host.resolve` is asked whether it was done all the same (its POST event is published then); without
   * a `resolve` it counts as not done. The error is thrown on in any case.
   *
   * @param type what follows `PRE_` and `POST_`: `ORDER_CREATE`. The POST type must exist; without a PRE type there are no hooks.
   * @param params as proposed: a plain JSON object that fits the PRE type.
   * @throws SignalboxError `hook_denied`, `hook_error`, `hook_failed`, `hook_recursion`, or `invalid_request` for the params or type: the operation
   * was not begun. `not_announced` (status 500) with `data.operation_id`: the operation was done, but what it returned does not fit the
   * POST type. `Host.resolve` is asked for the params then, at once and again until it can tell them; `data.announced` says whether it has.
   */
  async around<T>(
    type: Operation<Name>,
    params: object,
    operation: HostOperation<T>,
    options: AroundOptions<T> = {},
  ): Promise<T> {
    const { library, tenant } = await this.#reached();
    return library.around({ tenant, type, params, operation, options });
  }

  async #reached(): Promise<{ readonly library: Library; readonly tenant: string }> {
    const library = libraryOf(this.#signalbox);
    return { library, tenant: this.#tenant ?? (await library.usualTenant()) };
  }
}
