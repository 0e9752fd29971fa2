import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import type { NewEvent } from "../../../domain/event.ts";
import type { EndedOperation, Intent } from "../../../store/records.ts";
import type { Change, Commit, Condition } from "../../../store/unit.ts";
import { announce, givenResource } from "../announce.ts";
import { actorIn, type Caller } from "../caller.ts";
import { plainParams } from "../plain-params.ts";
import { type HostOperationContext, hookedOperationOf } from "./begin.ts";

/** The two ends of an operation of a host's own, each one commit. */

/** The POST event of what was done. @throws SignalboxError `invalid_request` when `params` do not fit. */
export function postEvent(
  context: Pick<Context, "catalog" | "clock">,
  intent: Intent,
  { params, resource }: { readonly params: unknown; readonly resource?: string | undefined },
): NewEvent {
  const { operation, tenant, type, chain, origin } = intent;
  const given = resource ?? intent.resource;
  return announce(context, {
    tenant,
    type: `POST_${type}`,
    params: plainParams("params", params),
    caller: callerIn(intent),
    origin,
    data: { operation, ...defined({ chain }) },
    ...givenResource(given),
  });
}

/** It was done: its event, and the end of its intent. `refused`: it had ended before, and nothing was changed. */
export function commitIntent(
  { publish, clock, inbox }: Pick<HostOperationContext, "publish" | "clock" | "inbox">,
  intent: Intent,
  event: NewEvent,
): Promise<Commit> {
  const { operation, tenant } = intent;
  const key = operationKey(operation);
  const atMs = clock.now();
  // The host's transaction may have left the event in its inbox as well: it is published once.
  const absent: readonly Condition[] = inbox === undefined ? [] : [{ if: "received.absent", tenant, key }];
  const known: readonly Change[] = inbox === undefined ? [] : [{ do: "received.add", tenant, key, atMs }];
  return publish({
    conditions: [{ if: "intent.open", operation }, ...absent],
    changes: [endOf(intent, { outcome: "committed", event: event.id, endedMs: atMs }), ...known],
    events: [event],
  });
}

/** What the POST event of an operation is remembered by. */
export function operationKey(operation: string): string {
  return `operation:${operation}`;
}

/** It was not done: functions whose hooks ran are notified, and the intent ends. `refused`: it had ended before, and nothing was changed. */
export function abortIntent(
  { guard, clock }: Pick<HostOperationContext, "guard" | "clock">,
  intent: Intent,
  reason: string,
): Promise<Commit> {
  const { operation, params, ran } = intent;
  return guard.aborted(hookedOperationOf(intent, callerIn(intent)), { operation, params, ran }, reason, {
    conditions: [{ if: "intent.open", operation }],
    changes: [endOf(intent, { outcome: "aborted", reason, endedMs: clock.now() })],
  });
}

/** The end of its intent. Who began it over HTTP may report that twice, and is given the same answer: so what came of it is kept. */
export function endOf(
  { operation, tenant, type, origin }: Intent,
  end: Pick<EndedOperation, "outcome" | "event" | "reason" | "endedMs">,
): Change {
  if (origin === "library") return { do: "intent.remove", operation };
  return { do: "intent.end", ended: { operation, tenant, type, ...end } };
}

function callerIn({ user, app }: Intent): Caller {
  const actor = user === undefined ? undefined : actorIn(user);
  return defined({ user, actor, app });
}
