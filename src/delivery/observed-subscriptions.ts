import type { Uuid } from "../domain/ids.ts";
import { kinds } from "../domain/ids.ts";
import type { Store } from "../store/store.ts";
import type { Unit } from "../store/unit.ts";

/**
 * Subscriptions that others are subscribed to, or were: only of these is it announced what came of their deliveries. One too many costs
 * an event without subscribers; none is ever missing, as each is noted before its subscriber is answered.
 */
export class ObservedSubscriptions {
  readonly #uuids: Set<Uuid>;

  private constructor(uuids: readonly Uuid[]) {
    this.#uuids = new Set(uuids);
  }

  static async load(store: Pick<Store, "subscriptions">): Promise<ObservedSubscriptions> {
    return new ObservedSubscriptions(await store.subscriptions.scopesOf("subscription"));
  }

  /** Takes note of what was committed. */
  note({ changes = [] }: Unit): void {
    for (const change of changes) {
      if (change.do === "subscription.add") this.#add(change.subscription.scope);
      if (change.do === "subscription.change" && change.patch.scope !== undefined) this.#add(change.patch.scope);
    }
  }

  has(subscription: Uuid): boolean {
    return this.#uuids.has(subscription);
  }

  #add(scope: Uuid): void {
    if (scope.endsWith(`-${kinds.subscription}`)) this.#uuids.add(scope);
  }
}
