import type { Uuid } from "./ids.ts";
import type { OwnEvent } from "./raised-events.ts";

/** One name per face: each face's subscriptions get a change under that face's name, and each of them gets it once. */
export const faces = ["objects", "notifications", "lifecycle"] as const;
export type Face = (typeof faces)[number];
export interface FaceNames {
  readonly objects?: string;
  readonly notifications?: OwnEvent | EventName;
  readonly lifecycle?: string;
}

declare const brand: unique symbol;
/**
 * Name of an event of the notifications face that a caller gave, and that can be raised or subscribed to there. Made only by
 * `notifications/known-kinds.ts`, and by stores of what they hold.
 */
export type EventName = string & { readonly [brand]: "event name" };

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a resource lies in, as it was at the commit. */
export interface Parent {
  readonly uuid: Uuid;
  /** Name of its kind. */
  readonly kind: string;
  /** Name of the principal who sees it without a grant. */
  readonly owner: string;
}

/** One change, before its commit. */
export interface NewEvent {
  /** A UUID v7. */
  readonly id: string;
  readonly tenant: string;
  /** What changed. */
  readonly resource: Uuid;
  /** What the resource lies in (an object's bucket): subscriptions to it get the event too. */
  readonly scope?: Uuid;
  /** What the resource lies in, the nearest first, when that is more than its scope: who watches one of these is notified, too. */
  readonly parents?: readonly Parent[];
  readonly names: FaceNames;
  /** Name of the principal who did it. */
  readonly actor?: string;
  /** Names of the principals who own the resource, or what it lies in: they see it without a grant. The resource's own owner first. */
  readonly owners?: readonly string[];
  /** The only subscription that gets it, whatever that is subscribed to. */
  readonly addressee?: Uuid;
  /** By which way it was done: `s3`, `api`, `library`, `operator`. */
  readonly origin: string;
  readonly timeMs: number;
  readonly data: Readonly<Record<string, Json>>;
}

/** One change, committed. */
export interface Event extends NewEvent {
  /** Safe integer, unique, given in the commit: of two events of one resource the later commit has the greater. */
  readonly sequence: number;
  /** The tenant's subscription revision at the commit: later subscriptions do not match it. */
  readonly revision: number;
}

/**
 * Under what the usage counters count an event: the scope, or the resource where there is none. `undefined`: it only tells who watches a
 * resource, which is not what buckets and apps are used for.
 */
export function countedUnder({ names, scope, resource }: NewEvent): Uuid | undefined {
  return names.objects === undefined && names.lifecycle === undefined ? undefined : (scope ?? resource);
}

export const objectEventNames = ["OBJECT_CREATED_PUT", "OBJECT_DELETED"] as const;
export type ObjectEventName = (typeof objectEventNames)[number];

export const objectReasons = [
  "PutObject",
  "PostObject",
  "CopyObject",
  "CompleteMultipartUpload",
  "DeleteObject",
  "DeleteObjects",
] as const;
export type ObjectReason = (typeof objectReasons)[number];

/** `data` of an event of the object face. For a delete: `lastModifiedMs` is its time, the rest is of the removed object. */
export interface ObjectData {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly eTag: string;
  readonly contentType: string;
  readonly lastModifiedMs: number;
  readonly reason: ObjectReason;
  /** Names in lower case, without `x-amz-meta-`. */
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Where it was before, when it was moved. */
  readonly from?: { readonly bucket: string; readonly key: string };
  /** By which it was changed; absent where that was none of the S3 endpoint's. */
  readonly request?: {
    /** `x-amz-request-id` and `x-amz-id-2` of its answer. */
    readonly id: string;
    readonly hostId: string;
    /** From which it came. */
    readonly address?: string;
  };
}

/** What an S3 request is known by, beside who made it. */
export type ObjectRequest = NonNullable<ObjectData["request"]>;
