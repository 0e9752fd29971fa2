import { Type } from "typebox";
import { heardEvents } from "../../domain/notifications/heard-events.ts";
import { askedOf } from "../../subscriptions/asked.ts";
import { lastDelivery } from "../../subscriptions/notifications/attempts.ts";
import { changeNotification } from "../../subscriptions/notifications/change.ts";
import { createNotification, type Made } from "../../subscriptions/notifications/create.ts";
import type { NotificationDeps } from "../../subscriptions/notifications/deps.ts";
import { findNotification } from "../../subscriptions/notifications/find.ts";
import { listNotifications, notificationFields } from "../../subscriptions/notifications/list.ts";
import { removeNotification } from "../../subscriptions/notifications/remove.ts";
import type { FaceAsked, FaceRoute } from "./route.ts";
import { changedNotification, listedSubscription, newNotification, shownEvents, shownNotification } from "./schema.ts";
import { listedNotificationBody, notificationBody } from "./shown.ts";

/** Subscribing to resources. */
export function notificationRoutes(deps: NotificationDeps): FaceRoute[] {
  const show = async (made: Made) => {
    const last = await lastDelivery(deps.store, made.subscription);
    return notificationBody(deps, made, last, await askedOf(deps.store, made.subscription, deps.clock.now()));
  };
  const change = async ({ caller, params, body }: FaceAsked, merging: boolean) =>
    show(await changeNotification(deps, caller, { id: params["uuid"] ?? "", body, merging }));
  return [
    {
      methods: ["GET"],
      path: "/",
      summary: "Lists your subscriptions, of admins everybody's, newest first",
      description:
        "Without a search those that are ACTIVE. With one whatever their status; deleted ones only when `visible` is searched for.",
      search: notificationFields,
      result: Type.Array(listedSubscription),
      handle: async ({ caller, query, signal }) => {
        const found = await listNotifications(deps, caller, { ...query, signal });
        return found.map((subscription) => listedNotificationBody(deps, subscription));
      },
    },
    {
      methods: ["POST"],
      path: "/",
      summary: "Subscribes you to events of a resource that you see",
      body: newNotification,
      status: 201,
      result: shownNotification,
      handle: async ({ caller, body }) => show(await createNotification(deps, caller, body)),
    },
    {
      methods: ["GET"],
      path: "/events/",
      summary: "Lists the events that are raised here, by kind of resource, and who raises them",
      result: shownEvents,
      handle: async () =>
        heardEvents(deps.kinds).map(({ raised, events, ...kind }) => ({
          ...kind,
          events: [...events],
          raised: raised.map((one) => ({ ...one })),
        })),
    },
    {
      methods: ["GET"],
      path: "/:uuid/",
      summary: "Shows a subscription, and what came of its newest attempt",
      result: shownNotification,
      handle: async ({ caller, params }) =>
        show({ subscription: await findNotification(deps.store, caller, params["uuid"] ?? "") }),
    },
    {
      methods: ["POST", "PUT"],
      path: "/:uuid/",
      summary: "Replaces a subscription that has not fired; what is left out gets its default",
      body: newNotification,
      result: shownNotification,
      handle: (asked) => change(asked, false),
    },
    {
      methods: ["PATCH"],
      path: "/:uuid/",
      summary: "Changes a subscription that has not fired; what is left out stays",
      body: changedNotification,
      result: shownNotification,
      handle: (asked) => change(asked, true),
    },
    {
      methods: ["DELETE"],
      path: "/:uuid/",
      summary: "Deletes a subscription; what still waited is not sent",
      result: Type.Object({}),
      handle: async ({ caller, params }) => {
        await removeNotification(deps, caller, params["uuid"] ?? "");
        return {};
      },
    },
  ];
}
