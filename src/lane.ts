import { isSending, type Subscription } from "./domain/subscription.ts";
import type { PreparedTarget } from "./targets/target.ts";

/** Attempts at once towards one target, at the most. */
export const slotsPerTarget = 64;

/**
 * One subscription's way out: its slots, and what the engine knows of what waits for them.
 *
 * A first attempt takes a slot only if one is free *and* nothing older waits; otherwise it is parked, and parked deliveries
 * are claimed from the store when slots come free. The number of slots follows the target's health: each timeout or broken
 * connection halves it, each acknowledgement adds one, so a target that hangs soon holds a single connection.
 */
export class Lane {
  readonly number: number;
  #subscription: Subscription;
  #prepared: { readonly revision: number; readonly target: PreparedTarget } | undefined;
  /** Sequences of events from the start of an attempt until its outcome is durable: the store still calls them waiting. */
  readonly busy = new Set<number>();
  #running = 0;
  #slots = slotsPerTarget;
  /** How long acknowledged attempts take, of late. */
  #usualMs = 0;
  /** Parked deliveries of which the store has not yet confirmed that they are durable, and so claimable. */
  unsettled = 0;
  /** First attempts that were put off and are not yet under way, as far as this process knows. */
  parked = 0;
  /** Something that is due waits in the store. */
  behind = false;
  claiming = false;
  /** When to look next for what is due; the earliest of the wake-ups that are set for this lane. */
  wakeMs: number | undefined;
  /** This process has just paused the subscription; the store's word on it is on its way. */
  held = false;

  constructor(subscription: Subscription) {
    this.number = subscription.number;
    this.#subscription = subscription;
  }

  get subscription(): Subscription {
    return this.#subscription;
  }

  /** Takes note of a newer state. */
  update(subscription: Subscription): void {
    if (subscription.revision > this.#subscription.revision) {
      this.#subscription = subscription;
      this.held = false;
    }
  }

  target(prepare: (subscription: Subscription) => PreparedTarget): PreparedTarget {
    if (this.#prepared?.revision !== this.#subscription.revision) {
      this.#prepared = { revision: this.#subscription.revision, target: prepare(this.#subscription) };
    }
    return this.#prepared.target;
  }

  get sending(): boolean {
    return !this.held && isSending(this.#subscription);
  }

  get free(): number {
    return Math.max(0, this.#slots - this.#running);
  }

  /** Attempts under way. */
  get running(): number {
    return this.#running;
  }

  begin(sequence: number): void {
    this.busy.add(sequence);
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
  }

  /** Enough slots are free to make a look into the store worthwhile. */
  get worthClaiming(): boolean {
    return this.free >= Math.max(1, this.#slots >> 2);
  }

  get takesFirst(): boolean {
    return this.free > 0 && !this.behind && this.unsettled === 0;
  }

  /** Nothing is under way or known to wait: the lane may be forgotten. */
  get idle(): boolean {
    return this.busy.size === 0 && this.unsettled === 0 && !this.behind && !this.claiming && this.wakeMs === undefined;
  }

  /** An attempt was acknowledged after `durationMs`. */
  healthy(durationMs: number): void {
    if (this.#slots < slotsPerTarget) this.#slots += 1;
    this.#usualMs += (durationMs - this.#usualMs) / 8;
  }

  /** How long it will take, going by the latest attempts, until a first attempt finds a slot; infinite while it is ill. */
  get usualWaitMs(): number {
    if (this.#slots < slotsPerTarget) return Number.POSITIVE_INFINITY;
    return (this.#usualMs * Math.max(1, this.parked)) / slotsPerTarget;
  }

  unreachable(): void {
    this.#slots = Math.max(1, this.#slots >> 1);
  }
}
