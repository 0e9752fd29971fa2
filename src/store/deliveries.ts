import type { Attempt, DeliveryRecord, DeliveryStatus, DueDelivery } from "../domain/delivery.ts";
import type { Event, Face } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { FailureReason } from "../domain/retry.ts";
import type { Target } from "../domain/subscription.ts";
import type { Viewer } from "../domain/visibility.ts";
import type { Page } from "./page.ts";

/** What became of events on their way to subscriptions. */

/** A delivery as callers see it. */
export interface Delivery {
  readonly event: Event;
  readonly subscription: Uuid;
  /** The subscription's number: with the event's sequence, the delivery's place. */
  readonly number: number;
  readonly face: Face;
  /** Where it would go now, without what is sealed of that. */
  readonly target: Target;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly dueMs?: number;
  readonly reason?: FailureReason;
  readonly last?: Attempt;
}

/** What narrows deliveries, in lists and in redrives. */
export interface DeliveryBounds {
  readonly scope?: Uuid;
  readonly subscription?: Uuid;
  /** Of the event: at or after, and before. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only those of subscriptions that this caller sees. */
  readonly viewer?: Viewer;
  readonly face?: Face;
  /** Name of the event, as the subscription's face calls it. */
  readonly event?: string;
  /** What changed. */
  readonly resource?: Uuid;
  /** A text of the event's data, by its beginning. */
  readonly data?: DataPrefix;
  /** Of the last attempt's answer; both ends included. */
  readonly httpStatus?: { readonly from: number; readonly to: number };
  /** Why it is dead, or its last attempt failed. */
  readonly reason?: FailureReason;
  /** Of a webhook's url, in lower case; any port where it names none. */
  readonly targetHost?: string;
  /** Number of the function that it goes to. */
  readonly function?: number;
  readonly minAttempts?: number;
}

interface DataPrefix {
  readonly field: string;
  readonly prefix: string;
  /** Of this face's subscriptions those to which nothing was sent fit no prefix: what their events are about may not be told. */
  readonly untold: Face;
}

export interface DeliveryQuery extends DeliveryBounds {
  readonly tenant: string;
  /** Any of them. */
  readonly statuses?: readonly DeliveryStatus[];
  /** By event; default `newest` first. */
  readonly order?: DeliveryOrder;
}

export type DeliveryOrder = "newest" | "oldest";

/** Where a list of deliveries goes on. */
export interface DeliveryPlace {
  readonly sequence: number;
  readonly subscription: number;
}

/** How many deliveries of one event stand how. */
export type DeliveryCounts = Readonly<Record<DeliveryStatus, number>> & {
  /** There are more than are counted. */
  readonly more: boolean;
};

/** Where a list of what waits goes on. */
export interface WaitPlace {
  readonly dueMs: number;
  readonly sequence: number;
}

/** How far was looked. */
export interface Searched {
  readonly next?: DeliveryPlace;
  /** When the event of `next` happened. Present exactly when that is. */
  readonly searchedMs?: number;
}

export interface ListedDeliveries extends Searched {
  readonly deliveries: Delivery[];
}

export interface Deliveries {
  /** `next` is where to go on, absent at the end; a page may be short while there is a `next`. */
  list(query: DeliveryQuery, page: Page<DeliveryPlace>): Promise<ListedDeliveries>;
  /** How many fit among the next few thousand, and where to go on. */
  count(query: DeliveryQuery, after?: DeliveryPlace): Promise<Searched & { readonly count: number }>;
  /** The last in the order of events that is recorded, whosever it is. */
  newest(): Promise<DeliveryPlace | undefined>;
  get(place: DeliveryPlace): Promise<Delivery | undefined>;
  /** Of each of these events, in their order; of one event the first 200 are counted. With `viewer` only those of subscriptions that it sees. */
  countsOfEvents(query: {
    readonly tenant: string;
    readonly sequences: readonly number[];
    readonly viewer?: Viewer;
  }): Promise<DeliveryCounts[]>;
  /** By number, all that are kept, without what was seen on the wire. */
  attempts(place: DeliveryPlace): Promise<Attempt[]>;
  /** One of them, whole. */
  attempt(place: DeliveryPlace, number: number): Promise<Attempt | undefined>;
  /**
   * Waiting ones of one subscription with `dueMs` ≤ `nowMs`, the earliest due first, with their events; those of the sequences `except` are
   * left out. Ends early when the events have `readTogetherBytes` of data.
   */
  due(subscription: number, nowMs: number, max: number, except?: ReadonlySet<number>): Promise<DueDelivery[]>;
  /** The earliest due instant after `afterMs` of one subscription's waiting deliveries. */
  nextDue(subscription: number, afterMs: number): Promise<number | undefined>;
  /** Waiting ones of one subscription that are due after a place, the earliest first, how often each was tried and how long it was to wait. */
  waits(
    subscription: number,
    page: Required<Page<WaitPlace>>,
  ): Promise<readonly (WaitPlace & { readonly attempts: number; readonly waitMs?: number })[]>;
  /** Each subscription that has waiting deliveries, with its earliest due instant; by number. */
  waiting(page: Page<number>): Promise<{ readonly subscription: number; readonly dueMs: number }[]>;
  /** The deliveries that are recorded for events `from`..`to` (inclusive); by place. */
  recorded(events: { readonly from: number; readonly to: number }, page: Page<DeliveryPlace>): Promise<DeliveryPlace[]>;
  /** How many wait (paused ones included), how many are dead, and when the oldest waiting one's event happened. */
  depth(): Promise<{ readonly waiting: number; readonly dead: number; readonly oldestWaitingMs?: number }>;
}

export type DeliveryCondition =
  /** The delivery is dead or delivered, so that it may be sent again. */
  | { readonly if: "delivery.finished"; readonly sequence: number; readonly subscription: number }
  /** The event is kept, and there is no delivery of it to this subscription. */
  | { readonly if: "delivery.absent"; readonly sequence: number; readonly subscription: number };

export type DeliveryChange =
  /** One of an event that was dispatched without it: it waits for its first attempt. */
  | { readonly do: "delivery.add"; readonly delivery: DeliveryRecord }
  /** A finished delivery becomes `waiting` again, its tries counted from nought. */
  | {
      readonly do: "delivery.redrive";
      readonly sequence: number;
      readonly subscription: number;
      readonly dueMs: number;
    }
  /**
   * Of these waiting ones, each that is due later than its own wait from `nowMs`, or than `mostMs` from then, is due then. `usualMs`: for those that an older version
   * put off, which did not note how long.
   */
  | {
      readonly do: "delivery.forward";
      readonly subscription: number;
      readonly sequences: readonly number[];
      readonly nowMs: number;
      readonly usualMs: number;
      readonly mostMs?: number;
    }
  /** Dead deliveries of a subscription are listed no more and cannot be sent again; with `sequence` only that of one event. */
  | { readonly do: "delivery.clear"; readonly subscription: number; readonly sequence?: number };
