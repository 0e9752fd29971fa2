import type { Event, Face } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Viewer } from "../domain/visibility.ts";
import type { Page } from "./page.ts";
import type { Usage } from "./records.ts";

/** What happened. */
export interface Events {
  /** In order of sequence. No cursor: where several nodes write, a lower one may be committed later. What follows events is the feed. */
  after(sequence: number, max: number): Promise<Event[]>;
  get(sequence: number): Promise<Event | undefined>;
  /** Newest first, of what the query says, among the events of all from `page.after` on: at most 1,000 of them, and no more behind `readTogetherBytes` of data. `next`: there may be more. */
  recent(query: RecentQuery, page: Page<number>): Promise<RecentEvents>;
  /**
   * Oldest first, of one tenant: those with this id, and those of the operation with it, committed within these instants, as far as sequences
   * follow the clock, and from `after` on, which is a sequence. Looks at 1,000 events of all tenants; `next`: there may be more.
   */
  ofOperation(query: OperationQuery, after?: number): Promise<RecentEvents>;
  /** Whether it, and every event before it in its part of the log, is dispatched or set aside. It may be a moment behind. */
  isDispatched(sequence: number): Promise<boolean>;
  /** By day, scope and subscription. Looks at 5,000 rows of the tenant at the most: a page may be short, or empty, while there is a `next`. */
  usage(query: UsageQuery, page: Page<UsagePlace>): Promise<{ readonly usage: Usage[]; readonly next?: UsagePlace }>;
}

interface RecentQuery {
  readonly tenant: string;
  readonly scope?: Uuid;
  /** Only those of this resource, and of what lies in it. */
  readonly about?: Uuid;
  /** Only those with a name on this face. */
  readonly face?: Face;
  /** Only those with this name there. */
  readonly name?: string;
  /** Only those whose data has a member, at any depth, whose value is this string. */
  readonly withValue?: string;
  /** At or after, and before, as far as sequences follow the clock: one that was set back by more than a minute hides what it did. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

interface OperationQuery {
  readonly tenant: string;
  readonly id: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface RecentEvents {
  readonly events: Event[];
  /** Sequence at which to look further. */
  readonly next?: number;
}

/** Where a list of usage goes on. */
export interface UsagePlace {
  readonly day: string;
  readonly scope: string;
  /** Number. */
  readonly subscription: number;
}

export interface UsageQuery {
  readonly tenant: string;
  /** Inclusive, `2026-11-20`. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly scope?: Uuid;
  readonly subscription?: Uuid;
  /** Of what was sent, only that of subscriptions that this caller sees; what was accepted is shown in any case. */
  readonly viewer?: Viewer;
}
