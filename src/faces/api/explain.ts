import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { sequenceText } from "../../domain/ids.ts";
import { explainKey } from "../../history/explain.ts";
import type { ExplainedEvent } from "../../history/explain-event.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, readInstant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { dispatchSchema, showExplained, shownExplained } from "./explained-rule.ts";

const shownEvent = named(
  "ExplainedEvent",
  Type.Object({
    event: Type.Object({
      id: Type.String(),
      name: Type.String(),
      time: instant,
      sequence: Type.String(),
      resource: Type.String(),
      actor: nullable(Type.String()),
      reason: nullable(Type.String({ description: "The operation, such as `PutObject`." })),
    }),
    dispatch: dispatchSchema,
    rules: Type.Array(shownExplained),
    more_rules: Type.Boolean({ description: "Only 100 are looked at of one event." }),
  }),
);

const most = 20;

/** Why something came, or did not. */
export function explainRoutes(deps: Pick<Context, "slices" | "store" | "vault">): Route[] {
  const cursors = new Cursors<number>(deps.vault, "explain");
  return [
    route({
      method: "GET",
      path: "/api/cloud/explain/",
      operationId: "explainObject",
      role: "member",
      tag: "deliveries",
      summary: "Says what happened to an object, which subscriptions it went to, and why it did not go to others",
      description:
        "Events of the key, newest first, each with the rules and subscriptions that one knows of as they stood then. For who may read the bucket. An answer looks through 100,000 events; `next_cursor` goes on, also after an empty page.",
      query: Type.Object({
        bucket: Type.String({ minLength: 1, maxLength: 256 }),
        key: Type.String({ minLength: 1, maxLength: 1024 }),
        at: Type.Optional(
          Type.String({ format: "date-time", description: "Only what happened within five minutes of this instant." }),
        ),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: 10 })),
        cursor: paging.cursor,
      }),
      message: "Explained",
      data: Type.Object({
        bucket: Type.String(),
        key: Type.String(),
        events: Type.Array(shownEvent),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query: { bucket, key, at, limit = 10, cursor }, signal }) => {
        const { events, next } = await explainKey(deps, caller, {
          bucket,
          key,
          signal,
          ...(at === undefined ? {} : { atMs: readInstant("at", at) }),
          ...cursors.page(caller, { limit, cursor }),
        });
        return {
          bucket,
          key,
          events: events.map(showEvent),
          ...cursors.next(caller, next),
        };
      },
    }),
  ];
}

function showEvent({ event, dispatch, rules, more }: ExplainedEvent): Static<typeof shownEvent> {
  const { id, names, timeMs, sequence, resource, actor, data } = event;
  const reason = data["reason"];
  return {
    event: {
      id,
      name: names.objects ?? names.notifications ?? names.lifecycle ?? "",
      time: shownInstant(timeMs),
      sequence: sequenceText(sequence),
      resource,
      actor: actor ?? null,
      reason: typeof reason === "string" ? reason : null,
    },
    dispatch,
    rules: rules.map((rule) => showExplained(rule, { sequence, dispatch })),
    more_rules: more,
  };
}
