import type { StoredStatus } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";

/** That something has become of a delivery, an invocation or a redrive; what it is now, its own area tells. */
export type NewsItem =
  /** An outcome, or that it was put to wait: how the delivery stood with that commit. */
  | {
      readonly of: "delivery";
      readonly sequence: number;
      /** Its number. */
      readonly subscription: number;
      readonly status: StoredStatus;
      readonly attempts: number;
    }
  | { readonly of: "invocation"; readonly number: number }
  | { readonly of: "redrive"; readonly uuid: Uuid };

/** Items are numbered through all tenants, in the order of their commits; of those of several nodes at once only in some order. */
export type NumberedItem = NewsItem & { readonly at: number; readonly tenant: string };

interface NewsQuery {
  readonly tenants: ReadonlySet<string>;
  /** At the least 1. A page may hold more: what one commit brought comes together. */
  readonly max: number;
}

interface NewsPage {
  readonly items: readonly NumberedItem[];
  /** All items of these tenants up to this number are in this page or before it. The number that was asked for, when there is nothing newer. */
  readonly upTo: number;
  /** So many items, of all tenants, that came after the number that was asked for are not kept any more. */
  readonly lost: number;
}

/**
 * What became of deliveries, invocations and redrives, for those who follow: each commit that changes one of them has its items in it. The
 * newest {@link keptNews} are kept.
 */
export interface News {
  /** By so many the number grows with each item, as a rule. */
  readonly numbersPerItem: number;
  /** Sequence of the newest event that is kept, 0 when there is none. None behind it becomes visible later: here and in what follows. */
  newestEvent(): Promise<number>;
  /**
   * Events of these tenants in order of sequence, `max` at most, among the first 1,000 of all tenants behind one. All of them up to `upTo`
   * are in this page or before it. Where several nodes write, what was committed just now may come with a later page.
   */
  eventsAfter(
    sequence: number,
    query: NewsQuery,
  ): Promise<{ readonly events: readonly Event[]; readonly upTo: number }>;
  /** How many events of each tenant there are behind `from`, up to `to`: of those up to `upTo`, behind which to go on unless that is `to`. */
  countEvents(
    from: number,
    to: number,
  ): Promise<{ readonly byTenant: ReadonlyMap<string, number>; readonly upTo: number }>;
  /** How many items of each tenant are kept of the commits that end behind `from`, up to `to`. */
  countNews(from: number, to: number): Promise<ReadonlyMap<string, number>>;
  /** Of the newest item, 0 when there never was one. */
  newestNews(): Promise<number>;
  newsAfter(number: number, query: NewsQuery): Promise<NewsPage>;
}

/** Of all tenants together: about 15 MB. */
export const keptNews = 500_000;
