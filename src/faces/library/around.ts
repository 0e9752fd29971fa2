import type { Params } from "../../domain/lifecycle.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { CallerInput } from "../../platform/host/caller.ts";
import { postEvent } from "../../platform/host/operations/end.ts";
import type { Intent } from "../../store/records.ts";
import type { IntentEnd, Intents } from "./intents.ts";
import type { LibraryContext } from "./library-context.ts";
import { OperationTransaction, type TransactionNotes } from "./operation-transaction.ts";

/** An operation that a program does in the process that runs Signalbox, between its hooks and its POST event. */

export interface OperationContext extends TransactionNotes {
  /** To be kept with what the operation writes: by it `resolve` finds out what became of it. */
  readonly operationId: string;
  /** Hooks that failed and need not have agreed: `Function 'x' failed and was passed over: timeout`. */
  readonly warnings: readonly string[];
}

/**
 * Does what the event type is about. Gets the params as the hooks left them, without what is sensitive: that is the caller's to
 * know. Must either have committed when it resolves, or throw having changed nothing.
 */
export type HostOperation<T> = (params: Params, context: OperationContext) => Promise<T> | T;

export interface AroundOptions<T> extends CallerInput {
  /** Params of the POST event, from what the operation returned. Absent: that itself, a plain JSON object. */
  readonly post?: (returned: T) => object;
  /**
   * The operation promises to call `context.done` (or `begin`) in each transaction of its own before that commits. Then what became of it is always found
   * out from PostgreSQL after a crash: no transaction noted, nothing done. Default false.
   */
  readonly noted?: boolean;
  /** As in `PublishOptions`. */
  readonly resource?: string;
  /** Aborts when the caller waits no more. Hooks under way are cancelled; the operation, once begun, is not. */
  readonly signal?: AbortSignal;
}

export interface Around<T> {
  readonly tenant: string;
  /** `ORDER_CREATE`. */
  readonly type: string;
  readonly params: object;
  readonly operation: HostOperation<T>;
  readonly options: AroundOptions<T>;
}

/** @param cut aborts when the process waits no longer. */
export async function around<T>(
  context: LibraryContext,
  intents: Intents,
  asked: Around<T>,
  cut: AbortSignal,
): Promise<T> {
  const { operation, options } = asked;
  const { intent, warnings } = await intents.begin(asked, cut);
  const transaction = new OperationTransaction(context, intent);
  const notes: TransactionNotes = {
    begin: (tx) => transaction.begin(tx),
    done: (tx, params, given) => transaction.done(tx, params, given),
  };
  let returned: T;
  try {
    returned = await operation(intent.params, { operationId: intent.operation, warnings, ...notes });
  } catch (thrown) {
    await intents.thrown(intent, thrown);
    throw thrown;
  }
  if (transaction.isWritten) {
    await intents.committing(intent);
    return returned;
  }
  try {
    const params: unknown = options.post === undefined ? returned : options.post(returned);
    await intents.committed(intent, postEvent(context, intent, { params, resource: options.resource }));
  } catch (thrown) {
    const cause = asError(thrown);
    throw notAnnounced(intent, cause, await intents.notAnnounced(intent, cause.message));
  }
  return returned;
}

/** The reader must not think that nothing was done. */
function notAnnounced({ type, operation }: Intent, cause: Error, settled: IntentEnd): SignalboxError {
  const message = `${type} was done, but POST_${type} could not be made of what the operation returned: ${cause.message}. ${remedy} ${sequel[settled]}`;
  return new SignalboxError("not_announced", message, {
    cause,
    fields: cause instanceof SignalboxError ? cause.fields : [],
    data: { operation_id: operation, done: settled !== "aborted", announced: settled === "announced" },
  });
}

const remedy =
  "Map it by the option `post`: database drivers return bigint and numeric as texts, which Number() makes numbers of.";

const sequel: Readonly<Record<IntentEnd, string>> = {
  announced: "The event was published with what resolve told",
  aborted: "resolve says that it was not done after all",
  unresolved: "resolve is asked again until it can tell",
  unasked: "Its intent is kept as unresolved, because start() was not given a resolve function",
};
