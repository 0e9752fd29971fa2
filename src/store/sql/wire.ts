import type { Exceeded } from "../../domain/quotas.ts";
import type { UnitLocks } from "../locks.ts";
import type { Check, Sql, Step } from "./step.ts";

/** What is to be written, and what became of it, as values of statements: the way between a store's callers and what writes for it. */

/** Values of one row of `event`, but for its sequence and revision, which only the commit knows. */
export interface WireEvent {
  readonly tenant: string;
  /** As `countedUnder` says. */
  readonly counted?: string;
  readonly row: readonly Sql[];
}

export interface WireUnit {
  readonly checks: readonly Check[];
  readonly steps: readonly Step[];
  readonly events: readonly WireEvent[];
  /** Where others write at the same time. */
  readonly locks?: UnitLocks;
}

/** What a settlement counts. Of numbers, as far as it goes: these cross threads several times as fast as objects. */
export interface WireFigures {
  /** Of each subscription, as `figure-counts.ts` lays them out. */
  readonly counts: readonly (readonly number[])[];
  /** Subscription, reason, attempts that failed for it, deliveries that died of it; those of one subscription in the order of their last failure. */
  readonly reasons: readonly (readonly [number, string, number, number])[];
}

/** Up to where every event is done. */
export interface LogMarks {
  /** By part of the log; where that has one part only, its number is 0. */
  readonly watermarks: readonly (readonly [part: number, sequence: number])[];
  /** Counts how often parts of the log were lost to others: outcomes are only written as long as none was lost since. */
  readonly losses: number;
}

export interface WireSettlement {
  /** Rows for `upsertDelivery`: of those that are done with. */
  readonly deliveries: readonly (readonly Sql[])[];
  /** There is no row of any of those yet, as far as is known. */
  readonly areNew?: true;
  /** Rows for `upsertWaiting`. */
  readonly waiting: readonly (readonly Sql[])[];
  /** Rows for `upsertInLine`. */
  readonly inLine: readonly (readonly Sql[])[];
  /** `[subscription, line, now]` of lines whose first is done with. */
  readonly released: readonly (readonly [number, string, number])[];
  /** Rows for `insertAttempt`. */
  readonly attempts: readonly (readonly Sql[])[];
  /** Values for `invocationPut`. */
  readonly invocations: readonly (readonly Sql[])[];
  /** `[sequence, subscription]` of deliveries that have no receiver any more. */
  readonly buried: readonly (readonly [number, number])[];
  /** `[subscription, sequence, outcome]` of events that may have taken a one-shot subscription. */
  readonly outcomes: readonly (readonly [number, number, "complete" | "failed"])[];
  /** What is announced of all that. */
  readonly events: readonly WireEvent[];
  readonly figures: WireFigures;
  readonly marks: LogMarks;
  /** The revision of watchers that it was made for: refused when there is a newer one. Absent: there are no others who add any. */
  readonly watchers?: number;
}

export interface PruneStep {
  readonly beforeMs: number;
  readonly deadBeforeMs: number;
  readonly max: number;
  readonly nowMs: number;
  /** Events from this sequence on stay. Default: none. */
  readonly below?: number;
}

/** Of numbers that are given out before what bears them is written, because something else tells them first. */
export type Counter = "last_invocation" | "last_user";

/** The first of `count` numbers that were never given out. */
export type Reserve = (counter: Counter, count: number) => Promise<number>;

export interface WireError {
  readonly kind: "failed";
  readonly full: boolean;
  /** The file cannot be read or written, or is not what was written. */
  readonly damaged?: boolean;
  readonly message: string;
}

/** Of each event its sequence, and its tenant's revision. */
export interface Placed {
  readonly sequences: readonly number[];
  readonly revisions: readonly number[];
}

export type UnitResult =
  | ({ readonly kind: "committed" } & Placed)
  | { readonly kind: "refused"; readonly check: number }
  /** A quota does not allow it. */
  | { readonly kind: "exceeded"; readonly exceeded: Exceeded }
  | WireError;

export interface Settled extends Placed {
  readonly kind: "settled";
}
