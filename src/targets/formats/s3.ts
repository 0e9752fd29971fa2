import type { Event, ObjectData, ObjectReason } from "../../domain/event.ts";
import { sequenceText } from "../../domain/ids.ts";

/** The event records of S3 itself, version 2.1, and the document that they come in. */

/** Without `s3:`, as records have it. */
const eventNames: Readonly<Record<ObjectReason, string>> = {
  PutObject: "ObjectCreated:Put",
  PostObject: "ObjectCreated:Post",
  CopyObject: "ObjectCreated:Copy",
  CompleteMultipartUpload: "ObjectCreated:CompleteMultipartUpload",
  DeleteObject: "ObjectRemoved:Delete",
  DeleteObjects: "ObjectRemoved:Delete",
};

/** There is only one region. */
const awsRegion = "us-east-1";
/** What S3 writes where no client asked by an address of its own. */
const noAddress = "s3.amazonaws.com";

/** As forms encode it: `+` for a space, all but `A–Z a–z 0–9 - _ . *` and the slash in percent. Consumers undo just that. */
function encodedKey(key: string): string {
  // A lone surrogate has no UTF-8: it becomes U+FFFD.
  const encoded = encodeURIComponent(key.toWellFormed()).replaceAll("%20", "+").replaceAll("%2F", "/");
  return encoded.replaceAll(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * One record. What is known only of changes by S3 requests has a stand-in otherwise, as consumers read it in any case: the address is
 * `s3.amazonaws.com`, and both ids are the event's own.
 *
 * @param configurationId whom it is sent to.
 */
function s3Record(event: Event, configurationId: string) {
  const data = event.data as unknown as ObjectData;
  const { bucket, key, size, eTag, request } = data;
  const removed = event.names.objects === "OBJECT_DELETED";
  // A file that was moved leaves its place, whatever the write said.
  const eventName = removed ? eventNames.DeleteObject : eventNames[data.reason];
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion,
    eventTime: new Date(event.timeMs).toISOString(),
    eventName,
    userIdentity: { principalId: event.actor ?? "" },
    requestParameters: { sourceIPAddress: request?.address ?? noAddress },
    responseElements: {
      "x-amz-request-id": request?.id ?? event.id,
      "x-amz-id-2": request?.hostId ?? event.id,
    },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId,
      bucket: {
        name: bucket,
        // The bucket's owner stands behind the object's.
        ownerIdentity: { principalId: event.owners?.at(-1) ?? "" },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: {
        key: encodedKey(key),
        ...(removed ? {} : { size, eTag }),
        sequencer: sequenceText(event.sequence),
      },
    },
  };
}

/** One of a batch. Which delivery it is stands beside the ids of the request, of which consumers take whatever there are. */
export function s3RecordText(event: Event, configurationId: string, delivery: string): string {
  const { responseElements, ...record } = s3Record(event, configurationId);
  return JSON.stringify({ ...record, responseElements: { ...responseElements, "x-signalbox-delivery": delivery } });
}

/** `{"EventName","Key","Records"}` for one: consumers of S3 read the last, those of MinIO all three. */
export function formatS3Event(event: Event, configurationId: string): string {
  const record = s3Record(event, configurationId);
  const { bucket, key } = event.data as unknown as ObjectData;
  return JSON.stringify({ EventName: `s3:${record.eventName}`, Key: `${bucket}/${key}`, Records: [record] });
}

/** What S3 sends to try out a receiver. */
export function formatS3Test({ id, timeMs, data }: Event): string {
  const { bucket } = data as unknown as ObjectData;
  return JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(timeMs).toISOString(),
    Bucket: bucket,
    RequestId: id,
    HostId: id,
  });
}
