import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Settlement } from "../store/feed.ts";
import type { DeliveryPlace } from "../store/store.ts";
import type { PreparedTarget, ToldDeliverable } from "../targets/target.ts";

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
  /** By the number of their subscription, and the sequence of their event. */
  readonly #underWay = new Map<number, Map<number, FirstAttempt>>();

  /** The same targets; what is tried for the first time through them is known here until it is settled. */
  watch(prepare: (subscription: Subscription) => PreparedTarget): (subscription: Subscription) => PreparedTarget {
    return (subscription) => {
      const target = prepare(subscription);
      const begin = target.begin?.bind(target);
      return {
        attempt: (delivery, signal) => {
          if (delivery.attempt === 1) this.#begun({ event: delivery.event, subscription });
          return target.attempt(delivery, signal);
        },
        ...(begin === undefined
          ? {}
          : {
              begin: (delivery: ToldDeliverable, signal?: AbortSignal) => {
                if (delivery.attempt === 1) this.#begun({ event: delivery.event, subscription });
                begin(delivery, signal);
              },
            }),
        sent: (delivery, past) => target.sent(delivery, past),
      };
    };
  }

  *all(): Generator<FirstAttempt, void, void> {
    for (const ofOne of this.#underWay.values()) yield* ofOne.values();
  }

  get({ sequence, subscription }: DeliveryPlace): FirstAttempt | undefined {
    return this.#underWay.get(subscription)?.get(sequence);
  }

  #begun(attempt: FirstAttempt): void {
    const { event, subscription } = attempt;
    const known = this.#underWay.get(subscription.number);
    if (known === undefined) this.#underWay.set(subscription.number, new Map([[event.sequence, attempt]]));
    else known.set(event.sequence, attempt);
  }

  /** What was settled is no longer known here. */
  settled({ records }: Settlement): void {
    for (const { sequence, subscription } of records) {
      const known = this.#underWay.get(subscription);
      if (known?.delete(sequence) === true && known.size === 0) this.#underWay.delete(subscription);
    }
  }
}
