import { setImmediate } from "node:timers/promises";
import type { Context } from "../context.ts";
import { type HealthState, healthState, type TargetStanding, untouched } from "../domain/health.ts";
import type { Subscription } from "../domain/subscription.ts";

/** How subscriptions fare, for who sees them. */

export interface Health extends TargetStanding {
  readonly state: HealthState;
  /** Deliveries; counted up to {@link mostCountedEach}. */
  readonly waiting: number;
  readonly dead: number;
  /** When the event happened that the oldest waiting delivery is of. */
  readonly oldestWaitingMs?: number;
}

/** Half a millisecond. */
export const mostCountedEach = 10_000;
/** Behind more than this, others get their turn. */
const countedTogether = 1_000;

/** In the order of the subscriptions. Each costs some look-ups, however many deliveries there are. */
export async function healthOf(
  { store, clock }: Pick<Context, "store" | "clock">,
  subscriptions: readonly Subscription[],
): Promise<Health[]> {
  const { figures } = store;
  const nowMs = clock.now();
  const standings = await figures.standing(
    subscriptions.map(({ number }) => number),
    nowMs,
  );
  const found: Health[] = [];
  for (const subscription of subscriptions) {
    const of = { subscription: subscription.number };
    const standing = standings.get(of.subscription) ?? untouched;
    const open = await figures.open(of, mostCountedEach);
    const oldestWaitingMs = open.waiting === 0 ? undefined : await figures.oldestWaiting(of);
    if (open.waiting + open.dead > countedTogether) await setImmediate();
    found.push({
      ...standing,
      ...open,
      ...(oldestWaitingMs === undefined ? {} : { oldestWaitingMs }),
      state: healthState(subscription, standing, nowMs),
    });
  }
  return found;
}
