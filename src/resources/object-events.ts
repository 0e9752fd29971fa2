import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import type { FaceNames, NewEvent, ObjectData, ObjectEventName, ObjectReason } from "../domain/event.ts";
import type { Bucket, StoredObject } from "../store/records.ts";
import { freshId } from "./deps.ts";

/** Who changes which bucket, and by which operation: what all events of one request share. */
export interface Doing {
  readonly principal: Principal;
  readonly bucket: Bucket;
  readonly reason: ObjectReason;
  readonly origin: string;
}

/** How the notifications face calls what happens to a file. */
export const fileEventNames = {
  uploaded: "UPLOADED",
  copied: "CREATED",
  overwritten: "OVERWRITTEN",
  deleted: "DELETED",
} as const;

/** An object is there that was not, or has become another one. `before` is what it replaces. */
export function writtenEvent(
  clock: Clock,
  doing: Doing,
  object: StoredObject,
  before: StoredObject | undefined,
): NewEvent {
  const created = doing.reason === "CopyObject" ? fileEventNames.copied : fileEventNames.uploaded;
  const notifications = before === undefined ? created : fileEventNames.overwritten;
  const objects: ObjectEventName = "OBJECT_CREATED_PUT";
  return objectEvent(clock, doing, { object, names: { objects, notifications }, atMs: object.modifiedMs });
}

/** An object is no more. */
export function removedEvent(clock: Clock, doing: Doing, object: StoredObject): NewEvent {
  const objects: ObjectEventName = "OBJECT_DELETED";
  const names = { objects, notifications: fileEventNames.deleted };
  return objectEvent(clock, doing, { object, names, atMs: clock.now() });
}

interface Happened {
  readonly object: StoredObject;
  readonly names: FaceNames;
  readonly atMs: number;
}

function objectEvent(clock: Clock, doing: Doing, { object, names, atMs }: Happened): NewEvent {
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
    id: freshId(clock),
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
