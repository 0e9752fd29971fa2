import type { Grant, Role } from "../domain/access.ts";
import type { ConfigurationName } from "../domain/bucket-configurations.ts";
import type { JsonSchema } from "../domain/catalog.ts";
import type { Face, NewEvent } from "../domain/event.ts";
import type { FilterText } from "../domain/filter/index.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Invocation } from "../domain/invocation.ts";
import type { Pace } from "../domain/pace.ts";
import type { QuotaName } from "../domain/quotas.ts";
import type { RetryWish } from "../domain/retry-wish.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import type { AsideState } from "./aside.ts";
import type { NamedConfiguration } from "./configurations.ts";
import type { KeptMailChange } from "./kept-mails.ts";
import type {
  AccessKey,
  App,
  Bucket,
  Decision,
  FunctionVersion,
  Intent,
  MailQuestion,
  Part,
  Redrive,
  Registered,
  Remembered,
  StoredFunction,
  StoredObject,
  StoredPrincipal,
  StoredUser,
  Tenant,
  Token,
  Upload,
} from "./records.ts";

/** What must hold at the instant of the commit. Verbs read first, decide, and let the conditions catch whoever came between. */
export type Condition =
  | { readonly if: "tenant.absent"; readonly id: string }
  | { readonly if: "tenant.exists"; readonly id: string }
  | { readonly if: "accessKey.absent"; readonly id: string }
  | { readonly if: "principal.absent" | "principal.ended"; readonly tenant: string; readonly name: string }
  /** It is there, has this role, and was not ended. */
  | { readonly if: "principal.is"; readonly tenant: string; readonly name: string; readonly role: Role }
  /** Nobody's question to the mailbox since then is open but this delivery's own, unsent one, and its owner did not refuse to be asked. */
  | { readonly if: "mailbox.askable"; readonly mailbox: string; readonly delivery: string; readonly sinceMs: number }
  /** Fewer than `fewer` mailboxes were asked for the tenant (or one owner in it) since then, not counting by this delivery. */
  | {
      readonly if: "questions.fewer";
      readonly tenant: string;
      readonly owner?: string;
      readonly sinceMs: number;
      readonly fewer: number;
      readonly delivery: string;
    }
  | { readonly if: "grant.exists"; readonly resource: Uuid; readonly grantee: string }
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
  /** The job has not come to its end, and was not cancelled. */
  | { readonly if: "redrive.running"; readonly uuid: Uuid }
  /** The delivery is dead or delivered, so that it may be sent again. */
  | { readonly if: "delivery.finished"; readonly sequence: number; readonly subscription: number }
  /** Fewer than `fewer` live subscriptions: of an owner those that still listen for something, on a scope those of a face. */
  | {
      readonly if: "subscriptions.fewer";
      readonly tenant: string;
      readonly of: { readonly owner: string } | { readonly scope: Uuid; readonly face: Face };
      readonly fewer: number;
    }
  | { readonly if: "app.slugFree"; readonly tenant: string; readonly slug: string }
  | { readonly if: "apps.fewer"; readonly tenant: string; readonly fewer: number }
  | { readonly if: "app.exists"; readonly uuid: Uuid }
  /** No live functions in it. */
  | { readonly if: "app.empty"; readonly uuid: Uuid }
  | { readonly if: "function.slugFree"; readonly app: number; readonly slug: string }
  | { readonly if: "functions.fewer"; readonly app: number; readonly fewer: number }
  /** Nobody changed the function since it was read; it is not deleted. */
  | { readonly if: "function.revision"; readonly number: number; readonly revision: number }
  /** The function is not subscribed to the event type. */
  | { readonly if: "subscriber.absent"; readonly function: number; readonly event: string }
  /** Fewer than `fewer` functions are subscribed to the event type on the lifecycle face of the tenant. */
  | { readonly if: "subscribers.fewer"; readonly tenant: string; readonly event: string; readonly fewer: number }
  /** No other user has the name, whatever the case of its letters; `except` is the user that may. */
  | { readonly if: "user.nameFree"; readonly tenant: string; readonly username: string; readonly except?: Uuid }
  | { readonly if: "user.revision"; readonly uuid: Uuid; readonly revision: number }
  /** Nothing is remembered under the key (for a day, and until retention has passed by). */
  | { readonly if: "remembered.absent"; readonly tenant: string; readonly principal: string; readonly key: string }
  /** The resource is there, whatever its kind. */
  | { readonly if: "resource.live"; readonly uuid: Uuid }
  /** No resource that is there has the uuid, whatever its kind. */
  | { readonly if: "resource.absent"; readonly uuid: Uuid }
  | { readonly if: "registered.revision"; readonly uuid: Uuid; readonly revision: number }
  /** Its dispatch killed the process twice, and it was not redriven since. */
  | { readonly if: "event.poisoned"; readonly tenant: string; readonly sequence: number }
  /** Nobody has said yet what came of it; of one that is unresolved somebody still may. */
  | { readonly if: "intent.open"; readonly operation: string };

/** Numbers of apps and functions are the store's to give. */
export type NewApp = Omit<App, "number">;
export type NewFunction = Omit<StoredFunction, "number" | "app" | "revision" | "deletedMs" | "version">;
/** With a number of `Users.reserveNumbers`, because the event in the same commit tells it. */
export type NewUser = Omit<StoredUser, "revision">;

/** Another state of a function; what is absent stays. */
export type FunctionPatch = Partial<
  Pick<
    StoredFunction,
    | "name"
    | "enabled"
    | "timeoutMs"
    | "env"
    | "secretNames"
    | "secretRoles"
    | "egress"
    | "writes"
    | "version"
    | "role"
    | "author"
  >
> & {
  /** `null` takes them away. */
  readonly sealedSecrets?: string | null;
};

export type NewSubscription = Omit<
  Subscription,
  "number" | "fromRevision" | "revision" | "paused" | "deletedMs" | "endedMs" | "updatedMs" | "taken" | "outcome"
> & {
  /** False: its dead letters go with their events. Default true: they are kept for the time of dead letters. */
  readonly keepDead?: boolean;
  /** False: it is told of the end of its scope, and outlives that. Default true. */
  readonly endsWithScope?: boolean;
};

/** Another state of a subscription; what is absent stays. */
export interface SubscriptionPatch {
  readonly event?: string;
  /** `null` takes it away. */
  readonly filter?: FilterText | null;
  readonly target?: Subscription["target"];
  readonly policy?: Subscription["policy"];
  /** As a whole. */
  readonly pace?: Pace;
  readonly enabled?: boolean;
  readonly paused?: Pause | null;
  readonly scope?: Uuid;
  readonly once?: boolean;
  readonly unconfirmed?: boolean;
  readonly retry?: RetryWish;
  /** {@link NewSubscription.keepDead}. */
  readonly keepDead?: boolean;
  readonly owner?: string;
}

export type Change =
  | KeptMailChange
  /** Sets events aside that are not dispatched in their turn, or changes why. */
  | {
      readonly do: "event.aside";
      readonly tenant: string;
      readonly sequences: readonly number[];
      readonly state: AsideState;
      readonly atMs: number;
    }
  /** Events that were set aside are dispatched. */
  | { readonly do: "event.done"; readonly sequences: readonly number[] }
  | { readonly do: "tenant.add"; readonly tenant: Tenant }
  /** The operator's bound for one tenant; `null`: the installation's again. */
  | { readonly do: "quota.put"; readonly tenant: string; readonly quota: QuotaName; readonly limit: number | null }
  /** Adds a principal, or gives an existing one another role; one that was ended is back unless it has `endedMs`. */
  | { readonly do: "principal.put"; readonly principal: StoredPrincipal }
  /**
   * Its tokens and keys end with it. Its subscriptions but those that run functions pause, whatever they were before; `everywhere`, of
   * operators: those in other tenants too, which bear the name `operator:<name>`.
   */
  | {
      readonly do: "principal.end";
      readonly tenant: string;
      readonly name: string;
      readonly atMs: number;
      readonly everywhere?: boolean;
    }
  /**
   * What goes to webhooks and addresses for a principal that has this role now, and which that may not hear, pauses: operations, of those
   * below developers; all buckets, below admins; buckets of others, of members. `everywhere`: it was an operator, and is none any more.
   */
  | {
      readonly do: "principal.lowered";
      readonly tenant: string;
      readonly name: string;
      readonly role: Role;
      readonly atMs: number;
      readonly everywhere?: boolean;
    }
  /** Adds or replaces (by uuid). */
  | { readonly do: "token.put"; readonly token: Token }
  | { readonly do: "token.revoke"; readonly tenant: string; readonly uuid: Uuid; readonly atMs: number }
  /** Adds or replaces (by id). */
  | { readonly do: "accessKey.put"; readonly key: AccessKey }
  | { readonly do: "accessKey.remove"; readonly tenant: string; readonly id: string }
  /** Adds or replaces (by mailbox); those asked until `forgetMs` go. */
  | { readonly do: "question.ask"; readonly question: Omit<MailQuestion, "answered">; readonly forgetMs: number }
  | { readonly do: "question.sent" | "question.unsent"; readonly mailbox: string; readonly delivery: string }
  /** The question about this subscription was, whichever delivery asked it. */
  | { readonly do: "question.answered"; readonly mailbox: string; readonly subscription: Uuid }
  | { readonly do: "refusal.put"; readonly mailbox: string; readonly atMs: number }
  | { readonly do: "refusal.remove"; readonly mailbox: string }
  | { readonly do: "grant.put"; readonly grant: Grant }
  | { readonly do: "grant.remove"; readonly resource: Uuid; readonly grantee: string }
  | { readonly do: "bucket.add"; readonly bucket: Bucket }
  /** Ends the bucket's subscriptions, uploads and configurations too, and its grants as `resource.end` does; the parts' blobs are the caller's to delete. */
  | { readonly do: "bucket.remove"; readonly bucket: Uuid; readonly atMs: number }
  /** Adds or replaces (by bucket and name). */
  | { readonly do: "configuration.put"; readonly bucket: Uuid; readonly configuration: NamedConfiguration }
  | { readonly do: "configuration.remove"; readonly bucket: Uuid; readonly name: ConfigurationName }
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
  /**
   * The event takes those of these one-shot subscriptions (numbers) that no other has taken, and what it took waits for its first
   * attempt. Whoever comes first has them: events are dispatched in their order.
   */
  | {
      readonly do: "subscription.take";
      readonly tenant: string;
      readonly sequence: number;
      readonly subscriptions: readonly number[];
      readonly dueMs: number;
    }
  /** A finished delivery becomes `waiting` again, its tries counted from nought. */
  | {
      readonly do: "delivery.redrive";
      readonly sequence: number;
      readonly subscription: number;
      readonly dueMs: number;
    }
  /**
   * Of these waiting ones, whoever is due later than its own wait from `nowMs` is due then. `usualMs`: for those that an older version
   * put off, which did not note how long.
   */
  | {
      readonly do: "delivery.forward";
      readonly subscription: number;
      readonly sequences: readonly number[];
      readonly nowMs: number;
      readonly usualMs: number;
    }
  /** Dead deliveries of a subscription are listed no more and cannot be sent again; with `sequence` only that of one event. */
  | { readonly do: "delivery.clear"; readonly subscription: number; readonly sequence?: number }
  | { readonly do: "redrive.add"; readonly redrive: Redrive }
  /** A running one takes no more steps; what it sent again stays so. */
  | { readonly do: "redrive.cancel"; readonly uuid: Uuid }
  /** Adds or replaces (by uuid) all but tenant, kind and createdMs. */
  | { readonly do: "registered.put"; readonly resource: Omit<Registered, "revision"> }
  | { readonly do: "registered.remove"; readonly uuid: Uuid }
  /** The resource is gone: its grants are kept for who hears of that, until its events are done. */
  | { readonly do: "resource.end"; readonly uuid: Uuid; readonly atMs: number }
  | { readonly do: "app.add"; readonly app: NewApp }
  | { readonly do: "app.change"; readonly uuid: Uuid; readonly name: string; readonly atMs: number }
  /** Ends what is subscribed to its events, as `bucket.remove` does. */
  | { readonly do: "app.remove"; readonly uuid: Uuid; readonly atMs: number }
  /** With its version 1, which is the one that runs. */
  | {
      readonly do: "function.add";
      /** {@link App.uuid}. */
      readonly app: Uuid;
      readonly function: NewFunction;
      readonly version: Omit<FunctionVersion, "function" | "number">;
    }
  | { readonly do: "function.change"; readonly number: number; readonly patch: FunctionPatch; readonly atMs: number }
  /** Ends its subscriptions as `subscription.remove` does, and forgets its secrets. */
  | { readonly do: "function.remove"; readonly number: number; readonly atMs: number }
  /** Adds a version with the next number, and makes it the one that runs. Another one at a change of the function. */
  | {
      readonly do: "version.add";
      readonly version: Omit<FunctionVersion, "number">;
      readonly atMs: number;
    }
  /**
   * Adds an invocation, or (by number; of a `post` by sequence, subscription and attempt) replaces a pending one, which keeps
   * its number. One that has ended stays as it is.
   */
  | { readonly do: "invocation.put"; readonly invocation: Invocation }
  | { readonly do: "decision.add"; readonly decision: Decision }
  | { readonly do: "user.add"; readonly user: NewUser }
  /** Replaces (by uuid) all but tenant, number and createdMs. */
  | { readonly do: "user.put"; readonly user: NewUser }
  | { readonly do: "user.remove"; readonly uuid: Uuid }
  /** `null` takes it away. */
  | { readonly do: "userSchema.put"; readonly tenant: string; readonly schema: JsonSchema | null }
  | { readonly do: "remembered.add"; readonly remembered: Remembered }
  | { readonly do: "intent.add"; readonly intent: Intent }
  | { readonly do: "intent.remove"; readonly operation: string }
  /** Nobody could say what came of it. */
  | { readonly do: "intent.unresolved"; readonly operation: string; readonly reason: string };

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
