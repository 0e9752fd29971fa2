import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Feed } from "../store/feed.ts";
import type { DeliveryPlace } from "../store/store.ts";
import type { PreparedTarget } from "../targets/target.ts";

/** A delivery whose first attempt is under way. */
export interface FirstAttempt {
  readonly event: Event;
  readonly subscription: Subscription;
}

/**
 * First attempts, from their begin until what came of them is durable. Nothing of them is recorded before they end, which may take as long
 * as the target may: so that who looks for a delivery finds it all the same.
 */
export class FirstAttempts {
  readonly #underWay = new Map<string, FirstAttempt>();

  /** The same feed; what is settled through it is no longer known here. */
  settling(feed: Feed): Feed {
    return {
      next: (max, signal) => feed.next(max, signal),
      settle: async (settlement) => {
        await feed.settle(settlement);
        if (this.#underWay.size === 0) return;
        for (const { sequence, subscription } of settlement.records)
          this.#underWay.delete(keyOf(sequence, subscription));
      },
    };
  }

  /** The same targets; what is tried for the first time through them is known here until it is settled. */
  watch(prepare: (subscription: Subscription) => PreparedTarget): (subscription: Subscription) => PreparedTarget {
    return (subscription) => {
      const target = prepare(subscription);
      return {
        attempt: async (delivery, signal) => {
          if (delivery.attempt > 1) return target.attempt(delivery, signal);
          this.#underWay.set(keyOf(delivery.event.sequence, subscription.number), {
            event: delivery.event,
            subscription,
          });
          return target.attempt(delivery, signal);
        },
      };
    };
  }

  all(): Iterable<FirstAttempt> {
    return this.#underWay.values();
  }

  get({ sequence, subscription }: DeliveryPlace): FirstAttempt | undefined {
    return this.#underWay.get(keyOf(sequence, subscription));
  }
}

function keyOf(sequence: number, subscription: number): string {
  return `${sequence}/${subscription}`;
}
