import { defined } from "../../domain/defined.ts";
import type { Json } from "../../domain/event.ts";
import { anyResource, kinds as ownKinds, parseUuid } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/merge-patch.ts";
import type { ResourceKinds } from "../../domain/notifications/resource-kinds.ts";
import { addresseeOf, type Subscription } from "../../domain/subscription.ts";
import type { Delivery } from "../../store/store.ts";
import type { Asked } from "../../subscriptions/asked.ts";
import type { AttemptFacts } from "../../subscriptions/attempts.ts";
import { notificationStatusOf, retryOf, urlOf } from "../../subscriptions/facts.ts";
import type { Granted } from "../../subscriptions/request.ts";
import { shownInstant, shownOptional } from "../http/fields.ts";
import { batchOf } from "./batch.ts";

/** How subscriptions and attempts are shown. */

interface Showing {
  readonly kinds: ResourceKinds;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
}

/** With what came of the newest delivery, if there was any. */
export function notificationBody(
  showing: Showing,
  { subscription, signingSecret, warnings = [] }: Granted,
  last: Delivery | undefined,
  asked: Asked | undefined,
): JsonObject {
  const { uuid, owner, scope, event, once, target, unconfirmed, createdMs, updatedMs } = subscription;
  const href = places(showing);
  const batch = batchOf(subscription);
  return {
    id: uuid,
    owner,
    url: urlOf(subscription),
    associatedUuid: scope,
    event,
    responseCode: last?.last?.status ?? null,
    attempts: last?.attempts ?? 0,
    lastSent: shownOptional(last?.last?.startedMs),
    success: last?.status === "delivered",
    persistent: once === undefined,
    status: notificationStatusOf(subscription),
    lastUpdated: shownInstant(updatedMs),
    created: shownInstant(createdMs),
    policy: { ...retryOf(subscription) },
    ...(batch === undefined ? {} : { batch: { ...batch } }),
    ...(addresseeOf(target) === undefined ? {} : { confirmed: unconfirmed === undefined }),
    ...(asked === undefined ? {} : { confirmation: showAsked(asked) }),
    ...defined({ signingSecret }),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
    _links: {
      self: href.notification(uuid),
      attempts: href.attempts(uuid),
      owner: href.profile(owner),
      ...href.resource(scope),
    },
  };
}

function showAsked({ state, message, askedMs, nextMs }: Asked): JsonObject {
  return { state, message, asked: shownOptional(askedMs), next: shownOptional(nextMs) };
}

export function listedNotificationBody(showing: Showing, subscription: Subscription): JsonObject {
  const { uuid, owner, scope, event } = subscription;
  const href = places(showing);
  return {
    id: uuid,
    url: urlOf(subscription),
    associatedUuid: scope,
    event,
    _links: { self: href.notification(uuid), profile: href.profile(owner), ...href.resource(scope) },
  };
}

export function notificationAttemptBody(showing: Showing, facts: AttemptFacts): JsonObject {
  const { id, url, event, associatedUuid, notificationId, owner, status, attempts, createdMs } = facts;
  const href = places(showing);
  return {
    id,
    url,
    event,
    associatedUuid,
    notificationId,
    status,
    attempts,
    created: shownInstant(createdMs),
    nextAttempt: shownOptional(facts.nextMs),
    startTime: shownOptional(facts.startMs),
    endTime: shownOptional(facts.endMs),
    response: { code: facts.code ?? null, message: facts.message ?? null },
    _links: {
      self: href.attempt(notificationId, id),
      notification: href.notification(notificationId),
      profile: href.profile(owner),
      ...href.resource(associatedUuid),
    },
  };
}

interface Places {
  notification(uuid: string): JsonObject;
  attempts(uuid: string): JsonObject;
  attempt(uuid: string, attempt: string): JsonObject;
  profile(owner: string): JsonObject;
  /** By the name of its kind; nothing for all resources. */
  resource(uuid: string): JsonObject;
}

/** Links are absolute: they are kept, and sent on. */
function places({ kinds, publicUrl }: Showing): Places {
  const base = publicUrl();
  const link = (path: string): JsonObject => ({ href: `${base}${path}` });
  const face = "/notifications/v2";
  return {
    notification: (uuid) => link(`${face}/${uuid}`),
    attempts: (uuid) => link(`${face}/${uuid}/attempts`),
    attempt: (uuid, attempt) => link(`${face}/${uuid}/attempts/${attempt}`),
    profile: (owner) => link(`/profiles/v2/${encodeURIComponent(owner)}`),
    resource: (uuid) => {
      if (uuid === anyResource) return {};
      const parsed = parseUuid(uuid);
      const kind = parsed === undefined ? undefined : kinds.of(parsed);
      return { [kind?.name ?? "resource"]: link(placeOf(uuid)) } satisfies Json;
    },
  };
}

/** Where a resource is shown, as far as its uuid tells; otherwise who listens to it, of whom it is always known. */
function placeOf(uuid: string): string {
  switch (uuid.slice(-3)) {
    case ownKinds.profile:
      return `/api/cloud/users/${uuid}/`;
    case ownKinds.file:
      return `/api/cloud/files/${uuid}/`;
    case ownKinds.subscription:
      return `/notifications/v2/${uuid}`;
    default:
      return `/notifications/v2/?associatedUuid=${uuid}`;
  }
}
