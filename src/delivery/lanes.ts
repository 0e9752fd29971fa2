import type { Subscription } from "../domain/subscription.ts";
import type { Sharers } from "../pace/own-share.ts";
import type { Store } from "../store/store.ts";
import { Lane } from "./lane.ts";
import { LineRoom } from "./line.ts";

/** Kept for what they know of their targets; idle ones beyond so many are forgotten. */
const kept = 10_000;

/** The lanes of this process, by the number of their subscription. */
export class Lanes {
  readonly #store: Store;
  readonly #sharers: Sharers | undefined;
  readonly #lanes = new Map<number, Lane>();
  /** What all their lines share. */
  readonly lines = new LineRoom();

  /** @param sharers whom what a target takes is shared out to */
  constructor(store: Store, sharers?: Sharers) {
    this.#store = store;
    this.#sharers = sharers;
  }

  of(subscription: Subscription): Lane {
    let lane = this.#lanes.get(subscription.number);
    if (lane === undefined) {
      lane = new Lane(subscription, this.lines, this.#sharers);
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

  get(number: number): Lane | undefined {
    return this.#lanes.get(number);
  }

  all(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** There are more than are kept. */
  get areMany(): boolean {
    return this.#lanes.size > kept;
  }

  forget(lane: Lane): void {
    this.#lanes.delete(lane.number);
  }
}
