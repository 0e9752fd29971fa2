import type { Subscription } from "../domain/subscription.ts";
import type { Steps } from "../pace/steps.ts";
import type { Subscriptions } from "../store/store.ts";

/** So many are kept twice at the most: those that were asked for lately, and those before. */
const mostRecent = 8_192;
/** Read at once: some two milliseconds. */
const readTogether = 200;

/** Whole subscriptions, read when an event is for them. Those that were asked for last are kept: some 2 KB each. */
export class KnownSubscriptions {
  readonly #subscriptions: Pick<Subscriptions, "byNumbers">;
  readonly #steps: Steps;
  #recent = new Map<number, Subscription>();
  #before = new Map<number, Subscription>();
  /** Whatever is read while one of them changes may be what it was before. */
  #changes = 0;

  /** @param steps in which they are read: not to be waited for within one of these. */
  constructor(subscriptions: Pick<Subscriptions, "byNumbers">, steps: Steps) {
    this.#subscriptions = subscriptions;
    this.#steps = steps;
  }

  /** As they are now, or are about to be: in the order of their numbers as given, without those that are gone. */
  of(numbers: readonly number[]): Subscription[] | Promise<Subscription[]> {
    const found: Subscription[] = [];
    for (const number of numbers) {
      const known = this.#get(number);
      if (known === undefined) return this.#read(numbers);
      found.push(known);
    }
    return found;
  }

  /** It has changed. */
  forget(number: number): void {
    this.#changes += 1;
    this.#recent.delete(number);
    this.#before.delete(number);
  }

  async #read(numbers: readonly number[]): Promise<Subscription[]> {
    const found = new Map<number, Subscription>();
    const missing: number[] = [];
    for (const number of numbers) {
      const known = this.#get(number);
      if (known === undefined) missing.push(number);
      else found.set(number, known);
    }
    for (let from = 0; from < missing.length; from += readTogether) {
      const some = missing.slice(from, from + readTogether);
      const changes = this.#changes;
      for (const one of await this.#steps.next(() => this.#subscriptions.byNumbers(some))) {
        found.set(one.number, one);
        if (this.#changes === changes) this.#keep(one);
      }
    }
    return numbers.flatMap((number) => found.get(number) ?? []);
  }

  #get(number: number): Subscription | undefined {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent;
    const before = this.#before.get(number);
    if (before !== undefined) this.#keep(before);
    return before;
  }

  #keep(subscription: Subscription): void {
    if (this.#recent.size >= mostRecent) {
      this.#before = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(subscription.number, subscription);
  }
}
