import type { FilterCost, MatchCost } from "../delivery/match-accounting.ts";
import type { Matcher } from "../delivery/matcher.ts";
import type { Principal } from "../domain/access.ts";
import { isAdmin } from "../domain/visibility.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import type { Store } from "../store/store.ts";

/** So many of the costliest filters are listed. */
const mostListed = 10;
/** So many of other people's subscriptions are looked at: whether one knows of them takes a query. */
const mostLookedAt = 200;

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

async function knownOf(store: Store, caller: Principal, filters: readonly FilterCost[]): Promise<FilterCost[]> {
  const known: FilterCost[] = [];
  let lookedAt = 0;
  for (const use of filters.toSorted((one, other) => other.ms - one.ms)) {
    if (known.length === mostListed) break;
    if (!isAdmin(caller) && use.subscription.owner !== caller.name) {
      lookedAt += 1;
      if (lookedAt > mostLookedAt) continue;
    }
    if (await knowsSubscription(store, caller, use.subscription)) known.push(use);
  }
  return known;
}
