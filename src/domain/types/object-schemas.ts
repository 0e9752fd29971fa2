import type { JsonSchema } from "../catalog.ts";
import { objectEventNames, objectReasons } from "../event.ts";
import { type NamedSchema, referenceTo } from "./named-schemas.ts";
import { describedAs, instantText, record, sequence, texts } from "./written.ts";

/** What the objects face sends, in each of its formats, and what functions get of an object. */

const etag: JsonSchema = { type: "string", description: "Of a delete, that of the removed object." };
const size: JsonSchema = {
  type: "integer",
  minimum: 0,
  description: "In bytes; of a delete, that of the removed object.",
};
const test: JsonSchema = { const: true, description: "It only tries the receiver out." };

const objectOfRecord = record(
  { key: { type: "string", description: "As it is: not URL-encoded." }, size, eTag: etag },
  {
    lastModified: { ...instantText, description: "With the field lastModified." },
    contentType: { type: "string", description: "With the field contentType." },
    userMetadata: { ...texts, description: "With the field userMetadata." },
  },
);

const objectRecord = record(
  {
    eventVersion: { type: "string" },
    eventSource: { type: "string" },
    eventName: { enum: [...objectEventNames] },
    eventTime: instantText,
    bucket: { type: "string" },
    object: objectOfRecord,
  },
  {
    eventId: { type: "string", description: "With the field eventId." },
    sequence: {
      ...sequence,
      description: "With the field sequence: greater for the later of two events of one object.",
    },
    reason: { enum: [...objectReasons], description: "With the field reason." },
    principal: { type: "string", description: "With the field principal: who did it, where that is known." },
    test,
  },
);

const s3Record = record({
  eventVersion: { type: "string" },
  eventSource: { type: "string" },
  awsRegion: { type: "string" },
  eventTime: instantText,
  eventName: {
    enum: [
      "ObjectCreated:Put",
      "ObjectCreated:Post",
      "ObjectCreated:Copy",
      "ObjectCreated:CompleteMultipartUpload",
      "ObjectRemoved:Delete",
    ],
  },
  userIdentity: record({ principalId: { type: "string" } }),
  requestParameters: record({ sourceIPAddress: { type: "string" } }),
  responseElements: record({ "x-amz-request-id": { type: "string" }, "x-amz-id-2": { type: "string" } }),
  s3: record({
    s3SchemaVersion: { type: "string" },
    configurationId: { type: "string" },
    bucket: record({
      name: { type: "string" },
      ownerIdentity: record({ principalId: { type: "string" } }),
      arn: { type: "string" },
    }),
    object: record(
      { key: { type: "string", description: "As forms encode it: `+` is a space." }, sequencer: sequence },
      {
        size: { type: "integer", minimum: 0, description: "Not of what is gone." },
        eTag: { type: "string", description: "Not of what is gone." },
      },
    ),
  }),
});

const s3Test = record({
  Service: { const: "Amazon S3" },
  Event: { const: "s3:TestEvent" },
  Time: instantText,
  Bucket: { type: "string" },
  RequestId: { type: "string" },
  HostId: { type: "string" },
});

const objectParams = record(
  {
    uuid: { type: "string" },
    bucket: { type: "string" },
    key: { type: "string" },
    metadata: { ...texts, description: "The uploader's, by lower-case name, without what calls itself a secret." },
    tags: texts,
  },
  {
    size: { type: "integer", minimum: 0 },
    etag: { type: "string" },
    content_type: { type: "string" },
    last_modified: instantText,
    reason: { enum: [...objectReasons] },
  },
);

/** Names of what object events are to functions, and of every payload of the face. */
export const objectNames = {
  params: "ObjectParams",
  paramsByEvent: "ObjectEventParams",
  record: "ObjectRecord",
  body: "ObjectNotification",
} as const;

export const objectSchemas: readonly NamedSchema[] = [
  describedAs(
    objectNames.params,
    "Params of a function that is subscribed to a bucket's or a file's events.",
    objectParams,
  ),
  describedAs(
    objectNames.paramsByEvent,
    "The same, by name of the event.",
    record(Object.fromEntries(objectEventNames.map((name) => [name, referenceTo(objectNames.params)]))),
  ),
  describedAs(objectNames.record, "One of `events`; and the data of a CloudEvent.", objectRecord),
  describedAs(
    objectNames.body,
    "What a bucket's webhook gets.",
    record({ events: { type: "array", items: referenceTo(objectNames.record) } }),
  ),
  describedAs("S3Record", "One of `Records` in the format s3.", s3Record),
  describedAs(
    "S3Notification",
    "What a bucket's webhook gets in the format s3.",
    record({
      EventName: { type: "string" },
      Key: { type: "string", description: "Bucket and key, as they are." },
      Records: { type: "array", items: referenceTo("S3Record") },
    }),
  ),
  describedAs("S3TestNotification", "What tries a receiver out in the format s3.", s3Test),
];
