import type { Context } from "../../../context.ts";
import type { Principal } from "../../../domain/access.ts";
import type { Event } from "../../../domain/event.ts";
import { mayPublish } from "../../../domain/host-scope.ts";
import { notFound, SignalboxError } from "../../../errors.ts";
import { lastOfFull, type Page } from "../../../store/page.ts";
import type { EndedOperation, Intent } from "../../../store/records.ts";
import { eventWithId } from "../../event-with-id.ts";
import type { PublishedTask } from "../answer.ts";
import { type TaskContext, tasksOfAll } from "../tasks.ts";
import type { HostOperationContext } from "./begin.ts";
import { abortIntent, commitIntent, postEvent } from "./end.ts";

/** What a platform reports of operations that it began over HTTP, and what is known of them. */

export type ReportContext = HostOperationContext & TaskContext & Pick<Context, "slices">;

/** One of them, as far as it goes. */
export type KnownOperation =
  | { readonly kind: "begun"; readonly intent: Intent }
  | { readonly kind: "ended"; readonly ended: EndedOperation };

export interface CommittedOperation {
  readonly operation: string;
  /** The POST event type. */
  readonly event: string;
  readonly tasks: readonly PublishedTask[];
  /** Functions that get it. */
  readonly total: number;
}

/**
 * It was done: its POST event is published. Who reports that twice is given the same answer, whatever they say the second time.
 *
 * @throws SignalboxError `not_found` for one that the caller did not begin; `invalid_request` when the params do not fit: it stays
 * open; `conflict` when it was aborted.
 */
export async function commitOperation(
  context: ReportContext,
  caller: Principal,
  { operation, ...done }: { readonly operation: string; readonly params: unknown; readonly resource?: string },
): Promise<CommittedOperation> {
  const known = await findHostOperation(context, caller, operation);
  if (known.kind === "ended") return committedBefore(context, known.ended);
  const { intent } = known;
  const commit = await commitIntent(context, intent, postEvent(context, intent, done));
  if (commit.kind === "refused") return committedBefore(context, await endOf(context, caller, operation));
  const event = await context.store.events.get(commit.sequences[0] ?? 0);
  return committed(context, intent, event);
}

async function committedBefore(context: ReportContext, ended: EndedOperation): Promise<CommittedOperation> {
  const { operation, tenant, type, outcome, event, reason, endedMs } = ended;
  if (outcome === "aborted") {
    throw new SignalboxError(
      "conflict",
      `${type} '${operation}' was aborted at ${new Date(endedMs).toISOString()} (${reason ?? "without a reason"}), and can be committed no more: ` +
        `publish POST_${type} by itself if it was done all the same`,
      { data: { operation_id: operation, state: "aborted" } },
    );
  }
  return committed(context, ended, event === undefined ? undefined : await eventWithId(context, tenant, event));
}

async function committed(
  context: ReportContext,
  { operation, type }: Pick<Intent, "operation" | "type">,
  event: Event | undefined,
): Promise<CommittedOperation> {
  if (event === undefined) throw notFound(`the event of operation '${operation}', which is kept no more,`);
  const [found] = await tasksOfAll(context, [event.sequence]);
  return { operation, event: `POST_${type}`, tasks: found?.tasks ?? [], total: found?.total ?? 0 };
}

/**
 * It was not done, and will not be: functions whose hooks ran are notified. Who reports that twice is given the same answer.
 *
 * @throws SignalboxError `not_found` for one that the caller did not begin; `conflict` when it was committed.
 */
export async function abortOperation(
  context: ReportContext,
  caller: Principal,
  { operation, reason }: { readonly operation: string; readonly reason: string },
): Promise<EndedOperation> {
  const known = await findHostOperation(context, caller, operation);
  if (known.kind === "begun") await abortIntent(context, known.intent, reason);
  const ended = known.kind === "ended" ? known.ended : await endOf(context, caller, operation);
  if (ended.outcome === "aborted") return ended;
  throw new SignalboxError(
    "conflict",
    `${ended.type} '${operation}' was committed at ${new Date(ended.endedMs).toISOString()}, and can be aborted no more`,
    { data: { operation_id: operation, state: "committed" } },
  );
}

/** @throws SignalboxError `not_found` for one that the caller did not begin, began without an intent, or that is kept no more. */
export async function findHostOperation(
  { store }: Pick<HostOperationContext, "store">,
  caller: Principal,
  operation: string,
): Promise<KnownOperation> {
  const intent = await store.operations.intent(operation);
  if (intent !== undefined && isOf(caller, intent)) return { kind: "begun", intent };
  const ended = intent === undefined ? await store.operations.ended(operation) : undefined;
  if (ended !== undefined && isOf(caller, { ...ended, origin: "host" })) return { kind: "ended", ended };
  throw notFound(`an operation '${operation.slice(0, 64)}' that was begun with an intent`);
}

async function endOf(
  context: Pick<HostOperationContext, "store">,
  caller: Principal,
  operation: string,
): Promise<EndedOperation> {
  const known = await findHostOperation(context, caller, operation);
  if (known.kind === "ended") return known.ended;
  throw new SignalboxError("unavailable", `operation '${operation}' is changed by others: try again`);
}

/** Those that have not ended, the oldest first. A page may be short while there is a next. */
export async function listHostOperations(
  { store }: Pick<HostOperationContext, "store">,
  caller: Principal,
  { state, ...page }: Page<string> & { readonly state?: "open" | "unresolved" | undefined },
): Promise<{ readonly intents: readonly Intent[]; readonly next?: string }> {
  const query = { tenant: caller.tenant, origin: "host", ...(state === undefined ? {} : { state }) } as const;
  const found = await store.operations.intents(query, page);
  const next = lastOfFull(found, page)?.operation;
  return { intents: found.filter((intent) => isOf(caller, intent)), ...(next === undefined ? {} : { next }) };
}

/** Operations of programs around Signalbox are none of its business, nor are those that its token is not for. */
function isOf(caller: Principal, { tenant, type, origin }: Pick<Intent, "tenant" | "type" | "origin">): boolean {
  return origin === "host" && tenant === caller.tenant && mayPublish(caller, `POST_${type}`);
}
