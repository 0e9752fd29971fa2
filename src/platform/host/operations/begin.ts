import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import { withoutSensitive } from "../../../domain/prepared-event-type.ts";
import { invalidField, notFound, SignalboxError } from "../../../errors.ts";
import type { Allowed, HookedOperation } from "../../../hooks/guard.ts";
import { commitUnit, type Ending, operate, resultOf, type Several } from "../../../hooks/operate.ts";
import type { Intent } from "../../../store/records.ts";
import type { Unit } from "../../../store/unit.ts";
import { freshId } from "../../deps.ts";
import { givenResource } from "../announce.ts";
import { type Caller, type CallerInput, callerOf } from "../caller.ts";
import { plainParams } from "../plain-params.ts";

/**
 * An operation of a host's own, between its hooks and its POST event, whatever way it is asked for:
 *
 *   hooks ─▶ one commit: decision and intent ─▶ operation, in the host's own transaction ─▶ one commit: POST event, end of the intent
 *
 * No lock of ours is held while the hooks or the operation run. Wherever a process dies, either the operation has not been begun, or
 * the intent tells that the host is to be asked what became of it.
 */

/** What the verbs on operations of hosts work with. */
export type HostOperationContext = Pick<Context, "store" | "publish" | "guard" | "catalog" | "clock" | "log" | "inbox">;

/** What a host is about to do. */
interface OperationProposal extends CallerInput {
  readonly tenant: string;
  /** What follows `PRE_` and `POST_`: `ORDER_CREATE`. */
  readonly type: string;
  /** What `type` is called where it was said, for refusals. Default `type`. */
  readonly typeField?: string;
  /** A plain JSON object. */
  readonly params: unknown;
  /** Uuid of what it is about. */
  readonly resource?: string;
  readonly origin: Intent["origin"];
  /** Its id. Absent: a new one. */
  readonly operation?: string;
  /** For both waves of hooks together, in ms. */
  readonly chainMs?: number;
  /** Aborts when the caller waits no more: the hooks are cancelled. */
  readonly signal?: AbortSignal;
}

/** What becomes of its beginning. */
interface Beginning {
  /** What is to be known of its intent beside the operation. Absent: none is kept. */
  readonly intent?: Pick<Intent, "node" | "askMs" | "transaction">;
  /** What else belongs into the commit. */
  readonly also?: (begun: BegunOperation) => Pick<Unit, "conditions" | "changes">;
}

export interface BegunOperation {
  /** The params are as the hooks left them, without what is sensitive. */
  readonly intent: Intent;
  /** Hooks that failed and need not have agreed: `Function 'x' failed and was passed over: timeout`. */
  readonly warnings: readonly string[];
}

/**
 * Asks the hooks, and makes durable what they decided, with the intent. When that commit does not come about, functions whose hooks
 * ran are notified.
 *
 * @throws SignalboxError what `Guard.check` throws; `invalid_request` when there is no such pair of types, or something is not of its form;
 * `not_found` for an unknown tenant or app; `quota_exceeded`; `unavailable` when the caller went away.
 */
export async function beginOperation(
  context: HostOperationContext,
  proposed: OperationProposal,
  { intent: kept, also = () => ({}) }: Beginning,
): Promise<BegunOperation> {
  const { store, clock, catalog } = context;
  const { tenant, type, origin, signal, chainMs } = proposed;
  const post = catalog.get(`POST_${type}`);
  const hooked = catalog.get(`PRE_${type}`) !== undefined;
  if (post === undefined && (kept !== undefined || !hooked)) throw noPair(proposed, catalog.names);
  const params = plainParams("params", proposed.params);
  const resource = givenResource(proposed.resource);
  const caller = await callerOf(store, tenant, proposed);
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  const operation = proposed.operation ?? freshId(clock);
  const carryOut = async (allowed: Agreed): Promise<Ending<BegunOperation>> => {
    if (signal?.aborted === true) throw new SignalboxError("unavailable", "the caller went away");
    const { user, app } = caller;
    const begun: BegunOperation = {
      intent: {
        operation,
        tenant,
        type,
        params: allowed.params,
        ...defined({ user, app }),
        ...resource,
        ran: allowed.ran,
        createdMs: clock.now(),
        origin,
        asked: 0,
        ...kept,
      },
      warnings: allowed.warnings,
    };
    const { conditions = [], changes = [] } = also(begun);
    const adds = kept === undefined ? [] : [{ do: "intent.add", intent: begun.intent } as const];
    const unit = { conditions, changes: [...adds, ...allowed.changes, ...changes] };
    if (unit.changes.length === 0) return { kind: "done", result: begun };
    return commitUnit(context.publish, unit, begun);
  };
  if (post !== undefined && !hooked) {
    return resultOf(await carryOut({ ...nobodyAsked, params: withoutSensitive(post, params) }));
  }
  const asked: HookedOperation = {
    tenant,
    type: `PRE_${type}`,
    params,
    ...caller,
    ...resource,
    operation,
    origin,
    ...defined({ signal, chainMs }),
  };
  const carried = ([allowed]: Several<Allowed>): Promise<Ending<BegunOperation>> => carryOut(allowed);
  return resultOf(await operate(context, { operations: [asked], carryOut: carried, reasonOf }));
}

type Agreed = Pick<Allowed, "params" | "warnings" | "ran" | "changes">;

const nobodyAsked = { warnings: [], ran: [], changes: [] } satisfies Omit<Agreed, "params">;

/** As it stands in its intent, for those who are told of its end. */
export function hookedOperationOf(intent: Intent, caller: Caller): HookedOperation {
  const { operation, tenant, type, params, chain, origin, resource } = intent;
  return { tenant, type: `PRE_${type}`, params, operation, origin, ...caller, ...defined({ chain, resource }) };
}

/** For functions: an unexpected error may say more than concerns them. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof SignalboxError && thrown.code !== "internal" ? thrown.message : "it failed";
}

function noPair({ type, typeField = "type" }: OperationProposal, names: readonly string[]): SignalboxError {
  const pairs = names.filter((name) => name.startsWith("POST_")).map((name) => name.slice("POST_".length));
  return invalidField(
    typeField,
    `'${type}' must be what follows PRE_ and POST_ in a pair of event types: ${pairs.join(", ")}`,
  );
}
