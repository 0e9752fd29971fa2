import type { Event, ObjectData } from "../../domain/event.ts";
import { sequenceText } from "../../domain/ids.ts";

/** CloudEvents 1.0 over HTTP: structured as one JSON object, or binary with the attributes in headers. */

export const structuredType = "application/cloudevents+json";
/** Of an array of those. */
export const batchedType = "application/cloudevents-batch+json";

/** Whatever `data` is, it is the payload of the face in the default format: there one of `events` of the objects face. */
export interface CloudEvent {
  readonly attributes: Readonly<Record<string, string | boolean>>;
  /** JSON. */
  readonly data: string;
}

interface About {
  /** Under which the subscription gets it. */
  readonly name: string;
  readonly eventSource: string;
  /** Uuid of the delivery: the same on every attempt. */
  readonly delivery: string;
  readonly test: boolean;
  readonly data: string;
}

/** Of a text in a CloudEvent may be none of these; they are put in percent. */
const forbidden = /[\p{Cc}\p{Noncharacter_Code_Point}]/gu;

/** `id` is the event's: with `source`, the same event to another subscription is the same CloudEvent. */
export function cloudEvent(event: Event, { name, eventSource, delivery, test, data }: About): CloudEvent {
  return {
    attributes: {
      specversion: "1.0",
      id: event.id,
      source: encodeURI(eventSource.toWellFormed()),
      type: name,
      subject: subjectOf(event).toWellFormed().replaceAll(forbidden, encodeURIComponent),
      time: new Date(event.timeMs).toISOString(),
      datacontenttype: "application/json",
      sequence: sequenceText(event.sequence),
      tenant: event.tenant,
      delivery,
      ...(test ? { test: true } : {}),
    },
    data,
  };
}

/** `bucket/key` of an object, the uuid of any other resource. */
function subjectOf({ names, data, resource }: Event): string {
  if (names.objects === undefined) return resource;
  const { bucket, key } = data as unknown as ObjectData;
  return `${bucket}/${key}`;
}

/** In one piece; one of a batch looks the same. */
export function structured({ attributes, data }: CloudEvent): string {
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${data}}`;
}

/** Names and values in turn of the headers that hold its attributes, beside `content-type`. */
export function binaryHeaders({ attributes }: CloudEvent): readonly string[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    name === "datacontenttype" ? [] : [`ce-${name}`, headerValue(String(value))],
  );
}

/** As the binding asks: printable ASCII stays, but for the blank, `"` and `%`. */
function headerValue(text: string): string {
  return text.replaceAll(/[^\x21\x23\x24\x26-\x7e]+/g, (part) => {
    const bytes = [...Buffer.from(part)];
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  });
}
