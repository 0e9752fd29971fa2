/** What hooks are asked about objects that come in parts. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { subscribe } from "../support/guard.ts";
import { Bucket, refusal, withBucket } from "../support/s3.ts";

const at = { Bucket, Key: "k" };

describe("multipart uploads", () => {
  const tiny = { limits: { minPartBytes: 4 } };

  it("ask at Complete alone, once, about the whole", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    let denies = true;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () =>
      denies ? { decision: "deny", message: "no" } : { decision: "allow", patch: { tags: { by: "hook" } } },
    );
    const begin = new CreateMultipartUploadCommand({ ...at, ContentType: "a/b", Metadata: { m: "1" }, Tagging: "t=1" });
    const { UploadId } = await s3.send(begin);
    const put = (PartNumber: number, Body: string) =>
      s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    const Parts = [
      { PartNumber: 1, ETag: (await put(1, "aaaa")).ETag },
      { PartNumber: 2, ETag: (await put(2, "bb")).ETag },
    ];
    await put(3, "unused");
    const complete = (parts = Parts) =>
      s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: parts } }));
    assert.match(await refusal(complete(Parts.toReversed())), /^400 InvalidPartOrder/);
    assert.equal(fixture.guard.asked.length, 0);
    assert.equal(await refusal(complete()), "403 AccessDenied: Function 'hook-1' refused PRE_OBJECT_PUT: no");
    assert.deepEqual([await fixture.blobCount(), await fixture.told()], [3, []]);
    denies = false;
    await complete();
    const about = { bucket: Bucket, key: "k", size: 6, content_type: "a/b", reason: "CompleteMultipartUpload" };
    assert.deepEqual(fixture.guard.asked[1]?.params, { ...about, metadata: { m: "1" }, tags: { t: "1" } });
    await complete();
    assert.equal(fixture.guard.asked.length, 2);
    const { TagSet } = await s3.send(new GetObjectTaggingCommand(at));
    assert.deepEqual(TagSet, [
      { Key: "by", Value: "hook" },
      { Key: "t", Value: "1" },
    ]);
    const [event, ...others] = await fixture.events();
    assert.deepEqual([event?.names.lifecycle, others.length], ["POST_OBJECT_PUT", 0]);
    assert.equal(event?.id, fixture.guard.asked[1]?.operation);
    assert.deepEqual(fixture.guard.aborts, []);
  });

  it("that are completed twice at a time become one object, and the hooks of the other are told", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const bothAsked = Promise.withResolvers<void>();
    subscribe(fixture.guard, "PRE_OBJECT_PUT", async () => {
      if (fixture.guard.asked.length === 2) bothAsked.resolve();
      await bothAsked.promise;
    });
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "a" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = () => s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
    const answers = await Promise.all([complete(), complete()]);
    assert.equal(new Set(answers.map((answer) => answer.ETag)).size, 1);
    const [event, ...others] = await fixture.events();
    assert.equal(others.length, 0);
    const [told] = fixture.guard.aborts;
    assert.deepEqual(
      new Set(fixture.guard.asked.map(({ operation }) => operation)),
      new Set([event?.id, told?.operation]),
    );
    assert.equal(fixture.guard.aborts.length, 1);
  });
});
