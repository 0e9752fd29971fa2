import { managesTenant, type Principal } from "../../domain/access.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { knowsSubscription } from "../../platform/visibility.ts";
import type { Store } from "../../store/store.ts";
import { EventSight } from "../event-sight.ts";
import { knowsJob } from "../redrives.ts";
import type { LiveItem } from "./item.ts";

/** For so long it is remembered which subscriptions a caller knows of. */
const rememberedMs = 1_000;

/** What a caller sees of what happens, by the rules of the lists. */
export class LiveSight {
  readonly #store: Store;
  readonly #caller: Principal;
  readonly #known = new Map<number, boolean>();
  #knownSinceMs = 0;

  constructor(store: Store, caller: Principal) {
    this.#store = store;
    this.#caller = caller;
  }

  /** Whether the caller sees whatever happens in its tenant. */
  get isWhole(): boolean {
    return isAdmin(this.#caller);
  }

  async sees(item: LiveItem): Promise<boolean> {
    if (this.isWhole) return true;
    switch (item.topic) {
      case "events":
        // Remembers nothing from one to the next: a grant that was given just now counts.
        return new EventSight(this.#store, this.#caller).sees(item.event);
      case "deliveries":
        return this.#knows(item.delivery.number);
      case "invocations":
        return managesTenant(this.#caller);
      case "redrives":
        return knowsJob(this.#store, this.#caller, item.redrive);
      default:
        return item satisfies never;
    }
  }

  async #knows(number: number): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#knownSinceMs > rememberedMs) {
      this.#known.clear();
      this.#knownSinceMs = nowMs;
    }
    let known = this.#known.get(number);
    if (known === undefined) {
      const subscription = await this.#store.subscriptions.byNumber(number);
      known = subscription !== undefined && (await knowsSubscription(this.#store, this.#caller, subscription));
      this.#known.set(number, known);
    }
    return known;
  }
}
