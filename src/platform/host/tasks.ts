import type { Context } from "../../context.ts";
import type { Event } from "../../domain/event.ts";
import { deliveryUuid } from "../../domain/ids.ts";
import type { Invocation } from "../../domain/invocation.ts";
import { lifecycleOf } from "../../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction } from "../../domain/subscription.ts";
import { SignalboxError } from "../../errors.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { PublishedTask } from "./answer.ts";

type TaskContext = Pick<Context, "audience" | "store" | "publish" | "clock"> & {
  readonly functions: Pick<Context["functions"], "nextNumber">;
};

/**
 * The functions that a committed event is on its way to: exactly those that dispatch finds, because who gets an event is settled
 * by the revision in its commit. The first run of each gets its invocation here, unless it has been made already.
 */
export async function tasksOf(context: TaskContext, event: Event): Promise<PublishedTask[]> {
  const matched = (await context.audience.match(event)).filter(runsFunction);
  if (matched.length === 0) return [];
  const runs = await Promise.all(matched.map((subscription) => firstRun(context, event, subscription)));
  await context.publish({ changes: runs.map(({ invocation }) => ({ do: "invocation.put", invocation })) });
  return Promise.all(runs.map((run) => task(context, event, run)));
}

interface FirstRun {
  readonly subscription: FunctionSubscription;
  readonly fn: KnownFunction;
  readonly invocation: Invocation;
}

async function firstRun(context: TaskContext, event: Event, subscription: FunctionSubscription): Promise<FirstRun> {
  const { target, number } = subscription;
  const fn = await context.store.functions.byNumber(target.function);
  if (fn === undefined) throw new SignalboxError("internal", `function ${target.function} is subscribed and unknown`);
  const invocation: Invocation = {
    number: await context.functions.nextNumber(),
    tenant: event.tenant,
    function: fn.number,
    version: fn.version,
    trigger: "post",
    eventType: event.names.lifecycle ?? "",
    eventId: event.id,
    operation: lifecycleOf(event).operation,
    subscription: number,
    sequence: event.sequence,
    attempt: 1,
    status: "pending",
    logs: [],
    logsCut: false,
    createdMs: context.clock.now(),
  };
  return { subscription, fn, invocation };
}

async function task(
  { store }: TaskContext,
  { sequence }: Event,
  { subscription, fn, invocation }: FirstRun,
): Promise<PublishedTask> {
  // The delivery may have been quicker, and then its invocation has the number that it was given there.
  const kept = await store.invocations.invocationOf({ sequence, subscription: subscription.number, attempt: 1 });
  return {
    function_id: fn.number,
    function_name: fn.name,
    task_id: deliveryUuid(sequence, subscription.uuid),
    invocation_id: kept?.number ?? invocation.number,
  };
}
