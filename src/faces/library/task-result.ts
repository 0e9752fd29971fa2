import { sleep } from "../../clock.ts";
import type { Json } from "../../domain/event.ts";
import { parseDeliveryUuid } from "../../domain/ids.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { functionNumberOf } from "../../domain/subscription.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import type { Delivery } from "../../store/store.ts";
import type { HookTasks } from "./hook-tasks.ts";
import type { LibraryContext } from "./library-context.ts";
import { stopped } from "./under-way.ts";

/** Waiting for what a task comes to. */

/** Of a hook: that it allows, perhaps with a patch. Of another function: what it returned. */
export type TaskValue = Verdict | Json | undefined;

export interface TaskQuery {
  readonly tenant: string;
  readonly taskId: string;
  /** How long to wait. 0 to 2,147,483,647; default 300,000. */
  readonly timeoutMs?: number;
  /** Aborts when the caller waits no more. */
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 300_000;
const longestTimerMs = 2_147_483_647;

/** Looks at the store follow each other after this long, then twice as long, and so on to the second; a settlement cuts it short. */
const firstLookMs = 50;
const longestLookMs = 1_000;

export async function taskValue(
  context: LibraryContext,
  hooks: HookTasks,
  { tenant, taskId, timeoutMs = defaultTimeoutMs }: TaskQuery,
  stopping: AbortSignal,
): Promise<TaskValue> {
  if (!(timeoutMs >= 0 && timeoutMs <= longestTimerMs)) {
    throw invalidField("timeoutMs", `must be a number from 0 to ${longestTimerMs}`);
  }
  if (stopping.aborted) throw stopped();
  const wait = { taskId, timeoutMs, stopping };
  const verdict = hooks.verdict(tenant, taskId);
  if (verdict !== undefined) return inTime(context, wait, () => verdict);
  const task = await delivering(context, tenant, taskId);
  const ended = await endOf(context, task);
  return ended === undefined
    ? inTime(context, wait, (over) => endedLater(context, task, over))
    : outcomeOf(context, task, ended);
}

interface Wait {
  readonly taskId: string;
  readonly timeoutMs: number;
  readonly stopping: AbortSignal;
}

/** What `come` comes to, unless the time is over before; then its signal aborts. */
async function inTime(
  { clock }: LibraryContext,
  { taskId, timeoutMs, stopping }: Wait,
  come: (over: AbortSignal) => Promise<TaskValue>,
): Promise<TaskValue> {
  const done = new AbortController();
  const over = AbortSignal.any([done.signal, stopping]);
  // Of what has ended already, the end is given even to those who do not wait at all.
  const late = (timeoutMs === 0 ? Promise.resolve() : sleep(clock, timeoutMs, over)).then(() => {
    if (stopping.aborted) throw stopped();
    throw new SignalboxError("timeout", `task '${taskId}' has not ended within ${timeoutMs} ms; it goes on`);
  });
  try {
    return await Promise.race([come(over), late]);
  } finally {
    late.catch(() => {});
    done.abort();
  }
}

/** A delivery that has a task id. */
interface Task {
  readonly sequence: number;
  readonly subscription: Subscription;
}

async function endOf({ store }: LibraryContext, { sequence, subscription }: Task): Promise<Delivery | undefined> {
  const delivery = await store.deliveries.get({ sequence, subscription: subscription.number });
  return delivery?.status === "delivered" || delivery?.status === "dead" ? delivery : undefined;
}

async function endedLater(context: LibraryContext, task: Task, over: AbortSignal): Promise<TaskValue> {
  const place = { sequence: task.sequence, subscription: task.subscription.number };
  for (let waitMs = firstLookMs; !over.aborted; waitMs = Math.min(2 * waitMs, longestLookMs)) {
    const looked = new AbortController();
    // Before the look: what is settled during it must not be missed.
    const settled = context.nextRecord(place, waitMs, AbortSignal.any([over, looked.signal]));
    const ended = await endOf(context, task);
    if (ended !== undefined) looked.abort();
    await settled;
    if (ended !== undefined) return outcomeOf(context, task, ended);
  }
  throw stopped();
}

/** The delivery that a task id names. @throws SignalboxError `not_found` when there is none, in this tenant. */
async function delivering({ store, audience }: LibraryContext, tenant: string, taskId: string): Promise<Task> {
  const named = parseDeliveryUuid(taskId);
  const [event, subscription] =
    named === undefined
      ? []
      : await Promise.all([store.events.get(named.sequence), store.subscriptions.get(named.subscription)]);
  const known =
    event !== undefined &&
    subscription !== undefined &&
    event.tenant === tenant &&
    subscription.tenant === tenant &&
    ((await store.deliveries.get({ sequence: event.sequence, subscription: subscription.number })) !== undefined ||
      (await audience.match(event)).some(({ number }) => number === subscription.number));
  if (known) return { subscription, sequence: event.sequence };
  throw new SignalboxError(
    "not_found",
    `task '${taskId}' does not exist: hooks are known for ten minutes after their end, functions on POST events as long as the event is kept`,
  );
}

/** What the function returned. @throws SignalboxError `function_failed` when its retries are used up. */
async function outcomeOf(
  { store }: LibraryContext,
  { sequence, subscription: { number, target } }: Task,
  { status, attempts, reason, last }: Delivery,
): Promise<TaskValue> {
  const invocation = await store.invocations.invocationOf({ sequence, subscription: number, attempt: attempts });
  if (status === "delivered") return invocation?.result;
  const runs = functionNumberOf(target);
  const fn = runs === undefined ? undefined : await store.functions.byNumber(runs);
  const why = last?.message ?? reason ?? "unknown";
  throw new SignalboxError("function_failed", `Function '${fn?.name ?? "unknown"}' failed: ${why}`, {
    data: {
      ...(fn === undefined ? {} : { function_id: fn.number, function_name: fn.name, function_slug: fn.slug }),
      ...(invocation === undefined ? {} : { invocation_id: invocation.number }),
      reason: reason ?? null,
      attempts,
    },
  });
}
