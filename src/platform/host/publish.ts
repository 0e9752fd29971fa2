import type { Context } from "../../context.ts";
import type { Json, NewEvent } from "../../domain/event.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { asError, invalidField, notFound, SignalboxError } from "../../errors.ts";
import type { Condition } from "../../store/unit.ts";
import { type AlsoOfEvents, carriedOutElsewhere, committedEvents, findCommitted } from "../committed-events.ts";
import { freshId } from "../deps.ts";
import { eachRow, type RequestRow } from "../registered/rows.ts";
import { announce, givenResource } from "./announce.ts";
import { type Published, published } from "./answer.ts";
import { type CallerInput, callerOf } from "./caller.ts";
import { type TaskContext, tasksOfAll } from "./tasks.ts";

/** A POST event as a host says it. */
export interface PostEvent extends CallerInput {
  readonly event_type: string;
  readonly params: object;
  /** Uuid of what it is about. Absent: `params.uuid` if that has the form of one, else one made of the operation's id. */
  readonly resource?: string;
}

export interface PublishesAll {
  readonly tenant: string;
  readonly rows: readonly RequestRow<PostEvent>[];
  readonly also?: AlsoOfEvents;
}

/**
 * Publishes POST events in one commit: all of them, in their order, or none.
 *
 * @returns of each what `publishEvent` answers. Of 10,000 functions together each is told; of events after that only how many they are.
 * @throws SignalboxError `invalid_request` with the fields of every row that is wrong, also for a PRE event; `not_found` for an app or the
 * tenant; `conflict` when a condition of `also` does not hold; `internal` when they were published, and what became of that could not be found out.
 */
export async function publishAll(
  context: TaskContext & Pick<Context, "catalog">,
  { tenant, rows, also }: PublishesAll,
): Promise<Published[]> {
  const { catalog, clock, publish, store } = context;
  const events = await eachRow(rows, async ({ said: { event_type: type, params, user, app, resource } }) => {
    if (catalog.get(type)?.phase === "pre") {
      throw invalidField("event_type", "is one of a PRE event, which is published by itself: its hooks are waited for");
    }
    const caller = await callerOf(store, tenant, {
      ...(user === undefined ? {} : { user }),
      ...(app === undefined ? {} : { app }),
    });
    const data = { operation: freshId(clock) };
    return announce(context, { tenant, type, params: params as Params, caller, data, ...givenResource(resource) });
  });
  const { conditions = [], changes = [] } = also?.(committedEvents(events, clock.now())) ?? {};
  const exists: Condition = { if: "tenant.exists", id: tenant };
  const commit = await publish({ conditions: [exists, ...conditions], changes, events });
  if (commit.kind === "refused") {
    carriedOutElsewhere(commit.condition);
    throw notFound(`tenant '${tenant}'`);
  }
  return answersOf(context, events, commit.sequences);
}

/**
 * What {@link publishAll} answered, or would have, of events that it committed.
 *
 * @throws SignalboxError `not_found` when they are no longer kept; `internal` when what became of them could not be found out.
 */
export async function publishedBefore(context: TaskContext, tenant: string, remembered: Json): Promise<Published[]> {
  const events = await findCommitted(context, tenant, remembered);
  return answersOf(
    context,
    events,
    events.map(({ sequence }) => sequence),
  );
}

/**
 * What is answered of events that were committed just now.
 *
 * @throws SignalboxError `internal` when what became of them could not be found out.
 */
export async function answersOf(
  context: TaskContext,
  events: readonly NewEvent[],
  sequences: readonly number[],
): Promise<Published[]> {
  const names = events.map(({ names: { lifecycle, notifications } }) => lifecycle ?? notifications ?? "");
  try {
    const found = await tasksOfAll(context, sequences);
    return found.map(({ tasks, total }, at) => published(names[at] ?? "", tasks, total));
  } catch (thrown) {
    const what = events.length === 1 ? `${names[0]} was` : `${events.length} events were`;
    const message = `${what} published, and their functions run; which ones could not be found out: ${asError(thrown).message}`;
    throw new SignalboxError("internal", message, { cause: thrown, data: { event_ids: events.map(({ id }) => id) } });
  }
}
