import { type Static, Type } from "typebox";
import type { SubscriptionContext } from "../../../context.ts";
import type { Principal } from "../../../domain/access.ts";
import { defined } from "../../../domain/defined.ts";
import { healthOf } from "../../../history/health.ts";
import { changeSubscription, resumeSubscription, rotateSigningSecret } from "../../../subscriptions/change.ts";
import { createSubscription } from "../../../subscriptions/create.ts";
import { findSubscription, type Reference } from "../../../subscriptions/find.ts";
import { listSubscriptions } from "../../../subscriptions/list.ts";
import { removeSubscription } from "../../../subscriptions/remove.ts";
import { subscriptionStatuses } from "../../../subscriptions/status.ts";
import { targetNames } from "../../../subscriptions/target-kinds/target-kinds.ts";
import { Cursors } from "../../http/cursors.ts";
import { editedSubscription } from "../../http/edited.ts";
import { nextCursor, paging, principalName, shownInstant } from "../../http/fields.ts";
import { warned } from "../../http/filter-warnings.ts";
import { named } from "../../http/named.ts";
import { type Route, route } from "../../http/route.ts";
import { healthMember, includeHealth, withHealth } from "../health-schema.ts";
import {
  madeSubscription,
  rotatedSubscription,
  savedSubscription,
  shownSubscription,
  showSubscription,
} from "./shown.ts";
import {
  changedSubscription,
  eventName,
  face,
  newSubscription,
  readChange,
  readNew,
  resource,
} from "./subscription-schema.ts";

const path = "/api/cloud/subscriptions/";
const params = Type.Object({ id: Type.String() });
const listedSubscription = named("ListedSubscription", Type.Object({ ...shownSubscription.properties, ...withHealth }));

function at({ id }: Static<typeof params>): Reference<"subscriptions"> {
  return { surface: "subscriptions", id };
}

function edited({ store }: SubscriptionContext) {
  return ({ caller, params }: { readonly caller: Principal; readonly params: { readonly id: string } }) =>
    editedSubscription(store, caller, at(params));
}

/** Subscriptions of all faces: any event, any target, in one place. */
export function subscriptionRoutes(deps: SubscriptionContext): Route[] {
  return [...collection(deps), ...single(deps), ...actions(deps)];
}

const common = { role: "member", tag: "subscriptions" } as const;

function collection(deps: SubscriptionContext): Route[] {
  const { store } = deps;
  const cursors = new Cursors<number>(deps.vault, "subscriptions");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists subscriptions of every face, newest first",
      description:
        "Yours; an admin's list holds everybody's, and with `resource` a bucket that you manage all of that bucket's. A page may be short while there is a next.",
      query: Type.Object({
        face: Type.Optional(face),
        event: Type.Optional(eventName),
        resource: Type.Optional(resource),
        target: Type.Optional(Type.Enum([...targetNames])),
        destination: Type.Optional(Type.String({ description: "Those that go to the destination of this name." })),
        owner: Type.Optional(principalName),
        status: Type.Optional(Type.Enum([...subscriptionStatuses])),
        ...includeHealth,
        ...paging,
      }),
      message: "Subscriptions retrieved",
      data: Type.Object({ subscriptions: Type.Array(listedSubscription), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit, cursor, include, ...filter } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const { subscriptions, next } = await listSubscriptions(store, caller, filter, page);
        const shown = await Promise.all(subscriptions.map((one) => showSubscription(deps, one)));
        const healths = include === undefined ? [] : await healthOf(deps, subscriptions);
        return {
          subscriptions: shown.map((one, index) => ({ ...one, ...healthMember(healths[index]) })),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Subscribes a function, a webhook or an e-mail address to events of any face",
      description:
        "Objects of a bucket: for who manages it. Operations, and functions as targets: for developers. A resource: for who sees it. Everything (`*`): for admins.",
      body: newSubscription,
      status: 201,
      made: ({ id }) => id,
      message: "Subscription created; a signing secret is not shown again",
      data: madeSubscription,
      handle: async ({ caller, body }) => {
        const { subscription, signingSecret, warnings = [] } = await createSubscription(deps, caller, readNew(body));
        return {
          ...(await showSubscription(deps, subscription)),
          ...defined({ signing_secret: signingSecret }),
          ...warned(subscription.face, body.filter, { others: warnings, savedMs: deps.clock.now() }),
        };
      },
    }),
  ];
}

function single(deps: SubscriptionContext): Route[] {
  return [
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a subscription",
      params,
      query: Type.Object(includeHealth),
      edited: edited(deps),
      message: "Subscription retrieved",
      data: listedSubscription,
      handle: async ({ caller, params, query: { include } }) => {
        const found = await findSubscription(deps.store, caller, at(params));
        const [health] = include === undefined ? [] : await healthOf(deps, [found]);
        return { ...(await showSubscription(deps, found)), ...healthMember(health) };
      },
    }),
    route({
      ...common,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Changes a subscription, from the next event on",
      params,
      edited: edited(deps),
      body: changedSubscription,
      message: "Subscription changed",
      data: savedSubscription,
      handle: async ({ caller, params, body, conditional }) => {
        const read = () => readChange(body);
        const { subscription: changed } = await changeSubscription(conditional(deps), caller, at(params), read);
        return {
          ...(await showSubscription(deps, changed)),
          ...warned(changed.face, body.filter, { savedMs: deps.clock.now() }),
        };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Deletes a subscription; what still waited becomes a dead letter",
      params,
      edited: edited(deps),
      message: "Subscription deleted",
      data: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeSubscription(conditional(deps), caller, at(params));
        return {};
      },
    }),
  ];
}

function actions(deps: SubscriptionContext): Route[] {
  return [
    route({
      ...common,
      method: "POST",
      path: `${path}:id/resume/`,
      summary: "Sends again to a receiver that had answered 410; what was kept meanwhile goes too",
      params,
      edited: edited(deps),
      message: "Subscription resumed",
      data: shownSubscription,
      handle: async ({ caller, params, conditional }) =>
        showSubscription(deps, await resumeSubscription(conditional(deps), caller, at(params))),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/rotate-secret/`,
      summary: "Makes a new signing secret; the one before signs too for 24 hours",
      params,
      edited: edited(deps),
      message: "Signing secret rotated; keep the new one, it is not shown again",
      data: rotatedSubscription,
      handle: async ({ caller, params, conditional }) => {
        const { subscription, signingSecret, untilMs } = await rotateSigningSecret(
          conditional(deps),
          caller,
          at(params),
        );
        return {
          ...(await showSubscription(deps, subscription)),
          signing_secret: signingSecret,
          previous_secret_until: shownInstant(untilMs),
        };
      },
    }),
  ];
}
