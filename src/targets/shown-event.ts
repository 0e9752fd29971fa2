import type { EventView } from "../domain/notifications/view.ts";
import { viewOf } from "../domain/notifications/view.ts";
import type { WebhookSubscription } from "../domain/subscription.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { Deliverable } from "./target.ts";

/** An event as the subscription shows it, made when it is first needed. */
export class ShownEvent {
  readonly #make: readonly [Pick<SendingMeans, "publicUrl">, WebhookSubscription, Pick<Deliverable, "event">];
  #view: EventView | undefined;

  constructor(...make: readonly [Pick<SendingMeans, "publicUrl">, WebhookSubscription, Pick<Deliverable, "event">]) {
    this.#make = make;
  }

  /** May throw. */
  get view(): EventView {
    const [means, subscription, { event }] = this.#make;
    this.#view ??= viewOf(event, subscription, { publicUrl: means.publicUrl() });
    return this.#view;
  }
}
