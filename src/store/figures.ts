import type { Face } from "../domain/event.ts";
import type { TargetStanding } from "../domain/health.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Viewer } from "../domain/visibility.ts";
import type { Page } from "./page.ts";

/**
 * Figures of what was accepted and sent. They are written in the commit of the outcomes that they count, so they are exact whatever
 * crashes: per tenant and minute, per tenant and hour, and per subscription and hour, in the minute of that commit.
 */
export interface Figures {
  /** How subscriptions stand now, by number. */
  standing(numbers: readonly number[], nowMs: number): Promise<ReadonlyMap<number, TargetStanding>>;
  /** How many deliveries wait (paused ones included) and are dead, no more than `most` each. */
  open(of: FiguresOf, most: number): Promise<{ readonly waiting: number; readonly dead: number }>;
  /** Live subscriptions that the caller sees, newest first, and how they stand now. */
  standings(
    query: { readonly tenant: string; readonly nowMs: number; readonly viewer?: Viewer },
    page: Page<number>,
  ): Promise<ListedStanding[]>;
  /** When the event happened that the oldest waiting delivery is of. */
  oldestWaiting(of: FiguresOf): Promise<number | undefined>;
  /** Of the whole tenant, oldest first; what was accepted and what was sent on each face have figures of their own. */
  totals(query: SpanQuery): Promise<CountedTotal[]>;
  /** Of one hour, by subscription, of those that the query names and the caller sees. `looked`: rows that it took. */
  ofHour(query: HourQuery): Promise<{ readonly counted: CountedSubscription[]; readonly looked: number }>;
  /** Why attempts failed and deliveries died: of the whole tenant, oldest first. */
  reasons(query: SpanQuery): Promise<CountedReason[]>;
  /** The same of one hour, of subscriptions that the query names and the caller sees. */
  reasonsOfHour(query: HourQuery): Promise<{ readonly counted: CountedReason[]; readonly looked: number }>;
  /**
   * Attempts of one subscription's `page.max` newest deliveries, of events before the sequence `page.after`; not more than four times as
   * many. `next`: there may be older ones, of events before about `sinceMs`.
   */
  newestAttempts(subscription: number, page: Page<number>): Promise<NewestAttempts>;
}

/** A tenant, or a subscription by number. */
type FiguresOf = { readonly tenant: string } | { readonly subscription: number };

/** A subscription with what decides about its health. */
export interface ListedStanding
  extends Pick<Subscription, "number" | "outcome" | "enabled" | "unconfirmed" | "paused"> {
  readonly standing: TargetStanding;
}

/** A minute or an hour. */
export type Span = "minute" | "hour";
export const spanMs = { minute: 60_000, hour: 3_600_000 } as const satisfies Record<Span, number>;

export interface SpanQuery {
  readonly tenant: string;
  readonly span: Span;
  /** Of spans that begin at or after, and before; at most {@link spansTogether} of them. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether latencies are wanted, which cost most to read. */
  readonly latency?: boolean;
}

/** So many spans are read at once. */
export const spansTogether = 240;

export interface HourQuery {
  readonly tenant: string;
  /** Its beginning. */
  readonly atMs: number;
  /** Of this one alone, whose sight was judged. */
  readonly subscription?: number;
  /** Only of subscriptions that this caller sees. */
  readonly viewer?: Viewer;
  readonly latency?: boolean;
}

interface Counts {
  readonly attempts: number;
  /** Of the attempts those that were acknowledged: each delivers. */
  readonly delivered: number;
  readonly dead: number;
  /** How many acknowledged attempts took how long, by the bands of `domain/latency.ts` as far as there are any; empty unless asked for. */
  readonly bands: readonly number[];
}

interface CountedTotal extends Counts {
  /** When the span begins. */
  readonly atMs: number;
  /** Absent: what was accepted. */
  readonly face?: Face;
  /** Events that were accepted. */
  readonly events: number;
}

interface CountedSubscription extends Counts {
  readonly atMs: number;
  readonly subscription: number;
  readonly face: Face;
}

export interface CountedReason {
  readonly atMs: number;
  readonly reason: string;
  /** That failed for it. */
  readonly attempts: number;
  /** Deliveries that died of it. */
  readonly dead: number;
}

export interface NewestAttempts {
  readonly attempts: CountedAttempt[];
  /** Deliveries. */
  readonly looked: number;
  readonly next?: { readonly sequence: number; readonly sinceMs: number };
}

/** One attempt, by when it ended. */
export interface CountedAttempt {
  readonly endedMs: number;
  readonly durationMs: number;
  /** Absent: it was acknowledged. */
  readonly reason?: string;
  /** Its delivery is dead since. */
  readonly died?: true;
}
