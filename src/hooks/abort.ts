import { defined } from "../domain/defined.ts";
import type { NewEvent } from "../domain/event.ts";
import { kindOf, kinds, newUuid, parseUuid, type Uuid, uuidV7 } from "../domain/ids.ts";
import type { LifecycleData, Params } from "../domain/lifecycle.ts";
import { asError } from "../errors.ts";
import type { HookContext } from "./hook-context.ts";
import { type HookedOperation, operationName } from "./plan.ts";

/** Of what may come from anywhere. Longer than the message of a denial. */
const longestReason = 1_000;

/** What did not happen after all, although functions had run for it. */
interface Abort {
  readonly proposed: HookedOperation;
  /** Operation id. */
  readonly operation: string;
  readonly params: Params;
  /** Functions whose hooks ran. */
  readonly ran: readonly number[];
  readonly reason: string;
}

/** What tells of it: one event or none. What a host's own event type does not take is logged, and keeps nothing else from its commit. */
export function abortEvents(
  context: Pick<HookContext, "catalog" | "clock" | "log">,
  abort: Abort,
): readonly NewEvent[] {
  try {
    const event = abortEvent(context, abort);
    return event === undefined ? [] : [event];
  } catch (thrown) {
    const { tenant, type } = abort.proposed;
    const about = { tenant, operation: abort.operation, eventType: type, error: asError(thrown).message };
    context.log.error(about, "an abort does not fit the event type that would tell of it");
    return [];
  }
}

/** `USER_CREATE_ABORTED`, for the functions whose hooks ran before a `PRE_USER_CREATE` came to nothing; if there is such a type. */
function abortEvent(
  { catalog, clock }: Pick<HookContext, "catalog" | "clock">,
  { proposed, operation, params, ran, reason }: Abort,
): NewEvent | undefined {
  const name = operationName(proposed.type);
  const definition = name === undefined ? undefined : catalog.get(`${name}_ABORTED`);
  if (definition === undefined || ran.length === 0) return undefined;
  const { tenant, user, app, actor, origin, chain } = proposed;
  const moment = { nowMs: clock.now(), bytes: clock.bytes(10) };
  const data: LifecycleData = {
    params: catalog.prepare(definition.name, { ...params, reason: reason.slice(0, longestReason) }),
    ...defined({ user, app }),
    operation,
    only: ran,
    ...defined({ chain }),
  };
  return {
    id: uuidV7(moment),
    tenant,
    resource:
      proposed.resource ?? wouldBe(operation, definition.resource) ?? newUuid(kindOf(definition.resource), moment),
    names: { lifecycle: definition.name },
    ...defined({ actor }),
    origin,
    timeMs: moment.nowMs,
    data: data as unknown as NewEvent["data"],
  };
}

/**
 * A name for what was never made: the operation's own id with the kind of thing that it would have become. Unlike a fresh uuid it
 * leads back to the operation, and all events of one operation are about one resource. `undefined` when a host's operation
 * id has not the form.
 */
function wouldBe(operation: string, resource: string): Uuid | undefined {
  return parseUuid(`${operation}-${kinds[kindOf(resource)]}`);
}
