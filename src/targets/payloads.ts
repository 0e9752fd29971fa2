/** What a webhook's request says of its event, in the format that its target asks for. */

import { nameForSubscription } from "../domain/notifications/names.ts";
import type { WebhookSubscription } from "../domain/subscription.ts";
import { binaryHeaders, type CloudEvent, cloudEvent, structured, structuredType } from "./formats/cloudevent.ts";
import { formatLifecycleEvent } from "./formats/lifecycle.ts";
import { formatObjectEvent, objectRecord } from "./formats/object.ts";
import { formatResourceEvent } from "./formats/resource.ts";
import { formatS3Event, formatS3Test } from "./formats/s3.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { ShownEvent } from "./shown-event.ts";
import type { Deliverable } from "./target.ts";

type PayloadMeans = Pick<SendingMeans, "eventSource" | "kinds">;

interface Payload {
  readonly body: string;
  /** Names and values in turn of headers that belong to it, beside its type. */
  readonly headers: readonly string[];
}

const none: readonly string[] = [];

/** Payloads of one subscription. */
export class Payloads {
  readonly #means: PayloadMeans;
  readonly #subscription: WebhookSubscription;
  /** `content-type` of all of them. */
  readonly type: string;

  constructor(means: PayloadMeans, subscription: WebhookSubscription) {
    this.#means = means;
    this.#subscription = subscription;
    this.type = subscription.target.sentAs === "cloudevents" ? structuredType : "application/json";
  }

  /** May throw. */
  of(delivery: Deliverable, shown: ShownEvent): Payload {
    const { sentAs } = this.#subscription.target;
    switch (sentAs) {
      case undefined:
        return { body: this.#own(delivery, shown), headers: none };
      case "s3": {
        const { event, test } = delivery;
        const body =
          test === true
            ? formatS3Test(event)
            : formatS3Event(event, this.#subscription.managed?.id ?? this.#subscription.uuid);
        return { body, headers: none };
      }
      case "cloudevents":
        return { body: structured(this.#cloudEvent(delivery, shown)), headers: none };
      case "cloudevents-binary": {
        const made = this.#cloudEvent(delivery, shown);
        return { body: made.data, headers: binaryHeaders(made) };
      }
      default:
        return sentAs satisfies never;
    }
  }

  /** As the face documents it. */
  #own(delivery: Deliverable, shown: ShownEvent): string {
    const { event, attempt, test = false } = delivery;
    const { eventSource, kinds } = this.#means;
    const { fields, timeoutMs, format } = this.#subscription.target;
    switch (format) {
      case "object":
        return formatObjectEvent(event, { eventSource, fields, test });
      case "lifecycle": {
        const name = nameForSubscription(event, this.#subscription);
        return formatLifecycleEvent(event, { attempt, name, deadlineMs: timeoutMs, test });
      }
      case "resource": {
        const { view } = shown;
        const kind = kinds.byName(view.kind);
        const key = kind?.flat === true ? undefined : (kind?.payloadKey ?? "resource");
        return formatResourceEvent(event, { view, subscription: this.#subscription, key, test });
      }
      default:
        return format satisfies never;
    }
  }

  #cloudEvent(delivery: Deliverable, shown: ShownEvent): CloudEvent {
    const { uuid, event, test = false } = delivery;
    const { eventSource } = this.#means;
    const { fields, format } = this.#subscription.target;
    // One event says nothing of others: it stands there without the array.
    const data = format === "object" ? objectRecord(event, { eventSource, fields, test }) : this.#own(delivery, shown);
    const name = nameForSubscription(event, this.#subscription);
    return cloudEvent(event, { name, eventSource, delivery: uuid, test, data });
  }
}
