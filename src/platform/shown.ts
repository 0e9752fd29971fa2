import { defined } from "../domain/defined.ts";
import type { ObjectData } from "../domain/event.ts";
import type { JsonObject } from "../domain/merge-patch.ts";
import { resourceOf } from "../domain/notifications/view.ts";
import type { Subscription } from "../domain/subscription.ts";
import { userParams } from "../domain/user.ts";
import type { App, Bucket, KnownFunction, ListedObject, Registered } from "../store/records.ts";
import type { NewUser } from "../store/unit.ts";

/** A resource as it is shown to who may see it, by kind. Links are paths of this server. */

const link = (href: string): JsonObject => ({ href });
const instant = (ms: number): string => new Date(ms).toISOString();

function watching(uuid: string): JsonObject {
  return link(`/notifications/v2/?associatedUuid=${uuid}`);
}

export function shownProfile(user: NewUser): JsonObject {
  return {
    ...userParams(user),
    _links: { self: link(`/api/cloud/users/${user.uuid}/`), notifications: watching(user.uuid) },
  };
}

export function announcedFile(bucket: Pick<Bucket, "name">, object: ListedObject): JsonObject {
  const { key, uuid, size, eTag, contentType, modifiedMs, userMetadata, tags, owner } = object;
  const data: ObjectData = {
    bucket: bucket.name,
    key,
    size,
    eTag,
    contentType,
    lastModifiedMs: modifiedMs,
    reason: "PutObject",
    userMetadata,
    tags,
  };
  return resourceOf({
    id: "",
    resource: uuid,
    names: {},
    owners: [owner],
    timeMs: modifiedMs,
    data: { ...data },
  });
}

export function shownBucket({ uuid, name, owner, createdMs }: Bucket): JsonObject {
  const self = link(`/api/cloud/files/?bucket=${encodeURIComponent(name)}`);
  return { uuid, name, owner, created: instant(createdMs), _links: { self, notifications: watching(uuid) } };
}

export function announcedApp({ uuid, slug, name, owner, createdMs, updatedMs }: Omit<App, "number">): JsonObject {
  return {
    id: slug,
    uuid,
    name,
    owner,
    created: instant(createdMs),
    lastUpdated: instant(updatedMs),
    _links: { self: link(`/api/apps/${slug}/`), notifications: watching(uuid) },
  };
}

type ShownFunction = Pick<
  KnownFunction,
  "uuid" | "slug" | "name" | "owner" | "enabled" | "appSlug" | "createdMs" | "updatedMs"
>;

export function announcedFunctionData(fn: ShownFunction): JsonObject {
  const { uuid, slug, name, owner, enabled, appSlug, createdMs, updatedMs } = fn;
  return {
    id: slug,
    uuid,
    name,
    app: appSlug,
    owner,
    enabled,
    created: instant(createdMs),
    lastUpdated: instant(updatedMs),
    _links: { self: link(`/api/apps/${appSlug}/functions/${slug}/`), notifications: watching(uuid) },
  };
}

/** A resource of the host's own: what the host tells of it comes last, so that it may have an `owner` or links of its own. */
export function shownRegistered({
  uuid,
  owner,
  app,
  data,
}: Pick<Registered, "uuid" | "owner" | "app" | "data">): JsonObject {
  return {
    uuid,
    owner,
    ...defined({ app }),
    _links: { notifications: watching(uuid) },
    ...data,
  };
}

type ShownSubscription = Pick<Subscription, "uuid" | "owner" | "scope" | "event" | "target" | "enabled" | "createdMs">;

/** Without its url, which is often a secret of its own. */
export function announcedSubscription(subscription: ShownSubscription): JsonObject {
  const { uuid, owner, scope, event, target, enabled, createdMs } = subscription;
  return {
    id: uuid,
    uuid,
    owner,
    associatedUuid: scope,
    event,
    target: target.kind,
    enabled,
    created: instant(createdMs),
    _links: { self: link(`/notifications/v2/${uuid}/`), notifications: watching(uuid) },
  };
}
