import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { S3Event, S3EventRecord } from "aws-lambda";
import { anEvent, uuid } from "../../../test/conformance/store/given.ts";
import type { Event, ObjectReason } from "../../domain/event.ts";
import { formatS3Event, formatS3Test } from "./s3.ts";

const data = {
  bucket: "photos",
  key: "images/a b+c.jpg",
  size: 1024,
  eTag: "d41d8cd98f00b204e9800998ecf8427e",
  contentType: "image/jpeg",
  lastModifiedMs: 0,
  reason: "PutObject",
  userMetadata: {},
  tags: {},
  request: { id: "0123456789ABCDEF", hostId: "aG9zdA==", address: "192.0.2.7" },
} as const;
const event: Event = {
  ...anEvent(uuid("bucket")),
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  names: { objects: "OBJECT_CREATED_PUT" },
  actor: "ada",
  owners: ["grace", "edsger"],
  timeMs: Date.UTC(2023, 4, 15, 10, 30),
  data,
  sequence: 255,
  revision: 1,
};
function made(over: Partial<Event> = {}): S3EventRecord {
  const { Records } = JSON.parse(formatS3Event({ ...event, ...over }, "rule")) as S3Event;
  assert.equal(Records.length, 1);
  return Records[0] as S3EventRecord;
}

describe("an S3 event record", () => {
  it("is what consumers of S3 and of MinIO read", () => {
    const document = JSON.parse(formatS3Event(event, "rule")) as S3Event;
    assert.deepEqual(document, {
      EventName: "s3:ObjectCreated:Put",
      Key: "photos/images/a b+c.jpg",
      Records: [
        {
          eventVersion: "2.1",
          eventSource: "aws:s3",
          awsRegion: "us-east-1",
          eventTime: "2023-05-15T10:30:00.000Z",
          eventName: "ObjectCreated:Put",
          userIdentity: { principalId: "ada" },
          requestParameters: { sourceIPAddress: "192.0.2.7" },
          responseElements: { "x-amz-request-id": "0123456789ABCDEF", "x-amz-id-2": "aG9zdA==" },
          s3: {
            s3SchemaVersion: "1.0",
            configurationId: "rule",
            bucket: { name: "photos", ownerIdentity: { principalId: "edsger" }, arn: "arn:aws:s3:::photos" },
            object: { key: "images/a+b%2Bc.jpg", size: 1024, eTag: data.eTag, sequencer: "00000000000000ff" },
          },
        } satisfies S3EventRecord,
      ],
    });
  });

  it("encodes keys so that what decodes forms gives them back", () => {
    for (const key of ["a b+c%20?&/ü/日本/💡", "x!'()*~-_.", "\n\u0000", "plain"]) {
      const { s3 } = made({ data: { ...data, key } });
      assert.match(s3.object.key, /^[\w\-.*+/%]+$/);
      assert.equal(new URLSearchParams(`key=${s3.object.key}`).get("key"), key);
    }
    assert.equal(made({ data: { ...data, key: "\ud800" } }).s3.object.key, "%EF%BF%BD");
  });

  it("is named after what was done, and has neither size nor ETag of what is gone", () => {
    const names: Readonly<Record<ObjectReason, string>> = {
      PutObject: "ObjectCreated:Put",
      PostObject: "ObjectCreated:Post",
      CopyObject: "ObjectCreated:Copy",
      CompleteMultipartUpload: "ObjectCreated:CompleteMultipartUpload",
      DeleteObject: "ObjectRemoved:Delete",
      DeleteObjects: "ObjectRemoved:Delete",
    };
    for (const [reason, name] of Object.entries(names)) {
      const removed = reason.startsWith("Delete");
      const objects = removed ? "OBJECT_DELETED" : "OBJECT_CREATED_PUT";
      const { eventName, s3 } = made({ names: { objects }, data: { ...data, reason } });
      assert.equal(eventName, name);
      assert.equal("size" in s3.object || "eTag" in s3.object, !removed, reason);
    }
  });

  it("has stand-ins for what only S3 requests have", () => {
    const { request: _, ...rest } = data;
    const { requestParameters, responseElements } = made({ data: rest });
    assert.deepEqual(requestParameters, { sourceIPAddress: "s3.amazonaws.com" });
    assert.deepEqual(responseElements, { "x-amz-request-id": event.id, "x-amz-id-2": event.id });
  });

  it("gives way to S3's own test document when a receiver is tried", () => {
    assert.deepEqual(JSON.parse(formatS3Test(event)), {
      Service: "Amazon S3",
      Event: "s3:TestEvent",
      Time: "2023-05-15T10:30:00.000Z",
      Bucket: "photos",
      RequestId: event.id,
      HostId: event.id,
    });
  });
});
