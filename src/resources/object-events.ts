import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import { EventType } from "../domain/built-in-events.ts";
import type { FaceNames, NewEvent, ObjectData, ObjectEventName, ObjectReason } from "../domain/event.ts";
import type { Bucket, StoredObject } from "../store/records.ts";

/** Who changes which bucket, how, and by which operation. */
export interface Doing {
  readonly principal: Principal;
  readonly bucket: Bucket;
  readonly reason: ObjectReason;
  readonly origin: string;
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
} as const;

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
  const objects: ObjectEventName = "OBJECT_DELETED";
  const names = { objects, notifications: fileEventNames.deleted, lifecycle: objectOperations.delete.post };
  return objectEvent(doing, { object, names, atMs: clock.now() });
}

interface Happened {
  readonly object: StoredObject;
  readonly names: FaceNames;
  readonly atMs: number;
}

function objectEvent(doing: Doing, { object, names, atMs }: Happened): NewEvent {
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
  };
  return {
    id: doing.operation,
    tenant: doing.bucket.tenant,
    resource: object.uuid,
    scope: doing.bucket.uuid,
    names,
    actor: doing.principal.name,
    origin: doing.origin,
    timeMs: atMs,
    data: { ...data },
  };
}
