import type { Uuid } from "../domain/ids.ts";
import type { Store } from "../store/store.ts";
import type { Unit } from "../store/unit.ts";
import { observedBy } from "../store/watchers.ts";

/**
 * Subscriptions that others are subscribed to, or were: only of these is it announced what came of their deliveries. One too many costs
 * an event without subscribers; none is ever missing, as each is noted before its subscriber is answered.
 */
export class ObservedSubscriptions {
  readonly #store: Pick<Store, "subscriptions">;
  readonly #uuids = new Set<Uuid>();

  private constructor(store: Pick<Store, "subscriptions">) {
    this.#store = store;
  }

  static async load(store: Pick<Store, "subscriptions">): Promise<ObservedSubscriptions> {
    const observed = new ObservedSubscriptions(store);
    await observed.renew();
    return observed;
  }

  /** With those that other nodes have added. */
  async renew(): Promise<void> {
    for (const scope of await this.#store.subscriptions.scopesOf("subscription")) this.#uuids.add(scope);
  }

  /** Takes note of what was committed. */
  note(unit: Unit): void {
    for (const scope of observedBy(unit)) this.#uuids.add(scope);
  }

  has(subscription: Uuid): boolean {
    return this.#uuids.has(subscription);
  }
}
