import { Type } from "typebox";
import { says } from "./setting.ts";

/** Where it is kept, for how long what is done is, and how much room there is. */
export const storageSettings = {
  store: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_048,
      ...says({
        about:
          "`postgres://user:password@db:5432/signalbox`: a database of Signalbox's own that keeps everything but the bytes of objects. Wants `SIGNALBOX_SECRET_KEY`. Unset: the data folder keeps everything.",
        secret: true,
      }),
    }),
  ),
  storeAsync: Type.Optional(
    Type.Literal("accept-loss", {
      ...says({
        about:
          "`accept-loss`: the database of `SIGNALBOX_STORE` may be a server without a synchronous standby, whose disk, or a failover, may lose what was acknowledged last.",
      }),
    }),
  ),
  blobs: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_048,
      ...says({
        about:
          "Where the bytes of objects lie: `s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-1`, any S3, with a bucket or a prefix of its own; `path_style=false` puts the bucket into the host although there is an endpoint. Unset: in the data folder.",
      }),
    }),
  ),
  blobsAccessKeyId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      ...says({
        about: "With the next one: the key for that bucket. Unset: as the AWS environment, profile or role says.",
      }),
    }),
  ),
  blobsSecretAccessKey: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, ...says({ about: "The secret of that key.", secret: true }) }),
  ),
  blobsGraceHours: Type.Number({
    default: 1,
    minimum: 0.1,
    maximum: 8_760,
    ...says({
      about:
        "How long bytes in that bucket outlast the deletion of their object: as long as the longest read, and as the oldest backup of the database that is to find its bytes.",
      unit: "hours",
    }),
  }),
  retentionDays: Type.Number({
    default: 30,
    exclusiveMinimum: 0,
    maximum: 36_500,
    ...says({ about: "How long finished events and their deliveries are kept; fractions are fine.", unit: "days" }),
  }),
  retentionDeadDays: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 36_500,
      ...says({
        about:
          "The same for events with a dead letter; not less. Unset: 90, or as long as the others when that is longer.",
        unit: "days",
      }),
    }),
  ),
  retentionBytes: Type.Optional(
    Type.Integer({
      minimum: 2 ** 20,
      ...says({
        about:
          "Bytes of events and deliveries above which the oldest finished ones go before their time; of a database in the data folder. Unset: no limit.",
        unit: "bytes",
      }),
    }),
  ),
  reserveBytes: Type.Integer({
    default: 32 * 2 ** 20,
    minimum: 0,
    maximum: 2 ** 40,
    ...says({
      about:
        "Room that a file in the data folder keeps for the day when the disk is full: deleting, turning off and retention go on with it. A sixteenth of the disk at the most; 0 keeps none.",
      unit: "bytes",
    }),
  }),
};
