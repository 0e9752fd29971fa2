import { Type } from "typebox";
import type { Context, SubscriptionContext } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { sampleOf } from "../../domain/schema/sample.ts";
import { findEventType } from "../../platform/declarations/find.ts";
import { declarationsOf } from "../../platform/declarations/types.ts";
import { changeSubscription } from "../../subscriptions/change.ts";
import { createSubscription } from "../../subscriptions/create.ts";
import { eventType } from "../../subscriptions/find.ts";
import { listSubscribers, subscriberOf } from "../../subscriptions/list.ts";
import { unsubscribe } from "../../subscriptions/remove.ts";
import { editedSubscription } from "../http/edited.ts";
import { warned } from "../http/filter-warnings.ts";
import { type Route, route } from "../http/route.ts";
import { eventParams, judgeEvent, namesOfEvents } from "./event-names.ts";
import {
  changedSubscriber,
  leavingSubscriber,
  listedSubscriber,
  madeSubscriber,
  newSubscriber,
  readSubscriber,
  readSubscriberChange,
  showListed,
  showMade,
} from "./subscriber-schema.ts";

const path = "/api/cloud/events/";
const eventPath = `${path}:event/`;

/** Event types of the tenant, and subscribing functions to them. Messages are those of the documented API. */
export function eventRoutes(deps: SubscriptionContext & Pick<Context, "slices" | "declared">): Route[] {
  const { store, catalog } = deps;
  const developing = { role: "developer", tag: "events", judgePath: judgeEvent(catalog) } as const;
  return [
    route({
      method: "GET",
      path,
      role: "member",
      tag: "events",
      summary: "Lists the event types",
      message: "Events retrieved successfully",
      data: Type.Object({ events: namesOfEvents }),
      handle: async () => ({ events: [...catalog.names] }),
    }),
    route({
      ...developing,
      method: "GET",
      path: eventPath,
      summary: "Shows an event type and who in the tenant is subscribed to it",
      params: eventParams,
      message: ({ params }) => `Event '${params.event}' details retrieved successfully`,
      data: Type.Object({
        event: Type.String(),
        phase: Type.Enum(["pre", "post"]),
        resource: Type.String({ description: "The kind of resource that it is about." }),
        description: Type.String(),
        schema: Type.Object({}, { additionalProperties: true, description: "Of the params (JSON Schema)." }),
        changeable: Type.Array(Type.String(), { description: "Paths that hooks may change." }),
        sensitive: Type.Array(Type.String(), {
          description: "Paths that are taken out before functions see the params.",
        }),
        source: Type.Enum(["built_in", "host", "declared"], {
          description: "Who says so: Signalbox, the program that runs it, or a service that declared it.",
        }),
        version: Type.Optional(Type.Integer({ description: "Of one that was declared: which declaration this is." })),
        total_subscribers: Type.Integer(),
        subscribers: Type.Array(listedSubscriber),
      }),
      handle: async ({ caller: { tenant }, params: { event } }) => {
        const { definition, source, declaration } = await findEventType(deps, event);
        const { phase, resource, description = "", schema, changeable = [], sensitive = [] } = definition;
        const subscribers = await listSubscribers(store, { tenant, event });
        return {
          event,
          phase,
          resource,
          description,
          schema,
          changeable: [...changeable],
          sensitive: [...sensitive],
          source,
          ...(source === "declared" ? defined({ version: declaration?.version }) : {}),
          total_subscribers: subscribers.length,
          subscribers: subscribers.map(showListed),
        };
      },
    }),
    route({
      ...developing,
      method: "GET",
      path: `${eventPath}types/`,
      operationId: "declareEventTypes",
      summary: "Declares the params of an event type in TypeScript, with a sample",
      description:
        "A module of types alone, made of the event's schema and, for users, of what your tenant's attributes may be: to complete `event.params` in an editor, or to import in a function.",
      params: eventParams,
      message: "Types declared successfully",
      data: Type.Object({
        event: Type.String(),
        params_type: Type.String({ description: "The name of the type of its params." }),
        declarations: Type.String({ description: "The text of a module." }),
        sample: Type.Object({}, { additionalProperties: true, description: "Params such as the schema describes." }),
      }),
      handle: async ({ caller, params: { event }, signal }) => {
        const definition = eventType(catalog, event);
        const { name, text } = await declarationsOf(deps, caller, definition, signal);
        return { event, params_type: name, declarations: text, sample: sampleOf(definition.schema) as Params };
      },
    }),
    route({
      ...developing,
      method: "POST",
      path: `${eventPath}subscribe/`,
      operationId: "subscribeToEvent",
      summary: "Subscribes a function to an event type",
      params: eventParams,
      body: newSubscriber,
      message: ({ params, body }) => `Function ${body.function_id} subscribed to event '${params.event}' successfully`,
      data: madeSubscriber,
      handle: async ({ caller, params: { event }, body }) => {
        const request = readSubscriber(body, eventType(catalog, event));
        const { subscription } = await createSubscription(deps, caller, request);
        return { ...showMade(await subscriberOf(store, subscription)), ...warned("lifecycle", body.filter) };
      },
    }),
    route({
      ...developing,
      method: "POST",
      path: `${eventPath}unsubscribe/`,
      operationId: "unsubscribeFromEvent",
      summary: "Unsubscribes a function; what still waited for it becomes a dead letter",
      params: eventParams,
      body: leavingSubscriber,
      message: ({ params, body }) =>
        `Function ${body.function_id} unsubscribed from event '${params.event}' successfully`,
      data: Type.Object({}),
      handle: async ({ caller, params: { event }, body: { function_id: fn } }) => {
        await unsubscribe(deps, caller, { event, fn });
        return {};
      },
    }),
    route({
      ...developing,
      method: "PATCH",
      path: `${eventPath}subscribers/:id/`,
      summary: "Changes a subscription, from the next event on",
      params: Type.Object({ ...eventParams.properties, id: Type.String() }),
      edited: ({ caller, params: { event, id } }) =>
        editedSubscription(store, caller, { surface: "subscribers", of: event, id }),
      body: changedSubscriber,
      message: "Subscriber changed successfully",
      data: madeSubscriber,
      handle: async ({ caller, params: { event, id }, body, conditional }) => {
        const reference = { surface: "subscribers", of: event, id } as const;
        const read = () => readSubscriberChange(body, eventType(catalog, event));
        const { subscription } = await changeSubscription(conditional(deps), caller, reference, read);
        return { ...showMade(await subscriberOf(store, subscription)), ...warned("lifecycle", body.filter) };
      },
    }),
  ];
}
