import { setImmediate } from "node:timers/promises";
import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { type HealthState, healthState, healthStates } from "../domain/health.ts";
import type { Subscription } from "../domain/subscription.ts";
import { viewerOf } from "../domain/visibility.ts";
import type { ListedStanding } from "../store/figures.ts";
import { type Health, healthOf, mostCountedEach } from "./health.ts";

/** How all that a caller sees fares: in numbers, and which subscriptions need attention. */

interface Overview {
  /** How many subscriptions are in each state, of the newest {@link mostLookedAt}. */
  readonly states: Readonly<Record<HealthState, number>>;
  /** There are older ones, which are not counted. */
  readonly more: boolean;
  /** Deliveries; counted up to {@link mostCounted}. */
  readonly waiting: number;
  readonly dead: number;
  readonly oldestWaitingMs?: number;
  readonly attemptsPerMinute: number;
  /** The worst first, at most {@link mostTroubled}. */
  readonly attention: readonly { readonly subscription: Subscription; readonly health: Health }[];
}

/** Of a tenant: five milliseconds. */
export const mostCounted = 100_000;
/** Looked at for one answer, in steps between which others get their turn. */
const mostLookedAt = 10_000;
const lookedAtTogether = 250;
const mostTroubled = 20;
/** In this order. */
const troubles: readonly HealthState[] = ["failing", "paused", "slow"];

export async function overviewOf(deps: Pick<Context, "store" | "clock">, caller: Principal): Promise<Overview> {
  const { store, clock } = deps;
  const nowMs = clock.now();
  const viewer = viewerOf(caller);
  const states = Object.fromEntries(healthStates.map((state) => [state, 0])) as Record<HealthState, number>;
  const troubled = new Map<HealthState, ListedStanding[]>(troubles.map((state) => [state, []]));
  // Of all, the store counts at once what it would take a look at each to add up.
  let open =
    viewer === undefined ? await store.figures.open({ tenant: caller.tenant }, mostCounted) : { waiting: 0, dead: 0 };
  let oldestMs = viewer === undefined ? await store.figures.oldestWaiting({ tenant: caller.tenant }) : undefined;
  let attemptsPerMinute = 0;
  let looked = 0;
  let more = false;
  for (let after: number | undefined; !more; ) {
    const query = { tenant: caller.tenant, nowMs, ...defined({ viewer }) };
    const page = await store.figures.standings(query, { max: lookedAtTogether, ...defined({ after }) });
    for (const listed of page) {
      const state = healthState(listed, listed.standing, nowMs);
      states[state] += 1;
      troubled.get(state)?.push(listed);
      attemptsPerMinute += listed.standing.attemptsPerMinute;
      if (viewer === undefined) continue;
      const of = { subscription: listed.number };
      const one = await store.figures.open(of, mostCountedEach);
      open = { waiting: open.waiting + one.waiting, dead: open.dead + one.dead };
      const ofOneMs = one.waiting === 0 ? undefined : await store.figures.oldestWaiting(of);
      if (ofOneMs !== undefined) oldestMs = Math.min(oldestMs ?? ofOneMs, ofOneMs);
    }
    if (page.length < lookedAtTogether) break;
    after = page.at(-1)?.number;
    looked += page.length;
    more = looked >= mostLookedAt;
    await setImmediate();
  }
  const worst = troubles.flatMap((state) => (troubled.get(state) ?? []).toSorted(longestFirst)).slice(0, mostTroubled);
  const found = await Promise.all(worst.map(({ number }) => store.subscriptions.byNumber(number)));
  const subscriptions = found.filter((one) => one !== undefined);
  const healths = await healthOf(deps, subscriptions);
  return {
    states,
    more,
    waiting: Math.min(open.waiting, mostCounted),
    dead: Math.min(open.dead, mostCounted),
    ...defined({ oldestWaitingMs: oldestMs }),
    attemptsPerMinute,
    attention: subscriptions.flatMap((subscription, index) => {
      const health = healths[index];
      return health === undefined ? [] : [{ subscription, health }];
    }),
  };
}

/** What has failed most often comes first, then what is in its state for longest. */
function longestFirst(one: ListedStanding, other: ListedStanding): number {
  const since = ({ paused, standing }: ListedStanding): number =>
    paused?.sinceMs ?? standing.failingSinceMs ?? Number.MAX_SAFE_INTEGER;
  return other.standing.failures - one.standing.failures || since(one) - since(other);
}
