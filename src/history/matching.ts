import type { MatchCost } from "../delivery/match-accounting.ts";
import type { Matcher } from "../delivery/matcher.ts";
import type { Principal } from "../domain/access.ts";
import type { Subscription } from "../domain/subscription.ts";
import { isAdmin } from "../domain/visibility.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import type { Store } from "../store/store.ts";

/** So many of the costliest filters are listed. */
const mostListed = 10;
/** So many of other people's subscriptions are looked at: whether one knows of them takes a query. */
const mostLookedAt = 200;
/** Read at once: a millisecond. */
const readTogether = 100;

/** What the filter of one subscription cost. */
interface FilterCost {
  readonly subscription: Subscription;
  /** Milliseconds of matching. */
  readonly ms: number;
  /** Instructions of its patterns for each character of a text; 0 when it is compiling it that cost. */
  readonly program: number;
}

/** What the filters of a tenant cost of late, and what they may. */
export interface MatchState extends Omit<MatchCost, "filters"> {
  /** Milliseconds of each second. */
  readonly limitMs: number;
  /** Of compiled filters, and what they may be. */
  readonly bytes: number;
  readonly limitBytes: number;
  /** Of subscriptions that the caller knows of, the costliest first. */
  readonly costliest: readonly FilterCost[];
}

/** `waiting` counts those in the store, too. */
export async function matchingOf(store: Store, matching: Matcher, caller: Principal): Promise<MatchState> {
  const { tenant } = caller;
  const { filters, ...use } = matching.accounting.of(tenant);
  const aside = await store.aside.counts(tenant);
  return {
    ...use,
    waiting: use.waiting + aside.waiting,
    limitMs: matching.budget.msPerSecond,
    bytes: matching.filters.bytes(tenant),
    limitBytes: matching.filters.mostBytesOfTenant,
    costliest: await knownOf(store, caller, filters),
  };
}

async function knownOf(store: Store, caller: Principal, filters: MatchCost["filters"]): Promise<FilterCost[]> {
  const known: FilterCost[] = [];
  const costliest = filters.toSorted((one, other) => other.ms - one.ms);
  let lookedAt = 0;
  for (let from = 0; from < costliest.length; from += readTogether) {
    if (from > 0) await new Promise(setImmediate);
    const some = costliest.slice(from, from + readTogether);
    const read = await store.subscriptions.byNumbers(some.map((use) => use.subscription));
    const byNumber = new Map(read.map((subscription) => [subscription.number, subscription]));
    for (const { subscription: number, ms, program } of some) {
      const subscription = byNumber.get(number);
      if (subscription === undefined) continue;
      if (!isAdmin(caller) && subscription.owner !== caller.name) {
        lookedAt += 1;
        if (lookedAt > mostLookedAt) continue;
      }
      if (await knowsSubscription(store, caller, subscription)) known.push({ subscription, ms, program });
      if (known.length === mostListed) return known;
    }
  }
  return known;
}
