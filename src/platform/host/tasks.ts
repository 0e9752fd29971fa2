import { setImmediate } from "node:timers/promises";
import type { Context } from "../../context.ts";
import type { Event } from "../../domain/event.ts";
import { deliveryUuid } from "../../domain/ids.ts";
import type { Invocation } from "../../domain/invocation.ts";
import { lifecycleOf } from "../../domain/lifecycle.ts";
import { type FunctionSubscription, runsFunction } from "../../domain/subscription.ts";
import { SignalboxError } from "../../errors.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { PublishedTask } from "./answer.ts";

export type TaskContext = Pick<Context, "audience" | "store" | "publish" | "clock"> & {
  readonly functions: Pick<Context["functions"], "nextNumber">;
};

/** Of one answer: of events after that only the number of functions is told. */
const mostTasks = 10_000;
/** First runs that are put down in one commit. */
const runsTogether = 500;
/** The loop is left to others after so long. */
const turnMs = 5;

/** The functions that an event is on its way to. */
interface EventTasks {
  readonly tasks: readonly PublishedTask[];
  /** All of them; more than `tasks` where one answer would have too many. */
  readonly total: number;
}

/**
 * The functions that committed events are on their way to: exactly those that dispatch finds, because who gets an event is settled
 * by the revision in its commit. The first run of each gets its invocation here, unless it has been made already.
 *
 * @param sequences of the events. The answer has one entry for each, in this order.
 */
export async function tasksOfAll(context: TaskContext, sequences: readonly number[]): Promise<EventTasks[]> {
  const found: { readonly event: Event; readonly matched: readonly FunctionSubscription[] }[] = [];
  let turnSince = performance.now();
  for (const sequence of sequences) {
    const event = await context.store.events.get(sequence);
    if (event === undefined) throw new RangeError("an event that was just committed is not there");
    found.push({ event, matched: (await context.audience.match(event)).filter(runsFunction) });
    if (performance.now() - turnSince < turnMs) continue;
    await setImmediate();
    turnSince = performance.now();
  }
  let room = mostTasks;
  const told = found.map(({ event, matched }) => {
    const isTold = matched.length <= room;
    if (isTold) room -= matched.length;
    return { event, matched: isTold ? matched : [], total: matched.length };
  });
  const wanted = told.flatMap(({ event, matched }) => matched.map((subscription) => ({ event, subscription })));
  const tasks: PublishedTask[] = [];
  for (let from = 0; from < wanted.length; from += runsTogether) {
    tasks.push(...(await begun(context, wanted.slice(from, from + runsTogether))));
  }
  let at = 0;
  return told.map(({ matched, total }) => {
    at += matched.length;
    return { tasks: tasks.slice(at - matched.length, at), total };
  });
}

interface Wanted {
  readonly event: Event;
  readonly subscription: FunctionSubscription;
}

async function begun(context: TaskContext, wanted: readonly Wanted[]): Promise<PublishedTask[]> {
  const runs = await Promise.all(
    wanted.map(async ({ event, subscription }) => ({ event, run: await firstRun(context, event, subscription) })),
  );
  await context.publish({ changes: runs.map(({ run }) => ({ do: "invocation.put", invocation: run.invocation })) });
  return Promise.all(runs.map(({ event, run }) => task(context, event, run)));
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
