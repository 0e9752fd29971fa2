import type { Context } from "../../context.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { asError, invalidField, notFound, SignalboxError } from "../../errors.ts";
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

/**
 * Publishes POST events in one commit: all of them, in their order, or none.
 *
 * @returns of each what `publishEvent` answers. Of 10,000 functions together each is told; of events after that only how many they are.
 * @throws SignalboxError `invalid_request` with the fields of every row that is wrong, also for a PRE event; `not_found` for an app or the
 * tenant; `internal` when they were published, and what became of that could not be found out.
 */
export async function publishAll(
  context: TaskContext & Pick<Context, "catalog">,
  tenant: string,
  rows: readonly RequestRow<PostEvent>[],
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
  const commit = await publish({ conditions: [{ if: "tenant.exists", id: tenant }], events });
  if (commit.kind === "refused") throw notFound(`tenant '${tenant}'`);
  return answersOf(context, events, commit.sequences);
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
