import { Type } from "typebox";
import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import { faces } from "../../../domain/event.ts";
import { defaultFilterLimits } from "../../../domain/filter/index.ts";
import type { DeliveryContext } from "../../../history/deliveries.ts";
import { listEvents } from "../../../history/event-log.ts";
import { explainEvent } from "../../../history/explain-event.ts";
import { decisionOf, findEvent } from "../../../history/find-event.ts";
import { sendEvent } from "../../../history/send-event.ts";
import { Cursors } from "../../http/cursors.ts";
import { instant, nextCursor, nullable, paging, shownInstant } from "../../http/fields.ts";
import { type Route, route } from "../../http/route.ts";
import { readBetween } from "../between.ts";
import { showDelivery, shownDelivery } from "../delivery-schema.ts";
import { showLogged, shownLogged, shownWhole, showWhole } from "./event-schema.ts";

const path = "/api/cloud/event-log/";
const params = Type.Object({ id: Type.String({ description: "Of an event, or its sequence." }) });

/** What happened, whether anybody wanted it or not. */
export function eventLogRoutes(deps: DeliveryContext & Pick<Context, "slices" | "vault">): Route[] {
  const cursors = new Cursors<number>(deps.vault, "event-log");
  const common = { role: "member", tag: "events" } as const;
  return [
    route({
      ...common,
      method: "GET",
      path,
      operationId: "listLoggedEvents",
      summary: "Lists events, newest first, those that no subscription wanted included",
      description:
        "Those that a subscription of one's own could get: of admins all, of developers all of objects and operations, of everybody those of resources that one sees. An answer looks through 100,000 events of all tenants, and less with a costly filter: a page may be short, and empty, while there is a next.",
      query: Type.Object({
        where: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: defaultFilterLimits.maxLength,
            description: "A filter, as subscriptions of `face` have it.",
          }),
        ),
        face: Type.Optional(
          Type.Enum([...faces], { description: "Only what is announced there. Required with `where`." }),
        ),
        event: Type.Optional(Type.String({ minLength: 1, maxLength: 65, description: "One of its names." })),
        resource: Type.Optional(
          Type.String({ minLength: 1, maxLength: 64, description: "Uuid of what changed, or of what that lies in." }),
        ),
        bucket: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        deliveries: Type.Optional(
          Type.Enum(["none", "some"], {
            description: "`none`: only those of which no delivery was made that one knows of.",
          }),
        ),
        since: Type.Optional(Type.String({ format: "date-time", description: "At or after this instant." })),
        until: Type.Optional(Type.String({ format: "date-time", description: "Before this instant." })),
        ...paging,
      }),
      message: "Events retrieved",
      data: Type.Object({
        events: Type.Array(shownLogged),
        searched_to: nullable({ ...instant, description: "How far back was looked; null: to the end." }),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query: { limit, cursor, since, until, ...asked }, signal }) => {
        const query = { ...defined(asked), ...readBetween(defined({ since, until })) };
        const page = { ...cursors.page(caller, { limit, cursor }), signal };
        const { events, next, searchedToMs } = await listEvents(deps, caller, query, page);
        return {
          events: events.map(showLogged),
          searched_to: searchedToMs === undefined ? null : shownInstant(searchedToMs),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      operationId: "getLoggedEvent",
      summary: "Shows an event: what it tells, which subscriptions it went to, and why it did not go to others",
      description: "For who sees it in the list; of subscriptions those that one knows of.",
      params,
      message: "Event retrieved",
      data: shownWhole,
      handle: async ({ caller, params: { id }, signal }) => {
        const event = await findEvent(deps, caller, id);
        const explained = await explainEvent(deps, caller, event, signal);
        return showWhole(explained, await decisionOf(deps, caller, event));
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/send/`,
      operationId: "sendLoggedEvent",
      summary: "Sends an event that is kept to a subscription that did not get it",
      description:
        "A delivery like others, with its own id. The event has to be about what the subscription is about, and its owner to see that; name and filter are not asked. One that the subscription had is redriven instead.",
      params,
      body: Type.Object(
        { subscription: Type.String({ minLength: 1, maxLength: 256, description: "Its uuid, or a rule's id." }) },
        { additionalProperties: false },
      ),
      status: 201,
      idempotent: true,
      message: "Event waits to be sent",
      data: shownDelivery,
      handle: async ({ caller, params: { id }, body: { subscription } }) =>
        showDelivery(await sendEvent(deps, caller, { id, subscription })),
    }),
  ];
}
