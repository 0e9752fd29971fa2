import type { Subscription } from "../domain/subscription.ts";
import type { Store } from "../store/store.ts";
import { Lane } from "./lane.ts";

/** Kept for what they know of their targets; idle ones beyond so many are forgotten. */
const kept = 10_000;

/** The lanes of this process, by the number of their subscription. */
export class Lanes {
  readonly #store: Store;
  readonly #lanes = new Map<number, Lane>();

  constructor(store: Store) {
    this.#store = store;
  }

  of(subscription: Subscription): Lane {
    let lane = this.#lanes.get(subscription.number);
    if (lane === undefined) {
      lane = new Lane(subscription);
      this.#lanes.set(subscription.number, lane);
    } else {
      lane.update(subscription);
    }
    return lane;
  }

  /** With its subscription as the store has it now. */
  async read(number: number): Promise<Lane | undefined> {
    const subscription = await this.#store.subscriptions.byNumber(number);
    return subscription === undefined ? undefined : this.of(subscription);
  }

  /** Whether that lane sends, and its target is known to take what is sent, as of the last attempt. */
  isWell(number: number): boolean {
    const lane = this.#lanes.get(number);
    return lane !== undefined && lane.sending && lane.trusted;
  }

  all(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** Forgets it if nothing depends on it. */
  leave(lane: Lane): void {
    if (lane.idle && this.#lanes.size > kept) this.#lanes.delete(lane.number);
  }
}
