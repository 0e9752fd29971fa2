import type { Event, Json, NewEvent, ObjectData } from "../event.ts";
import { kinds, sequenceText } from "../ids.ts";
import { type Chain, lifecycleOf } from "../lifecycle.ts";
import { isJsonObject, type JsonObject } from "../merge-patch.ts";
import type { Subscription } from "../subscription.ts";
import { toldName } from "./names.ts";
import type { EventView } from "./template.ts";

/** How an event looks to who watches a resource: to filters, payloads, macros and mails. */

export interface ShownPermission {
  readonly id: string;
  readonly permission: string;
  readonly username: string;
  readonly lastUpdated: string;
}

/** `data` of an event of a resource that is neither an object nor told to functions. */
export interface ResourceData {
  /** Name of its kind. */
  readonly kind: string;
  /** What is told of it: as its own route shows it, without what is secret. */
  readonly resource: JsonObject;
  readonly permission?: ShownPermission;
  /** Through which functions it came about. */
  readonly chain?: Chain;
}

export function resourceData(data: ResourceData): NewEvent["data"] {
  return data as unknown as NewEvent["data"];
}

type Told = Pick<Event, "id" | "resource" | "names" | "data" | "actor" | "owners" | "timeMs">;

/** What an event tells of its resource. Links in it are paths of this server. */
export function resourceOf(event: Told): JsonObject {
  const { data } = event;
  if (isResource(data)) return data.resource;
  if ("params" in data) return lifecycleOf(event).params;
  if ("key" in data && "bucket" in data) return fileOf(event, data as unknown as ObjectData);
  return isJsonObject(data) ? data : {};
}

function isResource(data: Event["data"]): data is Event["data"] & ResourceData {
  return "resource" in data && "kind" in data && isJsonObject(data["resource"] ?? null);
}

/** An object as a file: what the documented payloads show, and what an object has besides. */
function fileOf({ resource, owners, names }: Told, object: ObjectData): JsonObject {
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

const kindNames = new Map(Object.entries(kinds).map(([name, code]) => [code as string, name]));

/** Name of the kind of an event's resource. */
export function kindNameOf({ resource, data }: Pick<Event, "resource" | "data">): string {
  if (isResource(data)) return data.kind;
  return kindNames.get(resource.slice(-3)) ?? "";
}

export interface ViewOptions {
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: string;
}

/** What a subscription is told of an event. */
export function viewOf(
  event: Event,
  subscription: Pick<Subscription, "face" | "scope">,
  { publicUrl }: ViewOptions,
): EventView {
  const { data } = event;
  const permission = isResource(data) ? data.permission : undefined;
  return {
    kind: kindNameOf(event),
    uuid: event.resource,
    event: toldName(event, subscription),
    actor: event.actor,
    owner: event.owners?.[0],
    time: new Date(event.timeMs).toISOString(),
    resource: linked(resourceOf(event), publicUrl),
    ...(permission === undefined ? {} : { permission }),
  };
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

/** Beside the resource, in every payload. */
export function factsOf(event: Event, view: EventView, subscription: Pick<Subscription, "uuid">): JsonObject {
  return {
    event: view.event,
    eventTime: view.time,
    eventId: event.id,
    sequence: sequenceText(event.sequence),
    actor: view.actor ?? null,
    associatedUuid: event.resource,
    notificationId: subscription.uuid,
  };
}
