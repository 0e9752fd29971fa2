import type { ReadField, stillLooking } from "../domain/filter/index.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { StoredFilter } from "./filter-cache.ts";

/** A subscription that gets an event, or may. */
export interface MatchedSubscription {
  readonly number: number;
  /** Which of the event's scopes and names it is subscribed to, in their order. */
  readonly rank: number;
  /** The whole of it, where that is at hand. */
  readonly subscription?: Subscription;
}

/** A subscription that gets an event if its filter agrees. */
export interface MatchCandidate extends MatchedSubscription {
  /** Absent: it gets it. */
  readonly filter: StoredFilter | undefined;
  readonly read: ReadField;
}

/** One after the other: plain calls, since this runs for each event, and may be left and taken up again. */
export interface MatchCandidates {
  /** `undefined` when there are no more. */
  next(): MatchCandidate | typeof stillLooking | undefined;
  /** Whether there were filters to ask, so far. */
  readonly asks: boolean;
  /** The rest is taken later: it stays what it is now, whatever changes meanwhile. */
  use(): void;
  /** No more of it is taken. */
  done(): void;
}
