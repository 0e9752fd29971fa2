import { Type } from "typebox";
import type { Catalog } from "../../domain/catalog.ts";
import { findApp } from "../../platform/apps/apps.ts";
import type { App } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import { eventType } from "../../subscriptions/find.ts";
import { countSubscribers, listSubscribers } from "../../subscriptions/list.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { appParams } from "./apps.ts";
import { eventParams, namesOfEvents } from "./event-names.ts";
import { listedSubscriber, showListed } from "./subscriber-schema.ts";

const shownApp = named("AppName", Type.Object({ id: Type.Integer(), name: Type.String(), slug: Type.String() }));

function showApp({ number: id, name, slug }: App) {
  return { id, name, slug };
}

/** Event types with an app's own subscribers. Messages are those of the documented API. */
export function appEventRoutes({ store, catalog }: { readonly store: Store; readonly catalog: Catalog }): Route[] {
  const path = "/api/apps/:app/events/";
  const common = { method: "GET", role: "member", tag: "events" } as const;
  return [
    route({
      ...common,
      path,
      summary: "Lists the event types, and how many of an app's functions are subscribed to each",
      params: appParams,
      message: "Events retrieved successfully",
      data: Type.Object({
        events: namesOfEvents,
        app: shownApp,
        subscriber_counts: Type.Record(Type.String(), Type.Integer(), { description: "By event type." }),
      }),
      handle: async ({ caller, params }) => {
        const app = await findApp(store, caller, params.app);
        const counts = await countSubscribers(store, { tenant: caller.tenant, scope: app.uuid });
        return {
          events: [...catalog.names],
          app: showApp(app),
          subscriber_counts: Object.fromEntries(catalog.names.map((name) => [name, counts.get(name) ?? 0])),
        };
      },
    }),
    route({
      ...common,
      path: `${path}:event/`,
      summary: "Shows an event type with those of an app's functions that are subscribed to it",
      params: Type.Object({ ...appParams.properties, ...eventParams.properties }),
      message: ({ params }) => `Event '${params.event}' details retrieved successfully`,
      data: Type.Object({
        event: Type.String(),
        app: shownApp,
        total_subscribers: Type.Integer(),
        subscribers: Type.Array(listedSubscriber),
      }),
      handle: async ({ caller, params }) => {
        const app = await findApp(store, caller, params.app);
        const { name: event } = eventType(catalog, params.event);
        const subscribers = await listSubscribers(store, { tenant: caller.tenant, scope: app.uuid, event });
        return {
          event,
          app: showApp(app),
          total_subscribers: subscribers.length,
          subscribers: subscribers.map(showListed),
        };
      },
    }),
  ];
}
