import type { AttemptBatch } from "./batch.ts";
import type { Event, NewEvent } from "./event.ts";
import type { Invocation } from "./invocation.ts";
import type { FailureReason } from "./retry.ts";
import type { Subscription } from "./subscription.ts";
import type { WireFacts } from "./wire-facts.ts";

/**
 * One event on its way to one subscription.
 *
 *   (no row) ──first attempt succeeds──────────────▶ delivered
 *      │
 *      └─ fails, or finds no free slot ─▶ waiting ──▶ delivered
 *                                          │  ▲
 *                        retries used up   ▼  │ redrive
 *                                         dead
 *
 * `paused` is what callers see of a waiting delivery whose subscription is paused or disabled: it is not stored, so pausing
 * and resuming a million deliveries costs one row.
 */
const storedStatuses = ["waiting", "delivered", "dead"] as const;
export type StoredStatus = (typeof storedStatuses)[number];
export const deliveryStatuses = ["waiting", "delivered", "dead", "paused"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One try, as it is kept. */
export interface Attempt {
  /** From 1, over the delivery's whole life, redrives included. */
  readonly number: number;
  readonly startedMs: number;
  readonly durationMs: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** Absent when it was acknowledged. */
  readonly reason?: FailureReason;
  /** For humans: what went wrong. */
  readonly message?: string;
  /** The first 2 KiB at most of the answer's body, as text. */
  readonly snippet?: string;
  /** Of the subscription whose target was sent to, {@link Subscription.revision}. Absent of attempts that an older version made. */
  readonly revision?: number;
  /** Of what failed, and of everything where the subscription captures that. */
  readonly wire?: WireFacts;
  /** The request that others were in, too. */
  readonly batch?: AttemptBatch;
}

/** When what stands behind another in its line is due: not before that is done with. Later than any time. */
export const blockedMs = Number.MAX_SAFE_INTEGER;

/** What a dispatch or an attempt made of a delivery: everything that its row needs. */
export interface DeliveryRecord {
  readonly sequence: number;
  /** {@link Subscription.number}. */
  readonly subscription: number;
  readonly tenant: string;
  readonly status: StoredStatus;
  /** Attempts made over the delivery's whole life. */
  readonly attempts: number;
  /** Attempts made since it was last (re)driven: what the retry policy counts. */
  readonly tries: number;
  /** When it is to be tried next. Present exactly when `waiting`. */
  readonly dueMs?: number;
  /** How long that is from now; default 0. */
  readonly waitMs?: number;
  /** Since when its receiver has asked for patience, when it did last. */
  readonly patientMs?: number;
  /** Of an ordered subscription: those of one line are tried one after the other. */
  readonly line?: string;
  /** When the next of the line may be tried; given with the outcome of one that stood in a line. */
  readonly releasedMs?: number;
  /** Present exactly when `dead`. */
  readonly reason?: FailureReason;
  /** The attempt that led here; absent when it was parked without one. */
  readonly attempt?: Attempt;
  /** No attempt was begun: it was put into the store at once. */
  readonly parked?: true;
  /** Waits although it is unknown whether the filter matches the event: it cannot be read. Found out when it is claimed. */
  readonly unfiltered?: true;
  /** Nothing of the delivery was recorded before, as far as is known. A store that finds something takes a little longer. */
  readonly isNew?: true;
  /** Of a one-shot subscription, which the event may have taken: its outcome is that of the delivery. */
  readonly once?: true;
  /** Events about its outcome, committed with it: for subscribers to the subscription itself, and alerts. */
  readonly announced?: readonly NewEvent[];
  /** None of its outcome, as nobody watched the subscription as far as was known: what it would be made of, until it is durable. */
  readonly unannounced?: { readonly subscription: Subscription; readonly event: Event };
  /** How the function ran in that attempt: recorded with it. */
  readonly invocation?: Invocation;
}

/** A delivery to be tried now. */
export interface DueDelivery {
  readonly event: Event;
  /** About what its data takes in memory, where that is known. */
  readonly bytes?: number;
  /** Nothing of it is recorded yet. */
  readonly isNew?: true;
  readonly attempts: number;
  readonly tries: number;
  readonly patientMs?: number;
  readonly line?: string;
  /** Whether the filter matches the event is still to be found out. */
  readonly unfiltered?: true;
}
