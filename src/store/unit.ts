import type { Grant } from "../domain/access.ts";
import type { NewEvent } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import type {
  AccessKey,
  Bucket,
  Part,
  Redrive,
  StoredObject,
  StoredPrincipal,
  Tenant,
  Token,
  Upload,
} from "./records.ts";

/** What must hold at the instant of the commit. Verbs read first, decide, and let the conditions catch whoever came between. */
export type Condition =
  | { readonly if: "tenant.absent"; readonly id: string }
  | { readonly if: "tenant.exists"; readonly id: string }
  | { readonly if: "accessKey.absent"; readonly id: string }
  | { readonly if: "bucket.nameFree"; readonly tenant: string; readonly name: string }
  | { readonly if: "bucket.live"; readonly bucket: Uuid }
  /** No objects in it. */
  | { readonly if: "bucket.empty"; readonly bucket: Uuid }
  /** The object's current version; `undefined`: there is none. */
  | { readonly if: "object.version"; readonly bucket: Uuid; readonly key: string; readonly version: string | undefined }
  | { readonly if: "upload.open"; readonly id: string }
  | { readonly if: "upload.changes"; readonly id: string; readonly changes: number }
  /** The blob that is this part's now; `undefined`: no such part yet. */
  | { readonly if: "part.blob"; readonly upload: string; readonly number: number; readonly blob: string | undefined }
  /** Nobody changed the subscription since it was read; it is not deleted. */
  | { readonly if: "subscription.revision"; readonly uuid: Uuid; readonly revision: number }
  /** The delivery is dead or delivered, so that it may be sent again. */
  | { readonly if: "delivery.finished"; readonly sequence: number; readonly subscription: number };

export type NewSubscription = Omit<
  Subscription,
  "number" | "fromRevision" | "revision" | "paused" | "deletedMs" | "endedMs" | "updatedMs"
>;

/** Another state of a subscription; what is absent stays. */
export interface SubscriptionPatch {
  readonly event?: string;
  /** `null` takes it away. */
  readonly filter?: string | null;
  readonly target?: Subscription["target"];
  readonly policy?: Subscription["policy"];
  readonly enabled?: boolean;
  readonly paused?: Pause | null;
}

export type Change =
  | { readonly do: "tenant.add"; readonly tenant: Tenant }
  /** Adds a principal, or gives an existing one another role. */
  | { readonly do: "principal.put"; readonly principal: StoredPrincipal }
  /** Adds or replaces (by uuid). */
  | { readonly do: "token.put"; readonly token: Token }
  | { readonly do: "token.revoke"; readonly tenant: string; readonly uuid: Uuid; readonly atMs: number }
  /** Adds or replaces (by id). */
  | { readonly do: "accessKey.put"; readonly key: AccessKey }
  | { readonly do: "accessKey.remove"; readonly tenant: string; readonly id: string }
  | { readonly do: "grant.put"; readonly grant: Grant }
  | { readonly do: "grant.remove"; readonly resource: Uuid; readonly grantee: string }
  | { readonly do: "bucket.add"; readonly bucket: Bucket }
  /** Ends the bucket's subscriptions, uploads and grants too; the parts' blobs are the caller's to delete. */
  | { readonly do: "bucket.remove"; readonly bucket: Uuid; readonly atMs: number }
  /** Adds or replaces (by bucket and key). */
  | { readonly do: "object.put"; readonly object: StoredObject }
  | { readonly do: "object.remove"; readonly bucket: Uuid; readonly key: string }
  | { readonly do: "upload.add"; readonly upload: Omit<Upload, "changes"> }
  /** With its parts; their blobs are the caller's to delete or to use. */
  | { readonly do: "upload.remove"; readonly id: string }
  /** Adds or replaces (by upload and number). */
  | { readonly do: "part.put"; readonly part: Part }
  | { readonly do: "subscription.add"; readonly subscription: NewSubscription }
  | {
      readonly do: "subscription.change";
      readonly uuid: Uuid;
      readonly patch: SubscriptionPatch;
      readonly atMs: number;
    }
  | { readonly do: "subscription.remove"; readonly uuid: Uuid; readonly atMs: number }
  /** A finished delivery becomes `waiting` again, its tries counted from nought. */
  | {
      readonly do: "delivery.redrive";
      readonly sequence: number;
      readonly subscription: number;
      readonly dueMs: number;
    }
  | { readonly do: "redrive.add"; readonly redrive: Redrive };

/** What is to become durable at once, or not at all. */
export interface Unit {
  readonly conditions?: readonly Condition[];
  readonly changes?: readonly Change[];
  readonly events?: readonly NewEvent[];
}

export type Commit =
  | { readonly kind: "committed"; readonly sequences: readonly number[] }
  /** The first condition that did not hold. Nothing was changed. */
  | { readonly kind: "refused"; readonly condition: Condition };
