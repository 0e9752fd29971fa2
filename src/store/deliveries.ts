import type { Attempt, DeliveryStatus, DueDelivery } from "../domain/delivery.ts";
import type { Event, Face } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { FailureReason } from "../domain/retry.ts";
import type { Viewer } from "../domain/sight.ts";
import type { Page } from "./page.ts";
import type { Redrive, RedriveFilter } from "./records.ts";

/** What became of events on their way to subscriptions. */

/** A delivery as callers see it. */
export interface Delivery {
  readonly event: Event;
  readonly subscription: Uuid;
  /** The subscription's number: with the event's sequence, the delivery's place. */
  readonly number: number;
  readonly face: Face;
  /** The function's number, when it goes to one. */
  readonly function?: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly dueMs?: number;
  readonly reason?: FailureReason;
  readonly last?: Attempt;
}

export interface DeliveryQuery {
  readonly tenant: string;
  readonly status?: DeliveryStatus;
  readonly scope?: Uuid;
  readonly subscription?: Uuid;
  /** Of the event: at or after, and before. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only those of subscriptions that this caller sees. */
  readonly viewer?: Viewer;
}

/** Where a list of deliveries goes on. */
export interface DeliveryPlace {
  readonly sequence: number;
  readonly subscription: number;
}

/** Where a list of what waits goes on. */
export interface WaitPlace {
  readonly dueMs: number;
  readonly sequence: number;
}

export interface Deliveries {
  /** Newest event first. `next` is where to go on, absent at the end; a page may be short while there is a `next`. */
  list(
    query: DeliveryQuery,
    page: Page<DeliveryPlace>,
  ): Promise<{ readonly deliveries: Delivery[]; readonly next?: DeliveryPlace }>;
  get(place: DeliveryPlace): Promise<Delivery | undefined>;
  /** By number, all that are kept. */
  attempts(place: DeliveryPlace): Promise<Attempt[]>;
  /**
   * Waiting ones of one subscription with `dueMs` ≤ `nowMs`, the earliest due first, with their events; those of the sequences `except` are
   * left out. Ends early when the events have `readTogetherBytes` of data.
   */
  due(subscription: number, nowMs: number, max: number, except?: ReadonlySet<number>): Promise<DueDelivery[]>;
  /** The earliest due instant after `afterMs` of one subscription's waiting deliveries. */
  nextDue(subscription: number, afterMs: number): Promise<number | undefined>;
  /** Waiting ones of one subscription that are due after a place, the earliest first, and how long each was to wait. */
  waits(
    subscription: number,
    page: Required<Page<WaitPlace>>,
  ): Promise<readonly (WaitPlace & { readonly waitMs?: number })[]>;
  /** Each subscription that has waiting deliveries, with its earliest due instant; by number. */
  waiting(page: Page<number>): Promise<{ readonly subscription: number; readonly dueMs: number }[]>;
  /** The deliveries that are recorded for events `from`..`to` (inclusive); by place. */
  recorded(events: { readonly from: number; readonly to: number }, page: Page<DeliveryPlace>): Promise<DeliveryPlace[]>;
  /** How many wait (paused ones included), how many are dead, and when the oldest waiting one's event happened. */
  depth(): Promise<{ readonly waiting: number; readonly dead: number; readonly oldestWaitingMs?: number }>;
  redrive(uuid: Uuid): Promise<Redrive | undefined>;
  /** Newest first; `after` is a uuid. */
  redrives(query: { readonly tenant: string }, page: Page<Uuid>): Promise<Redrive[]>;
  /**
   * Of the next `page.max` dead deliveries of a tenant, oldest event first, how many a redrive with that filter would send again. `next` is
   * where to go on, absent at the end.
   */
  countDead(
    query: { readonly tenant: string; readonly filter: RedriveFilter },
    page: Page<DeliveryPlace>,
  ): Promise<{ readonly wanted: number; readonly next?: DeliveryPlace }>;
  runningRedrives(): Promise<Redrive[]>;
  /** One step of a running redrive in one commit: at most `max` dead deliveries become waiting. Idempotent when done. */
  advanceRedrive(uuid: Uuid, options: { readonly max: number; readonly nowMs: number }): Promise<AdvancedRedrive>;
}

export interface AdvancedRedrive {
  /** `done` also when it was cancelled. */
  readonly state: "running" | "done";
  /** Subscriptions that got something to send. */
  readonly subscriptions: readonly number[];
}
