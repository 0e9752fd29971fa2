/** What a webhook's request says of its events, in the format that its target asks for. */

import { nameForSubscription } from "../domain/notifications/names.ts";
import type { WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import {
  batchedType,
  binaryHeaders,
  type CloudEvent,
  cloudEvent,
  structured,
  structuredType,
} from "./formats/cloudevent.ts";
import { formatLifecycleEvent } from "./formats/lifecycle.ts";
import { formatObjectEvent, objectRecord } from "./formats/object.ts";
import { formatResourceEvent } from "./formats/resource.ts";
import { formatS3Event, formatS3Test, s3RecordText } from "./formats/s3.ts";
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
    this.type = typeOf(subscription.target);
  }

  /** Of a target that sends several together it is a batch of one. May throw. */
  of(delivery: Deliverable, shown: ShownEvent): Payload {
    const { sentAs, batch } = this.#subscription.target;
    const { event, test } = delivery;
    if (sentAs === "s3" && test === true) return { body: formatS3Test(event), headers: none };
    if (batch !== undefined) return { body: this.together([this.record(delivery, shown)]), headers: none };
    switch (sentAs) {
      case undefined:
        return { body: this.#own(delivery, shown), headers: none };
      case "s3":
        return { body: formatS3Event(event, this.#configuration), headers: none };
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

  /** One of a batch, which says by itself which delivery it is. May throw. */
  record(delivery: Deliverable, shown: ShownEvent): string {
    const { sentAs, format } = this.#subscription.target;
    const { uuid, event } = delivery;
    if (sentAs === "s3") return s3RecordText(event, this.#configuration, uuid);
    if (sentAs !== undefined) return structured(this.#cloudEvent(delivery, shown));
    return format === "object" ? this.#objectRecord(delivery, uuid) : this.#own(delivery, shown, uuid);
  }

  /** A body of {@link record}s. */
  together(records: readonly string[]): string {
    const { sentAs, format } = this.#subscription.target;
    if (sentAs === "s3") return `{"Records":[${records.join(",")}]}`;
    if (sentAs !== undefined) return `[${records.join(",")}]`;
    return format === "object" ? `{"events":[${records.join(",")}]}` : `${records.join("\n")}\n`;
  }

  get #configuration(): string {
    return this.#subscription.managed?.id ?? this.#subscription.uuid;
  }

  /** As the face documents it. `inBatch`: the delivery that it says it is. */
  #own(delivery: Deliverable, shown: ShownEvent, inBatch?: string): string {
    const { event, attempt, test = false } = delivery;
    const { eventSource, kinds } = this.#means;
    const { fields, timeoutMs, format } = this.#subscription.target;
    switch (format) {
      case "object":
        return formatObjectEvent(event, { eventSource, fields, test });
      case "lifecycle": {
        const name = nameForSubscription(event, this.#subscription);
        return formatLifecycleEvent(event, { attempt, name, deadlineMs: timeoutMs, test, inBatch });
      }
      case "resource": {
        const { view } = shown;
        const kind = kinds.byName(view.kind);
        const key = kind?.flat === true ? undefined : (kind?.payloadKey ?? "resource");
        return formatResourceEvent(event, { view, subscription: this.#subscription, key, test, inBatch });
      }
      default:
        return format satisfies never;
    }
  }

  #objectRecord({ event, test = false }: Deliverable, inBatch?: string): string {
    const { eventSource } = this.#means;
    const { fields } = this.#subscription.target;
    return objectRecord(event, { eventSource, fields, test, inBatch });
  }

  #cloudEvent(delivery: Deliverable, shown: ShownEvent): CloudEvent {
    const { uuid, event, test = false } = delivery;
    const { eventSource } = this.#means;
    const { format } = this.#subscription.target;
    // One event says nothing of others: it stands there without the array.
    const data = format === "object" ? this.#objectRecord(delivery) : this.#own(delivery, shown);
    const name = nameForSubscription(event, this.#subscription);
    return cloudEvent(event, { name, eventSource, delivery: uuid, test, data });
  }
}

function typeOf({ sentAs, batch, format }: WebhookTarget): string {
  if (sentAs === "cloudevents") return batch === undefined ? structuredType : batchedType;
  const isLines = batch !== undefined && sentAs === undefined && format !== "object";
  return isLines ? "application/x-ndjson" : "application/json";
}
