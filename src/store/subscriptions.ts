import type { Face } from "../domain/event.ts";
import type { FilterText } from "../domain/filter/index.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Viewer } from "../domain/sight.ts";
import type { PastPause, StoodVersion } from "../domain/standing.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Page, RevisionPlace } from "./page.ts";

/** Who wants what, now and before. */

export interface Subscriptions {
  /** Deleted and ended ones are found too. */
  get(uuid: Uuid): Promise<Subscription | undefined>;
  byNumber(number: number): Promise<Subscription | undefined>;
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
  listening(query: { readonly tenant: string; readonly face?: Face }, page: Page<number>): Promise<Subscription[]>;
  /** Uuids of the subscriptions that others are, or were, subscribed to. */
  watched(): Promise<Uuid[]>;
  /**
   * The tenant's revision now, and what changed after a place (deleted and ended ones included), `max` at the most, by (revision, number).
   * When that is fewer, it is all that changed up to that revision.
   */
  changedSince(
    tenant: string,
    after: RevisionPlace,
    max: number,
  ): Promise<{ readonly revision: number; readonly changed: Subscription[] }>;
  /**
   * Those that are on one of the scopes, or were while what was before is kept, deleted ones included: with `viewer` those that this
   * caller sees. By number, which is what `after` goes by. Of each scope the oldest 2,000
   * that are there, and as many that were, are looked at.
   */
  everOn(
    query: { readonly tenant: string; readonly scopes: readonly string[]; readonly viewer?: Viewer },
    page: Page<number>,
  ): Promise<Subscription[]>;
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

/** What is kept of how a subscription stood at an instant. */
export interface Stood {
  /** As it was at the revision, if it has been changed since, and that is still kept. */
  readonly version?: StoodVersion;
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
