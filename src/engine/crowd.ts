import { type Event, type Face, faces } from "../domain/event.ts";
import { type Filter, type FilterIndex, scopedFilterIndex } from "../domain/filter/index.ts";
import { isListening, type Subscription } from "../domain/subscription.ts";
import { matching, placeOf, reaches } from "./places.ts";

/** The subscriptions of one tenant that may still meet an event, as of a revision of it. */
export class Crowd {
  /** All that changed up to this revision of the tenant is in here. */
  revision: number;
  readonly #filterOf: (face: Face, text: string | undefined) => Filter | undefined;
  readonly #byNumber = new Map<number, Subscription>();
  readonly #indexes = new Map<Face, FilterIndex<number>>();
  /** Live ones of the lifecycle face by event type, with their filters, oldest first. */
  readonly #hooks = new Map<string, Map<number, Filter | undefined>>();

  constructor(revision: number, filterOf: (face: Face, text: string | undefined) => Filter | undefined) {
    this.revision = revision;
    this.#filterOf = filterOf;
  }

  get(number: number): Subscription | undefined {
    return this.#byNumber.get(number);
  }

  /** Takes in a state of a subscription, in place of the one before. What can meet nothing any more is let go. */
  put(subscription: Subscription): void {
    const { number, face, event } = subscription;
    const before = this.#byNumber.get(number);
    if (before !== undefined) {
      this.#indexes.get(before.face)?.delete(number);
      this.#hooks.get(before.event)?.delete(number);
      this.#byNumber.delete(number);
    }
    const { deletedMs, endedMs, taken } = subscription;
    if (deletedMs !== undefined || endedMs !== undefined || taken !== undefined) return;
    this.#byNumber.set(number, subscription);
    if (!isListening(subscription)) return;
    const filter = this.#filterOf(face, subscription.filter);
    this.#indexOf(face).put(number, { scope: placeOf(subscription), event, filter });
    if (face !== "lifecycle") return;
    this.#hooks.set(event, (this.#hooks.get(event) ?? new Map<number, Filter | undefined>()).set(number, filter));
  }

  #indexOf(face: Face): FilterIndex<number> {
    let index = this.#indexes.get(face);
    if (index === undefined) {
      index = scopedFilterIndex<number>();
      this.#indexes.set(face, index);
    }
    return index;
  }

  /** Those that have matched as they do now since the event's commit, and match it. Each once. */
  hearing(event: Event): Subscription[] {
    const found: Subscription[] = [];
    for (const face of faces) {
      const index = this.#indexes.get(face);
      if (index === undefined) continue;
      for (const number of matching(index, face, event)) {
        const subscription = this.#byNumber.get(number);
        if (subscription === undefined || subscription.fromRevision > event.revision) continue;
        if (face !== "lifecycle" || reaches(event, subscription)) found.push(subscription);
      }
    }
    return found;
  }

  /** Of the lifecycle face, to an event type. */
  hooks(type: string): { readonly subscription: Subscription; readonly filter: Filter | undefined }[] {
    return [...(this.#hooks.get(type) ?? [])].flatMap(([number, filter]) => {
      const subscription = this.#byNumber.get(number);
      return subscription === undefined ? [] : [{ subscription, filter }];
    });
  }
}
