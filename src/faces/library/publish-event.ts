import { defined } from "../../domain/defined.ts";
import { asError, invalidField, notFound, type SignalboxError } from "../../errors.ts";
import type { Begun, HookTask } from "../../hooks/guard.ts";
import type { AlsoOfEvents } from "../../platform/committed-events.ts";
import { givenResource } from "../../platform/host/announce.ts";
import { type PublishResult, published, publishFailed, saysNotStarted } from "../../platform/host/answer.ts";
import { type CallerInput, callerOf } from "../../platform/host/caller.ts";
import { publishAll } from "../../platform/host/publish.ts";
import type { PublishedEvent } from "./event.ts";
import type { HookTasks } from "./hook-tasks.ts";
import type { LibraryContext } from "./library-context.ts";
import type { UnderWay } from "./under-way.ts";

/** Publishing one event: of a PRE event the hooks are started, a POST event becomes durable. */

export interface PublishOptions extends CallerInput {
  /**
   * Uuid of the resource that it is about. Absent: for a POST event `params.uuid` if that has the form of one, else a new uuid. Of
   * two events of one resource the later has the greater sequence.
   */
  readonly resource?: string;
  /** Of a PRE event: aborts when the caller waits for the hooks no more. They are cancelled. */
  readonly signal?: AbortSignal;
}

export interface Publishing {
  readonly tenant: string;
  readonly event: PublishedEvent;
  readonly options: PublishOptions;
  /** Of a POST event. */
  readonly also?: AlsoOfEvents;
}

interface Hooks {
  readonly tasks: HookTasks;
  readonly underWay: UnderWay;
}

export async function publishEvent(
  context: LibraryContext,
  hooks: Hooks,
  publishing: Publishing,
): Promise<PublishResult> {
  const { event, options } = publishing;
  if (event.app !== undefined && options.app !== undefined && event.app !== options.app) {
    throw invalidField("app", `is '${options.app}', while the event is for '${event.app}'`);
  }
  const post = context.catalog.get(event.event_type)?.phase !== "pre";
  return post ? publishPost(context, publishing) : startHooks(context, hooks, publishing);
}

function callerFor({ store }: LibraryContext, { tenant, event, options }: Publishing): ReturnType<typeof callerOf> {
  const app = event.app ?? options.app;
  return callerOf(store, tenant, { ...options, ...defined({ app }) });
}

async function publishPost(
  context: LibraryContext,
  { tenant, event, options, also }: Publishing,
): Promise<PublishResult> {
  const { event_type, params } = event;
  const { user, resource, app = event.app } = options;
  const said = { event_type, params, ...defined({ user, resource, app }) };
  const [result] = await publishAll(context, { tenant, rows: [{ at: "", said }], ...defined({ also }) });
  if (result === undefined) throw new RangeError("an event was published and nothing came of it");
  return result;
}

async function startHooks(context: LibraryContext, hooks: Hooks, publishing: Publishing): Promise<PublishResult> {
  const { tenant, event, options } = publishing;
  const { event_type: type, params } = event;
  const resource = givenResource(options.resource);
  const caller = await callerFor(context, publishing);
  if ((await context.store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  const { stopping } = hooks.underWay;
  const signal = options.signal === undefined ? stopping : AbortSignal.any([options.signal, stopping]);
  let begun: Begun;
  try {
    begun = await context.guard.begin({ tenant, type, params, ...caller, ...resource, origin: "library", signal });
  } catch (thrown) {
    if (saysNotStarted(thrown)) return notStarted(context, thrown);
    throw thrown;
  }
  hooks.tasks.keep(begun, { tenant, type }, hooks.underWay.track(recorded(context, begun)));
  const failure = await failureAtOnce(context, type, begun.tasks);
  if (failure !== undefined) return notStarted(context, failure);
  return published(
    type,
    begun.tasks.map(({ taskId, invocation, function: { number, name } }) => ({
      function_id: number,
      function_name: name,
      task_id: taskId,
      invocation_id: invocation,
    })),
  );
}

/** That there is no slot or process for a function, or that it has failed too often lately, turns out before anything is waited for. */
async function failureAtOnce(
  { store }: LibraryContext,
  event: string,
  tasks: readonly HookTask[],
): Promise<SignalboxError | undefined> {
  const failures: (readonly [HookTask, SignalboxError])[] = [];
  for (const task of tasks) {
    task.verdict.catch((thrown: unknown) => {
      if (saysNotStarted(thrown) && notBegun.has(String(thrown.data?.["reason"]))) failures.push([task, thrown]);
    });
  }
  await new Promise(setImmediate);
  for (const [task, thrown] of failures) {
    const subscription = await store.functions.subscription({ function: task.function.number, event });
    const target = subscription?.target;
    if (target?.kind !== "function" || target.hook?.failurePolicy !== "open") return thrown;
  }
  return undefined;
}

const notBegun: ReadonlySet<string> = new Set(["busy", "unavailable", "breaker_open"]);

async function notStarted({ store }: LibraryContext, { data = {} }: SignalboxError): Promise<PublishResult> {
  const { function_id: id, function_name: name } = data;
  const known = typeof id === "number" && typeof name !== "string" ? await store.functions.byNumber(id) : undefined;
  return publishFailed(typeof id === "number" ? id : null, typeof name === "string" ? name : (known?.name ?? null));
}

/**
 * The decision of hooks that all agreed has no commit of an operation to go into: what follows is the host's own. What the others
 * decided is recorded by the guard.
 */
async function recorded({ publish, log }: LibraryContext, { operation, result }: Begun): Promise<void> {
  const allowed = await result.catch(() => undefined);
  if (allowed === undefined || allowed.changes.length === 0) return;
  try {
    await publish({ changes: allowed.changes });
  } catch (thrown) {
    log.error({ operation, error: asError(thrown).message }, "could not record what hooks decided");
  }
}
