import type { StorageContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { ObjectReason, ObjectRequest } from "../domain/event.ts";
import type { Allowed } from "../hooks/guard.ts";
import { freshId, freshUuid } from "../platform/deps.ts";
import type { Bucket, ObjectFacts, Piece, StoredObject } from "../store/records.ts";
import type { Change, Condition } from "../store/unit.ts";
import type { WriteDecision } from "./hooked-write.ts";
import { writtenEvent } from "./object-events.ts";

/** Bytes that lie on disk already, verified. */
export interface Content {
  readonly pieces: readonly Piece[];
  readonly size: number;
  /** Without quotes. */
  readonly eTag: string;
  /** Base64, by algorithm. */
  readonly checksums: Readonly<Record<string, string>>;
  /** The multipart upload that they came by. */
  readonly upload?: string;
}

/** Throws when the write must not happen, given what is there. Asked again whenever that has changed before the commit. */
export type Precondition = (current: StoredObject | undefined) => void;

/** Which object, by whom and by which way. */
export interface ObjectPlace {
  readonly principal: Principal;
  /** One in which the principal may write. */
  readonly bucket: Bucket;
  readonly key: string;
  /** `s3`, `api`, …: {@link NewEvent.origin}. */
  readonly origin: string;
  /** By which S3 request. */
  readonly request?: ObjectRequest;
  readonly precondition?: Precondition;
  /** How long the caller waits for hooks. */
  readonly chainMs?: number;
  /** Aborts when they wait no more. */
  readonly signal?: AbortSignal;
}

/** What requests for this object wait their turn at. */
export function turnOf({ bucket, key }: Pick<ObjectPlace, "bucket" | "key">): string {
  return `${bucket.uuid}/${key}`;
}

interface ObjectWrite extends ObjectPlace {
  readonly content: Content;
  readonly facts: ObjectFacts;
  readonly reason: ObjectReason;
  /** By the hooks; {@link facts} are what they left. */
  readonly allowed: Allowed;
  /** What else belongs to the commit. Its conditions come first. */
  readonly also?: { readonly conditions: readonly Condition[]; readonly changes: readonly Change[] };
}

/**
 * Puts an object where `current` is, or nothing.
 *
 * An overwrite keeps the file's uuid and its owner: it is the same file, and someone with a grant to write must not take it
 * over by writing. A file that was deleted and made again is another one.
 */
export function decideWrite(
  context: StorageContext,
  write: ObjectWrite,
  current: StoredObject | undefined,
): WriteDecision<StoredObject> {
  const { bucket, key, principal, content, facts, reason, origin, request, also, allowed } = write;
  const { operation } = allowed;
  const doing = { principal, bucket, reason, origin, ...defined({ request }), operation };
  const object: StoredObject = {
    contentType: facts.contentType,
    headers: facts.headers,
    userMetadata: facts.userMetadata,
    tags: facts.tags,
    ...defined({ storageClass: facts.storageClass }),
    ...content,
    bucket: bucket.uuid,
    key,
    uuid: current?.uuid ?? freshUuid(context.clock, "file"),
    owner: current?.owner ?? principal.name,
    version: freshId(context.clock),
    modifiedMs: context.clock.now(),
  };
  return {
    result: object,
    unit: {
      conditions: [...(also?.conditions ?? []), ...unchanged(bucket, key, current)],
      changes: [{ do: "object.put", object }, ...(also?.changes ?? []), ...allowed.changesFor(object.uuid)],
      events: [writtenEvent(doing, object, current)],
    },
    unused: current?.pieces ?? [],
  };
}

/** The bucket is there, and the object as it was read. */
export function unchanged(bucket: Bucket, key: string, current: StoredObject | undefined): Condition[] {
  return [
    { if: "bucket.live", bucket: bucket.uuid },
    { if: "object.version", bucket: bucket.uuid, key, version: current?.version },
  ];
}
