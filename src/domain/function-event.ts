import { defined } from "./defined.ts";
import type { Event } from "./event.ts";
import { sequenceText } from "./ids.ts";
import { type FunctionEvent, type LifecycleData, lifecycleOf, type Params, type User } from "./lifecycle.ts";

/** The argument of functions: an event for those that run after it, an operation for hooks. Keys in one order, as they are documented. */

interface RunFacts {
  /** From 1; default 1. */
  readonly attempt?: number;
  /** How long the function has, from its start. */
  readonly deadlineMs: number;
  /** Nothing comes of it. */
  readonly dryRun?: boolean;
  /** Under which name the function gets it; by default that of the lifecycle face. */
  readonly name?: string;
}

/** A POST event. */
export function functionEvent(event: Event, run: RunFacts): FunctionEvent {
  const { params, user, app, operation } = lifecycleOf(event);
  return functionArgument(
    {
      id: event.id,
      type: run.name ?? event.names.lifecycle ?? "",
      tenant: event.tenant,
      params,
      ...defined({ user, app, actor: event.actor }),
      origin: event.origin,
      timeMs: event.timeMs,
      operation,
    },
    run,
    sequenceText(event.sequence),
  );
}

/** What is about to be done, as a hook is to see it: in `prepare` as proposed, in `validate` as the first wave left it. */
export interface ProposedOperation {
  /** Of the PRE event: the same for all hooks of the operation. */
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  readonly params: Params;
  readonly user?: User;
  readonly actor?: string;
  readonly app?: Pick<NonNullable<LifecycleData["app"]>, "slug">;
  readonly origin: string;
  readonly timeMs: number;
  /** Operation id. */
  readonly operation: string;
}

export function hookEvent(proposal: ProposedOperation, run: RunFacts): FunctionEvent {
  return functionArgument(proposal, run, null);
}

function functionArgument(
  proposal: ProposedOperation,
  { attempt = 1, deadlineMs, dryRun }: RunFacts,
  sequence: string | null,
): FunctionEvent {
  const { id, type, params, user, actor, tenant, app, origin, timeMs, operation } = proposal;
  return {
    id,
    event_type: type,
    params,
    user: user ?? (actor === undefined ? null : { username: actor }),
    tenant,
    app: app?.slug ?? null,
    origin,
    time: new Date(timeMs).toISOString(),
    sequence,
    operation_id: operation,
    attempt,
    deadline_ms: deadlineMs,
    ...(dryRun === true ? { dry_run: true } : {}),
  };
}
