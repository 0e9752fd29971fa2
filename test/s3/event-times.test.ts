import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import { Bucket, objectData, withBucket } from "../support/s3.ts";

describe("the time of an event of an object", () => {
  it("is its Last-Modified, however it was written, and of a delete that of the delete", async () => {
    // Every look at this clock is later than the one before.
    let ticks = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + 7 * (ticks += 1) };
    await using fixture = await withBucket({ clock });
    const { s3 } = fixture.admin;
    const lastModified = async (Key: string): Promise<number | undefined> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      const listed = Contents.find((one) => one.Key === Key)?.LastModified?.getTime();
      assert.equal(head.LastModified?.getTime(), Math.floor((listed ?? 0) / 1000) * 1000);
      return listed;
    };
    const write = {
      put: () => s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "one" })),
      overwrite: () => s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "two" })),
      copy: () => s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/put` })),
      multipart: async () => {
        const place = { Bucket, Key: "multipart" };
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
        const { ETag } = await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: "one" }));
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
        await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
      },
    };
    for (const [how, doIt] of Object.entries(write)) {
      await doIt();
      const event = (await fixture.events()).at(-1);
      assert.ok(event);
      const { key, lastModifiedMs } = objectData(event.data);
      assert.equal(event.timeMs, lastModifiedMs, how);
      assert.equal(event.timeMs, await lastModified(key), how);
    }
    const before = systemClock.now();
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "put" }));
    const deleted = (await fixture.events()).at(-1);
    assert.ok(deleted && deleted.names.objects === "OBJECT_DELETED");
    assert.equal(deleted.timeMs, objectData(deleted.data).lastModifiedMs);
    assert.ok(deleted.timeMs >= before);
  });
});
