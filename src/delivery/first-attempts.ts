import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { DeliveryPlace } from "../store/store.ts";
import type { Lanes } from "./lanes.ts";

/** A delivery that was handed over, and of which nothing is recorded yet. */
export interface FirstAttempt {
  readonly event: Event;
  readonly subscription: Subscription;
}

/**
 * First deliveries, from the moment their event is handed over until what came of them is durable: so that who looks for a delivery finds it all
 * the same.
 */
export class FirstAttempts {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  *all(): Generator<FirstAttempt, void, void> {
    for (const { open, subscription } of this.#lanes.all()) {
      for (const { event } of open.values()) yield { event, subscription };
    }
  }

  get({ sequence, subscription: number }: DeliveryPlace): FirstAttempt | undefined {
    const lane = this.#lanes.get(number);
    const first = lane?.open.get(sequence);
    return lane === undefined || first === undefined
      ? undefined
      : { event: first.event, subscription: lane.subscription };
  }
}
