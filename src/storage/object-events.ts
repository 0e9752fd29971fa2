import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import { EventType } from "../domain/built-in-events.ts";
import type { FaceNames, NewEvent, ObjectData, ObjectEventName, ObjectReason, ObjectRequest } from "../domain/event.ts";
import type { OwnEvent } from "../domain/raised-events.ts";
import { freshId } from "../platform/deps.ts";
import type { Bucket, ListedObject, StoredObject } from "../store/records.ts";

/** Who changes which bucket, how, and by which operation. */
interface Doing {
  readonly principal: Principal;
  readonly bucket: Bucket;
  readonly reason: ObjectReason;
  readonly origin: string;
  readonly request?: ObjectRequest;
  /** A UUID v7, by which its hooks know it: the event's id. */
  readonly operation: string;
}

/** How the lifecycle face calls what is done to an object, before it and after it. */
export const objectOperations = {
  put: { pre: EventType.PRE_OBJECT_PUT, post: EventType.POST_OBJECT_PUT },
  delete: { pre: EventType.PRE_OBJECT_DELETE, post: EventType.POST_OBJECT_DELETE },
} as const;

/** How the notifications face calls what happens to a file. */
export const fileEventNames = {
  uploaded: "UPLOADED",
  copied: "CREATED",
  overwritten: "OVERWRITTEN",
  deleted: "DELETED",
  renamed: "RENAME",
  moved: "MOVED",
  tagged: "METADATA_UPDATED",
  downloaded: "DOWNLOAD",
} as const satisfies Readonly<Record<string, OwnEvent<"file">>>;

/** An object is there that was not, or has become another one. `before` is what it replaces. */
export function writtenEvent(doing: Doing, object: StoredObject, before: StoredObject | undefined): NewEvent {
  const created = doing.reason === "CopyObject" ? fileEventNames.copied : fileEventNames.uploaded;
  const notifications = before === undefined ? created : fileEventNames.overwritten;
  const objects: ObjectEventName = "OBJECT_CREATED_PUT";
  const names = { objects, notifications, lifecycle: objectOperations.put.post };
  return objectEvent(doing, { object, names, atMs: object.modifiedMs });
}

/** An object is no more. */
export function removedEvent(clock: Clock, doing: Doing, object: StoredObject): NewEvent {
  const left = leftEvent(clock, doing, object);
  return { ...left, names: { ...left.names, notifications: fileEventNames.deleted } };
}

/** Nothing lies at the object's key any more, while the file itself may be elsewhere: who watches that is notified only where it went. */
export function leftEvent(clock: Clock, doing: Doing, object: StoredObject): NewEvent {
  const objects: ObjectEventName = "OBJECT_DELETED";
  return objectEvent(doing, { object, names: { objects, lifecycle: objectOperations.delete.post }, atMs: clock.now() });
}

/** Where a file was. */
interface Before {
  readonly bucket: string;
  readonly key: string;
}

/** A file has come from elsewhere, with its uuid. */
export function movedEvent(doing: Doing, object: StoredObject, from: Before): NewEvent {
  const objects: ObjectEventName = "OBJECT_CREATED_PUT";
  const stays = from.bucket === doing.bucket.name && folderOf(from.key) === folderOf(object.key);
  const notifications = stays ? fileEventNames.renamed : fileEventNames.moved;
  const names = { objects, notifications, lifecycle: objectOperations.put.post };
  return objectEvent(doing, { object, names, atMs: object.modifiedMs, from });
}

/** Up to the slash before its last name; that of a folder itself ends in one more. */
function folderOf(key: string): string {
  return key.slice(0, key.slice(0, -1).lastIndexOf("/") + 1);
}

/** Something that leaves an object's content as it is; only who watches the file is notified. */
export function noticedEvent(
  clock: Clock,
  doing: Omit<Doing, "operation" | "reason">,
  { object, name }: { readonly object: ListedObject; readonly name: OwnEvent<"file"> },
): NewEvent {
  // The reason is that of the content, which is not stored: under this name no subscription shows it.
  const about = { ...doing, reason: "PutObject", operation: freshId(clock) } as const;
  const event = objectEvent(about, { object, names: { notifications: name }, atMs: object.modifiedMs });
  return { ...event, timeMs: clock.now() };
}

interface Happened {
  readonly object: ListedObject;
  readonly names: FaceNames;
  readonly atMs: number;
  readonly from?: Before;
}

function objectEvent(doing: Doing, { object, names, atMs, from }: Happened): NewEvent {
  const data: ObjectData = {
    bucket: doing.bucket.name,
    key: object.key,
    size: object.size,
    eTag: object.eTag,
    contentType: object.contentType,
    lastModifiedMs: atMs,
    reason: doing.reason,
    userMetadata: object.userMetadata,
    tags: object.tags,
    ...(from === undefined ? {} : { from }),
    ...(doing.request === undefined ? {} : { request: doing.request }),
  };
  const { chain } = doing.principal;
  return {
    id: doing.operation,
    tenant: doing.bucket.tenant,
    resource: object.uuid,
    scope: doing.bucket.uuid,
    names,
    owners: [...new Set([object.owner, doing.bucket.owner])],
    actor: doing.principal.name,
    origin: doing.origin,
    timeMs: atMs,
    data: { ...data, ...(chain === undefined ? {} : { chain: { ...chain } }) },
  };
}
