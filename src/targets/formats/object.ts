import { type Event, type ObjectData } from "../../domain/event.ts";
import { sequenceText } from "../../domain/ids.ts";

/**
 * What a subscription may ask for beyond the documented payload. Beside `eventName`: `eventId` (the event's UUID),
 * `sequence` (16 hex digits, greater for the later of two events of one object), `reason` (the operation: `PutObject`, …)
 * and `principal` (who did it; left out when unknown). In `object`: `lastModified` (RFC 3339; of a delete, when it
 * was deleted), `contentType` and `userMetadata`.
 */
export const additiveFields = [
  "eventId",
  "sequence",
  "lastModified",
  "contentType",
  "reason",
  "userMetadata",
  "principal",
] as const;
type AdditiveField = (typeof additiveFields)[number];

interface ObjectFormat {
  /** `eventSource` of every event. */
  readonly eventSource: string;
  /** Of {@link additiveFields}; they come after the documented ones, in this order. Unknown ones are passed over. */
  readonly fields: readonly string[];
  /** Adds `"test": true` beside `eventName`. Default false. */
  readonly test?: boolean;
  /** In a batch each says which delivery it is, and its sequence. */
  readonly inBatch?: string | undefined;
}

/** The documented payload of object notifications: `{"events":[…]}` with one event. The key is not URL-encoded. */
export function formatObjectEvent(event: Event, format: ObjectFormat): string {
  return `{"events":[${objectRecord(event, format)}]}`;
}

/** One of `events`. */
export function objectRecord(event: Event, { eventSource, fields, test = false, inBatch }: ObjectFormat): string {
  const data = event.data as unknown as ObjectData;
  let beside = "";
  let inside = "";
  for (const field of fields) {
    switch (field as AdditiveField) {
      case "eventId":
        beside += `,"eventId":${JSON.stringify(event.id)}`;
        break;
      case "sequence":
        beside += `,"sequence":"${sequenceText(event.sequence)}"`;
        break;
      case "reason":
        beside += `,"reason":${JSON.stringify(data.reason)}`;
        break;
      case "principal":
        if (event.actor !== undefined) beside += `,"principal":${JSON.stringify(event.actor)}`;
        break;
      case "lastModified":
        inside += `,"lastModified":"${new Date(data.lastModifiedMs).toISOString()}"`;
        break;
      case "contentType":
        inside += `,"contentType":${JSON.stringify(data.contentType)}`;
        break;
      case "userMetadata":
        inside += `,"userMetadata":${JSON.stringify(data.userMetadata)}`;
        break;
    }
  }
  if (inBatch !== undefined) {
    if (!fields.includes("sequence")) beside += `,"sequence":"${sequenceText(event.sequence)}"`;
    beside += `,"delivery":"${inBatch}"`;
  }
  if (test) beside += `,"test":true`;
  return (
    `{"eventVersion":"1","eventSource":${JSON.stringify(eventSource)},` +
    `"eventName":${JSON.stringify(event.names.objects ?? "")},"eventTime":"${new Date(event.timeMs).toISOString()}",` +
    `"bucket":${JSON.stringify(data.bucket)},"object":{"key":${JSON.stringify(data.key)},` +
    `"size":${JSON.stringify(data.size)},"eTag":${JSON.stringify(data.eTag)}${inside}}${beside}}`
  );
}
