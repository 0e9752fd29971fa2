import { type Static, Type } from "typebox";
import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import { sequenceText } from "../../../domain/ids.ts";
import { notFound } from "../../../errors.ts";
import { findOperation, listOperations } from "../../../history/operations.ts";
import type { DecisionPlace } from "../../../store/operations.ts";
import type { Intent } from "../../../store/records.ts";
import { Cursors } from "../../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { type Route, route } from "../../http/route.ts";
import { readBetween } from "../between.ts";
import { showDecision, showDecisions, shownDecision } from "./decision-schema.ts";

const raisedEvent = named(
  "RaisedEvent",
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    time: instant,
    sequence: Type.String(),
    resource: Type.String({ description: "Uuid of what changed." }),
  }),
);

const shownOperation = named(
  "Operation",
  Type.Object({
    ...shownDecision.properties,
    state: Type.Enum(["over", "open", "unresolved"], {
      description:
        "`open`: a host carries it out, and has not said what came of it. `unresolved`: that could not be found out.",
    }),
    events: Type.Array(raisedEvent, {
      description: "That it raised within a minute; of one that was refused, that it was aborted.",
    }),
  }),
);

/** What hooks decided about operations. */
export function operationRoutes(deps: Pick<Context, "slices" | "store" | "vault">): Route[] {
  const { store } = deps;
  const cursors = new Cursors<DecisionPlace>(deps.vault, "operations");
  const common = { role: "developer", tag: "events" } as const;
  return [
    route({
      ...common,
      method: "GET",
      path: "/api/cloud/operations/",
      operationId: "listOperations",
      summary: "Lists operations that hooks were asked about, newest first",
      description:
        "There is none of an operation that had no hooks; they are kept as long as events are. A page may be short while there is a next.",
      query: Type.Object({
        event: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "The PRE event type." })),
        outcome: Type.Optional(Type.Enum(["allowed", "denied", "failed"])),
        function: Type.Optional(
          Type.Integer({ minimum: 1, description: "Id of a function that was asked, or would have been." }),
        ),
        resource: Type.Optional(
          Type.String({ minLength: 1, maxLength: 64, description: "Uuid of what it was about." }),
        ),
        since: Type.Optional(Type.String({ format: "date-time", description: "Begun at or after this instant." })),
        until: Type.Optional(Type.String({ format: "date-time", description: "Begun before this instant." })),
        ...paging,
      }),
      message: "Operations retrieved",
      data: Type.Object({ operations: Type.Array(shownDecision), next_cursor: nextCursor }),
      handle: async ({
        caller,
        query: { limit, cursor, event, outcome, function: fn, resource, ...between },
        signal,
      }) => {
        const query = { ...defined({ event, outcome, function: fn, resource }), ...readBetween(between) };
        const page = { ...cursors.page(caller, { limit, cursor }), signal };
        const { decisions, next } = await listOperations(deps, caller, query, page);
        return { operations: await showDecisions(store, decisions), ...cursors.next(caller, next) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: "/api/cloud/operations/:operation_id/",
      operationId: "getOperation",
      summary: "Shows what the hooks of an operation said, and the events that it raised",
      params: Type.Object({ operation_id: Type.String() }),
      message: "Operation retrieved",
      data: shownOperation,
      handle: async ({ caller, params: { operation_id: id } }) => {
        const { decision, events, intent } = await findOperation(deps, caller, id);
        return {
          ...(await showDecision(store, decision)),
          state: stateOf(intent),
          events: events.map(({ id: event, names, timeMs, sequence, resource }) => ({
            id: event,
            name: names.lifecycle ?? names.notifications ?? names.objects ?? "",
            time: shownInstant(timeMs),
            sequence: sequenceText(sequence),
            resource,
          })),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: "/api/cloud/decisions/:operation_id/",
      summary: "Shows what the hooks of an operation decided",
      description: "There is none of an operation that had no hooks, and it is kept as long as events are.",
      params: Type.Object({ operation_id: Type.String() }),
      message: "Decision retrieved successfully",
      data: shownDecision,
      handle: async ({ caller, params: { operation_id: id } }) => {
        const decision = await store.operations.decision(caller.tenant, id);
        if (decision === undefined) throw notFound(`a decision about operation '${id}'`);
        return showDecision(store, decision);
      },
    }),
  ];
}

function stateOf(intent: Intent | undefined): Static<typeof shownOperation>["state"] {
  if (intent === undefined) return "over";
  return intent.unresolved === undefined ? "open" : "unresolved";
}
