import type { Face } from "../domain/event.ts";
import type { FaceRules } from "../domain/face-rules.ts";
import type { FilterText } from "../domain/filter/index.ts";
import type { Kind, Uuid } from "../domain/ids.ts";
import type { Pace } from "../domain/pace.ts";
import type { MatchedVersion, PastPause } from "../domain/past-state.ts";
import type { RequestedRetries } from "../domain/requested-retries.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import type { Viewer } from "../domain/visibility.ts";
import type { Capture } from "../domain/wire-facts.ts";
import type { Page, RevisionPlace } from "./page.ts";

/** Who wants what, now and before. */

export interface Subscriptions {
  /** Deleted and ended ones are found too. */
  get(uuid: Uuid): Promise<Subscription | undefined>;
  byNumber(number: number): Promise<Subscription | undefined>;
  /** In no order; numbers of none are passed over. */
  byNumbers(numbers: readonly number[]): Promise<Subscription[]>;
  /** Live ones, oldest first; `after` is a {@link Subscription.number}. */
  list(
    query: { readonly tenant: string; readonly face?: Face; readonly scope?: Uuid },
    page: Page<number>,
  ): Promise<Subscription[]>;
  /** Newest first; `after` is a {@link Subscription.number}. Ended ones are found too, deleted ones when `deleted` is true. */
  newest(
    query: {
      readonly tenant: string;
      readonly face?: Face;
      readonly owner?: string;
      readonly scope?: Uuid;
      readonly deleted?: boolean;
      /** Only those that this caller sees. */
      readonly viewer?: Viewer;
    },
    page: Page<number>,
  ): Promise<Subscription[]>;
  /** Those that may still meet an event, now or once they are enabled or confirmed; by number. */
  listening(query: { readonly tenant: string; readonly face?: Face }, page: Page<number>): Promise<ListeningState[]>;
  /** Live ones on this scope, whatever their tenant, oldest first: of a scope on which few are. */
  everyOn(scope: Uuid): Promise<Subscription[]>;
  /** The scopes of this kind on which subscriptions are, or were, whatever their tenant. */
  scopesOf(kind: Kind): Promise<Uuid[]>;
  /**
   * The tenant's revision now, and what changed after a place (deleted and ended ones included), `max` at the most, by (revision, number).
   * When that is fewer, it is all that changed up to that revision.
   */
  changedSince(
    tenant: string,
    after: RevisionPlace,
    max: number,
  ): Promise<{ readonly revision: number; readonly changed: ListeningState[] }>;
  /**
   * Those that are on one of the scopes, or were while what was before is kept, deleted ones included: with `viewer` those that this
   * caller sees. By number, which is what `after` goes by. Of each scope the oldest 2,000
   * that are there, and as many that were, are looked at.
   */
  everOn(
    query: { readonly tenant: string; readonly scopes: readonly string[]; readonly viewer?: Viewer },
    page: Page<number>,
  ): Promise<Subscription[]>;
  /** The tenant's revision since which what is sent for the subscription of a number is made of the same target, event and scope. */
  sendsFrom(number: number): Promise<number>;
  /** How the subscription of a number stood at a revision of its tenant, and whether it was paused at an instant. */
  stood(number: number, at: { readonly revision: number; readonly atMs: number }): Promise<Stood>;
  /**
   * How subscriptions stood at `revision` that have matched otherwise since, up to the revision `upTo`: what an event of then still meets.
   * By (toRevision, number), which is what `after` goes by.
   */
  pastAt(
    tenant: string,
    at: { readonly revision: number; readonly upTo: number },
    page: Page<RevisionPlace>,
  ): Promise<PastVersion[]>;
}

/** What of a subscription decides about matching. */
export interface ListeningState {
  readonly number: number;
  readonly uuid: Uuid;
  readonly face: Face;
  readonly scope: Uuid;
  readonly event: string;
  readonly filter?: FilterText;
  /** What an index looks up of the filter: its `accessText`. Absent: it has not been made. */
  readonly access?: string;
  /** Number of the function that it runs. */
  readonly runs?: number;
  /** Whether an event that happens now may meet it. */
  readonly listens: boolean;
  readonly fromRevision: number;
  readonly revision: number;
}

/** What is kept of how a subscription stood at an instant. */
export interface Stood {
  /** As it was at the revision, if it has been changed since, and that is still kept. */
  readonly version?: MatchedVersion;
  /** Of the oldest state that is kept of it; absent when it was never changed. */
  readonly fromRevision?: number;
  /** That went over the instant, and is over by now. */
  readonly pause?: PastPause;
}

/** What decided about matching, before it was changed. Only enabled, live ones. */
export interface PastVersion {
  /** It was so until then. */
  readonly toRevision: number;
  readonly number: number;
  readonly uuid: Uuid;
  readonly face: Face;
  readonly scope: Uuid;
  readonly event: string;
  readonly filter?: FilterText;
}

export type NewSubscription = Omit<
  Subscription,
  "number" | "fromRevision" | "revision" | "paused" | "deletedMs" | "endedMs" | "updatedMs" | "taken" | "outcome"
> &
  /** Default: it ends with its scope, its owner and admins alone see it, whatever the owner's role; and it stays when it is over. */
  Partial<FaceRules> & {
    /** False: its dead letters go with their events. Default true: they are kept for the time of dead letters. */
    readonly keepDead?: boolean;
  };

/** Another state of a subscription; what is absent stays. */
export interface SubscriptionPatch {
  readonly event?: string;
  /** `null` takes it away. */
  readonly filter?: FilterText | null;
  readonly target?: Subscription["target"];
  /** Of the target as it is, with other signing keys: what is sent is otherwise the same. Not beside `target`. */
  readonly sealed?: string;
  readonly policy?: Subscription["policy"];
  /** As a whole. */
  readonly pace?: Pace;
  readonly capture?: Capture;
  readonly enabled?: boolean;
  readonly paused?: Pause | null;
  readonly scope?: Uuid;
  readonly once?: boolean;
  readonly unconfirmed?: boolean;
  readonly retry?: RequestedRetries;
  /** {@link NewSubscription.keepDead}. */
  readonly keepDead?: boolean;
  readonly owner?: string;
  /** As a whole. */
  readonly managed?: Subscription["managed"];
}

/** What a function may be subscribed to. */
export type SubscriberCondition = Extract<
  SubscriptionCondition,
  { if: "subscriber.absent" | "subscribers.fewer" | "subscriptions.noneSince" }
>;

export type SubscriptionCondition =
  /** The subscription was not changed since it was read; it is not deleted. */
  | { readonly if: "subscription.revision"; readonly uuid: Uuid; readonly revision: number }
  /**
   * Fewer than `fewer` live subscriptions: of an owner those that still listen for something, on a scope those of a face.
   */
  | {
      readonly if: "subscriptions.fewer";
      readonly tenant: string;
      readonly of: { readonly owner: string } | { readonly scope: Uuid; readonly face: Face };
      readonly fewer: number;
    }
  /**
   * Of those who run a function, or of a face on a scope, no live subscription came since they were read: none has a greater number than
   * `last`, which is 0 when there was none.
   */
  | {
      readonly if: "subscriptions.noneSince";
      readonly of:
        | { readonly function: number }
        | { readonly tenant: string; readonly scope: Uuid; readonly face: Face };
      readonly last: number;
    }
  /** The function has none to the event type of which it may have one, {@link FaceRules.oncePerFunction}. */
  | { readonly if: "subscriber.absent"; readonly function: number; readonly event: string }
  /** Fewer than `fewer` functions of the tenant have such a subscription to the event type. */
  | { readonly if: "subscribers.fewer"; readonly tenant: string; readonly event: string; readonly fewer: number };

export type SubscriptionUnitChange =
  | { readonly do: "subscription.add"; readonly subscription: NewSubscription }
  | {
      readonly do: "subscription.change";
      readonly uuid: Uuid;
      readonly patch: SubscriptionPatch;
      readonly atMs: number;
    }
  | { readonly do: "subscription.remove"; readonly uuid: Uuid; readonly atMs: number }
  /** Their {@link ListeningState.access}, as far as they have these filters still. Nothing that anyone is told of. */
  | {
      readonly do: "subscription.access";
      readonly made: readonly { readonly number: number; readonly filter: FilterText; readonly access: string }[];
    }
  /**
   * The event takes those of these one-shot subscriptions (numbers) that no other has taken, and what it took waits for its first
   * attempt. The first event has them: events are dispatched in their order.
   */
  | {
      readonly do: "subscription.take";
      readonly tenant: string;
      readonly sequence: number;
      readonly subscriptions: readonly number[];
      readonly dueMs: number;
    };
