import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event } from "../domain/event.ts";
import { parseUuid } from "../domain/ids.ts";
import { invalidField, notFound } from "../errors.ts";
import { inTurn } from "../platform/search.ts";
import type { DecisionPlace } from "../store/operations.ts";
import type { Decision, Intent } from "../store/records.ts";
import { eventsOf } from "./find-event.ts";

/** What hooks decided about operations: for developers, whose functions they are. */

interface OperationQuery {
  /** The PRE event type. */
  readonly event?: string;
  readonly outcome?: Decision["outcome"];
  /** Number of a function that was asked, or would have been. */
  readonly function?: number;
  /** Uuid of what it was about. */
  readonly resource?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

interface Operations {
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly next?: DecisionPlace;
}

type OperationContext = Pick<Context, "slices" | "store">;

/** Windows of the store's, of 500 of the tenant's decisions, that one answer looks through. */
const mostWindows = 20;

/** A page may be short while there is a `next`. @throws SignalboxError `invalid_request`; `too_many_requests`. */
export async function listOperations(
  deps: OperationContext,
  { tenant }: Principal,
  { event: eventType, resource: about, ...narrowed }: OperationQuery,
  { after, max, signal }: { readonly after?: DecisionPlace; readonly max: number; readonly signal: AbortSignal },
): Promise<Operations> {
  const resource = about === undefined ? undefined : parseUuid(about);
  if (about !== undefined && resource === undefined) throw invalidField("resource", "must be a resource's uuid");
  const query = { tenant, ...narrowed, ...defined({ eventType, resource }) };
  const decisions: Decision[] = [];
  let place = after;
  for (let windows = 0; windows < mostWindows && !signal.aborted; windows += 1) {
    const page = { max: max - decisions.length, ...defined({ after: place }) };
    const found = await inTurn(deps, tenant, () => deps.store.operations.decisions(query, page));
    decisions.push(...found.decisions);
    place = found.next;
    if (place === undefined || decisions.length === max) break;
  }
  return { decisions, ...defined({ next: place }) };
}

interface FoundOperation {
  readonly decision: Decision;
  /** That it raised. */
  readonly events: readonly Event[];
  /** While a host has not reported what came of it. */
  readonly intent?: Intent;
}

/** @throws SignalboxError `not_found` when no hooks were asked about such an operation; `too_many_requests`. */
export async function findOperation(
  deps: OperationContext,
  { tenant }: Principal,
  id: string,
): Promise<FoundOperation> {
  const decision = await deps.store.operations.decision(tenant, id);
  if (decision === undefined) throw notFound(`an operation '${id.slice(0, 64)}' with hooks`);
  const intent = await deps.store.operations.intent(id);
  const events = await eventsOf(deps, decision);
  return { decision, events, ...(intent?.tenant === tenant ? { intent } : {}) };
}
