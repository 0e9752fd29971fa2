import { Type } from "typebox";
import { subscribableEvents } from "../../domain/notifications/subscribable-events.ts";
import { askedOf } from "../../subscriptions/asked.ts";
import { lastDelivery } from "../../subscriptions/attempts.ts";
import { changeSubscription } from "../../subscriptions/change.ts";
import { createSubscription } from "../../subscriptions/create.ts";
import { findSubscription } from "../../subscriptions/find.ts";
import { ownAddress } from "../../subscriptions/own-address.ts";
import { removeSubscription } from "../../subscriptions/remove.ts";
import type { Granted } from "../../subscriptions/request.ts";
import { listNotifications, notificationFields } from "../../subscriptions/search.ts";
import { editedSubscription } from "../http/edited.ts";
import { readNotificationRequest, requestOf } from "./read.ts";
import { type FaceAsked, type FaceRoute, type NotificationsContext, referenceOf } from "./route.ts";
import { changedNotification, listedSubscription, newNotification, shownEvents, shownNotification } from "./schema.ts";
import { listedNotificationBody, notificationBody } from "./shown.ts";

/** Subscribing to resources. */
export function notificationRoutes(deps: NotificationsContext): FaceRoute[] {
  const { egressAllow } = deps;
  const show = async (made: Granted) => {
    const last = await lastDelivery(deps.store, made.subscription);
    return notificationBody(deps, made, last, await askedOf(deps.store, made.subscription, deps.clock.now()));
  };
  const create = async ({ caller, body }: FaceAsked) => {
    const asked = readNotificationRequest(body, { egressAllow, own: await ownAddress(deps, caller) });
    const { replacement: target, ...request } = requestOf(asked);
    if (target === undefined) throw new RangeError("a new subscription has no target to keep");
    return show(
      await createSubscription(deps, caller, { ...request, surface: "notifications", face: "notifications", target }),
    );
  };
  const edited = ({ caller, params }: Pick<FaceAsked, "caller" | "params">) =>
    editedSubscription(deps.store, caller, referenceOf(params));
  const change = async ({ caller, params, body, conditional }: FaceAsked, merging: boolean) =>
    show(
      await changeSubscription(conditional(deps), caller, referenceOf(params), async (before) => {
        const own = await ownAddress(deps, caller);
        return requestOf(readNotificationRequest(body, { egressAllow, own, before, merging }), before);
      }),
    );
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
      handle: create,
    },
    {
      methods: ["GET"],
      path: "/events/",
      summary: "Lists the events that are raised here, by kind of resource, and who raises them",
      result: shownEvents,
      handle: async () =>
        subscribableEvents(deps.kinds).map(({ raised, events, ...kind }) => ({
          ...kind,
          events: [...events],
          raised: raised.map((one) => ({ ...one })),
        })),
    },
    {
      methods: ["GET"],
      path: "/:uuid/",
      edited,
      summary: "Shows a subscription, and what came of its newest attempt",
      result: shownNotification,
      handle: async ({ caller, params }) =>
        show({ subscription: await findSubscription(deps.store, caller, referenceOf(params)) }),
    },
    {
      methods: ["POST", "PUT"],
      path: "/:uuid/",
      edited,
      summary: "Replaces a subscription that has not fired; what is left out gets its default",
      body: newNotification,
      result: shownNotification,
      handle: (asked) => change(asked, false),
    },
    {
      methods: ["PATCH"],
      path: "/:uuid/",
      edited,
      summary: "Changes a subscription that has not fired; what is left out stays",
      body: changedNotification,
      result: shownNotification,
      handle: (asked) => change(asked, true),
    },
    {
      methods: ["DELETE"],
      path: "/:uuid/",
      edited,
      summary: "Deletes a subscription; what still waited is not sent",
      result: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeSubscription(conditional(deps), caller, referenceOf(params));
        return {};
      },
    },
  ];
}
