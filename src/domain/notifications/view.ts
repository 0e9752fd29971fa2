import { defined } from "../defined.ts";
import type { Event, Json, ObjectData } from "../event.ts";
import { sequenceText } from "../ids.ts";
import { lifecycleOf } from "../lifecycle.ts";
import { isJsonObject, type JsonObject } from "../merge-patch.ts";
import type { Subscription } from "../subscription.ts";
import { nameForSubscription } from "./names.ts";
import { parentsOf } from "./parents.ts";
import { isResourceData, kindNameOf } from "./resource-data.ts";

/** How an event looks to who watches a resource: to filters, payloads, macros and mails. */

/** What macros, payloads and mails read of an event. */
export interface EventView {
  /** Name of the kind of resource; empty when it is not known. */
  readonly kind: string;
  /** Of the resource. */
  readonly uuid: string;
  /** `OVERWRITTEN`. */
  readonly event: string;
  /** Who caused it. */
  readonly actor: string | undefined;
  /** Whose resource it is. */
  readonly owner: string | undefined;
  /** RFC 3339. */
  readonly time: string;
  /** What payloads show of the resource. */
  readonly resource: JsonObject;
  /** For an event announced on a parent: what happened to the resource, under its own name; and on which parent this is. */
  readonly of?: { readonly event: string; readonly kind: string; readonly uuid: string };
  readonly parent?: { readonly kind: string; readonly uuid: string };
  /** The grant that a PERMISSION_… event is about. */
  readonly permission?: {
    readonly id: string;
    readonly permission: string;
    readonly username: string;
    readonly lastUpdated: string;
  };
}

type ViewedEvent = Pick<Event, "id" | "resource" | "names" | "data" | "actor" | "owners" | "timeMs">;

/** What an event tells of its resource. Links in it are paths of this server. */
export function resourceOf(event: ViewedEvent): JsonObject {
  const { data } = event;
  if (isResourceData(data)) return data.resource;
  if ("params" in data) return lifecycleOf(event).params;
  if ("key" in data && "bucket" in data) return fileOf(event, data as unknown as ObjectData);
  return isJsonObject(data) ? data : {};
}

/** An object as a file: what the documented payloads show, and what an object has besides. */
function fileOf({ resource, owners, names }: ViewedEvent, object: ObjectData): JsonObject {
  const { bucket, key, size, eTag, contentType, lastModifiedMs, userMetadata, tags, from } = object;
  const gone = names.notifications === "DELETED" || names.objects === "OBJECT_DELETED";
  return {
    type: "file",
    name: key.slice(key.lastIndexOf("/", key.length - 2) + 1),
    uuid: resource,
    owner: owners?.[0] ?? null,
    internalUsername: null,
    lastModified: new Date(lastModifiedMs).toISOString(),
    source: from === undefined ? null : `${from.bucket}/${from.key}`,
    path: key,
    status: gone ? "DELETED" : "AVAILABLE",
    systemId: bucket,
    nativeFormat: "raw",
    length: size,
    mimeType: contentType,
    eTag,
    metadata: { ...userMetadata },
    tags: { ...tags },
    _links: {
      self: { href: `/api/cloud/files/${resource}/` },
      notifications: { href: `/notifications/v2/?associatedUuid=${resource}` },
    },
  };
}

interface ViewOptions {
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: string;
}

/** An event as a subscription shows it to its target. */
export function viewOf(
  event: Event,
  subscription: Pick<Subscription, "face" | "scope" | "event">,
  { publicUrl }: ViewOptions,
): EventView {
  const { data } = event;
  const permission = isResourceData(data) ? data.permission : undefined;
  return {
    kind: kindNameOf(event),
    uuid: event.resource,
    event: nameForSubscription(event, subscription),
    actor: event.actor,
    owner: event.owners?.[0],
    time: new Date(event.timeMs).toISOString(),
    resource: linked(resourceOf(event), publicUrl),
    ...defined({ permission }),
    ...parentView(event, subscription),
  };
}

/** Of what lies in what is watched: what that is, and what happened in its own words. */
function parentView(
  event: Event,
  { face, scope }: Pick<Subscription, "face" | "scope">,
): Pick<EventView, "of" | "parent"> {
  const { data, resource } = event;
  if (isResourceData(data) && data.of !== undefined) {
    return { of: data.of, parent: { kind: data.kind, uuid: resource } };
  }
  if (face !== "notifications" || scope === resource) return {};
  const parent = parentsOf(event).find(({ uuid }) => uuid === scope);
  if (parent === undefined) return {};
  const of = { event: event.names.notifications ?? "", kind: kindNameOf(event), uuid: resource };
  return { of, parent: { kind: parent.kind, uuid: parent.uuid } };
}

/** With links that lead here from anywhere. */
function linked(resource: JsonObject, publicUrl: string): JsonObject {
  const links = resource["_links"];
  if (links === undefined || !isJsonObject(links)) return resource;
  const absolute = (link: Json): Json => {
    if (!isJsonObject(link)) return link;
    const { href } = link;
    return typeof href === "string" && href.startsWith("/") ? { ...link, href: publicUrl + href } : link;
  };
  return {
    ...resource,
    _links: Object.fromEntries(Object.entries(links).map(([name, link]) => [name, absolute(link)])),
  };
}

/** Beside the resource, in every payload. At a parent: also what happened to which of the resources that lie in it. */
export function factsOf(event: Event, view: EventView, subscription: Pick<Subscription, "uuid">): JsonObject {
  return {
    event: view.event,
    eventTime: view.time,
    eventId: event.id,
    sequence: sequenceText(event.sequence),
    actor: view.actor ?? null,
    associatedUuid: event.resource,
    notificationId: subscription.uuid,
    ...(view.of === undefined ? {} : { of: { ...view.of } }),
    ...(view.parent === undefined ? {} : { parent: { ...view.parent } }),
  };
}
