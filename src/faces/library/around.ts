import { defined } from "../../domain/defined.ts";
import { withoutSensitive } from "../../domain/event-types.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { asError, notFound, SignalboxError } from "../../errors.ts";
import type { Allowed } from "../../hooks/guard.ts";
import { freshId } from "../../platform/deps.ts";
import { givenResource } from "../../platform/host/announce.ts";
import { type CallerInput, callerOf } from "../../platform/host/caller.ts";
import { plainParams } from "../../platform/host/plain-params.ts";
import type { Intent } from "../../store/records.ts";
import { type IntentEnd, type Intents, reasonOf } from "./intents.ts";
import type { LibraryContext } from "./library-context.ts";

/**
 * An operation of the host's own, between its hooks and its POST event:
 *
 *   hooks ─▶ one commit: decision and intent ─▶ operation, in the host's own transaction ─▶ one commit: POST event, end of the intent
 *
 * No lock of ours is held while the hooks or the operation run. Wherever the process dies, either the operation has not been
 * begun, or the intent tells the next start to ask the host what became of it.
 */

export interface OperationContext {
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
  const { intent, allowed } = await agreed(context, asked, cut);
  try {
    if (options.signal?.aborted === true) throw new SignalboxError("unavailable", "the caller went away");
    await intents.add(intent, allowed.changes);
  } catch (thrown) {
    await intents.aborted(intent, reasonOf(thrown), allowed.changes);
    throw thrown;
  }
  let returned: T;
  try {
    returned = await operation(intent.params, { operationId: intent.operation, warnings: allowed.warnings });
  } catch (thrown) {
    await intents.thrown(intent, thrown);
    throw thrown;
  }
  try {
    const params: unknown = options.post === undefined ? returned : options.post(returned);
    await intents.committed(intent, intents.postEvent(intent, params, options.resource));
  } catch (thrown) {
    const cause = asError(thrown);
    throw notAnnounced(intent, cause, await intents.notAnnounced(intent, cause.message));
  }
  return returned;
}

/** Asks the hooks. @throws what `Guard.check` does; `invalid_request` when there is no such pair. */
async function agreed<T>(
  { catalog, store, cluster, guard, clock }: LibraryContext,
  { tenant, type, params, options }: Around<T>,
  cut: AbortSignal,
): Promise<{ readonly intent: Intent; readonly allowed: Agreed }> {
  const post = catalog.get(`POST_${type}`);
  if (post === undefined) throw noPair(type, catalog.names);
  const proposed = plainParams("params", params);
  const resource = givenResource(options.resource);
  const caller = await callerOf(store, tenant, options);
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  const operation = freshId(clock);
  const hooked = catalog.get(`PRE_${type}`) !== undefined;
  const signal = options.signal === undefined ? cut : AbortSignal.any([options.signal, cut]);
  const asked = {
    tenant,
    type: `PRE_${type}`,
    params: proposed,
    ...caller,
    ...resource,
    operation,
    origin: "library",
    signal,
  };
  const allowed = hooked ? await guard.check(asked) : { params: withoutSensitive(post, proposed), ...nobodyAsked };
  const { user, app } = caller;
  const intent = {
    operation,
    tenant,
    type,
    params: allowed.params,
    ...defined({ user, app }),
    ran: allowed.ran,
    createdMs: clock.now(),
    node: cluster.node,
  };
  return { intent, allowed };
}

type Agreed = Pick<Allowed, "params" | "warnings" | "ran" | "changes">;

const nobodyAsked = { warnings: [], ran: [], changes: [] } satisfies Omit<Agreed, "params">;

function noPair(type: string, names: readonly string[]): SignalboxError {
  const pairs = names.filter((name) => name.startsWith("POST_")).map((name) => name.slice("POST_".length));
  const message = `must be what follows PRE_ and POST_ in a pair of event types: ${pairs.join(", ")}`;
  return new SignalboxError("invalid_request", `type: '${type}' ${message}`, { fields: [{ path: "type", message }] });
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
