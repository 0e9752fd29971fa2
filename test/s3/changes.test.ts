import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { Bucket, failure, objectData, requestOf, withBucket } from "../support/s3.ts";

const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

describe("deletes", () => {
  it("are announced with what was removed, once, and only when there was something", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", Metadata: { a: "b" } }));
    const { $metadata: answered } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    const [put, removed, ...others] = await fixture.events();
    assert.equal(others.length, 0);
    assert.ok(put && removed);
    assert.equal(removed.resource, put.resource);
    assert.deepEqual(removed.names, {
      objects: "OBJECT_DELETED",
      notifications: "DELETED",
      lifecycle: "POST_OBJECT_DELETE",
    });
    const data = objectData(removed.data);
    assert.deepEqual(
      { ...data, lastModifiedMs: 0 },
      { ...objectData(put.data), reason: "DeleteObject", lastModifiedMs: 0, request: requestOf(answered) },
    );
    assert.equal(data.lastModifiedMs, removed.timeMs);
    assert.equal(await fixture.blobCount(), 0);
  });

  it("of many keys tell each one", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const keys = Array.from({ length: 30 }, (_, index) => `k/${index}`);
    await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
    const Objects = [...keys, "missing", "k/0"].map((Key) => ({ Key }));
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual(
      answer.Deleted?.map(({ Key }) => Key),
      Objects.map(({ Key }) => Key),
    );
    assert.equal(answer.Errors, undefined);
    const removed = (await fixture.events()).filter(({ names }) => names.objects === "OBJECT_DELETED");
    assert.deepEqual(removed.map(({ data }) => objectData(data).key).sort(), [...keys].sort());
    assert.ok(removed.every(({ data }) => objectData(data).reason === "DeleteObjects"));
    const quiet = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    assert.equal(quiet.Deleted, undefined);
    assert.equal(await fixture.blobCount(), 0);
  });

  it("hold to their conditions", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    assert.equal(
      await failure(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch: '"other"' }))),
      "412 PreconditionFailed",
    );
    const many = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: "k", ETag: '"other"' },
            { Key: "l", VersionId: "7" },
          ],
        },
      }),
    );
    assert.deepEqual(
      many.Errors?.map(({ Key, Code }) => [Key, Code]),
      [
        ["k", "PreconditionFailed"],
        ["l", "NoSuchVersion"],
      ],
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch: ETag }));
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k", "OBJECT_DELETED k"]);
  });
});

describe("copies", () => {
  it("take content, metadata and tags along, and are files of their own", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const from = { Bucket, Key: "from a", Body: "hello", ContentType: "text/x", Metadata: { a: "b" }, Tagging: "t=1" };
    await s3.send(new PutObjectCommand(from));
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket, Key: "to", CopySource: `/${Bucket}/from%20a` }),
    );
    assert.equal(CopyObjectResult?.ETag, `"${md5("hello")}"`);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "from a" }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "to" }));
    assert.equal(await got.Body?.transformToString(), "hello");
    assert.deepEqual([got.ContentType, got.Metadata, got.TagCount], ["text/x", { a: "b" }, 1]);
    const [put, copied] = await fixture.events();
    assert.notEqual(copied?.resource, put?.resource);
    assert.deepEqual(copied?.names, {
      objects: "OBJECT_CREATED_PUT",
      notifications: "CREATED",
      lifecycle: "POST_OBJECT_PUT",
    });
    assert.equal(copied === undefined ? "" : objectData(copied.data).reason, "CopyObject");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("replace metadata and tags when told to", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", Metadata: { a: "b" }, Tagging: "t=1" }));
    const self = { Bucket, Key: "k", CopySource: `${Bucket}/k` };
    assert.equal(await failure(s3.send(new CopyObjectCommand(self))), "400 InvalidRequest");
    await s3.send(
      new CopyObjectCommand({ ...self, MetadataDirective: "REPLACE", Metadata: { c: "d" }, ContentType: "a/b" }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    assert.deepEqual([got.Metadata, got.ContentType, got.TagCount], [{ c: "d" }, "a/b", 1]);
    assert.equal(await got.Body?.transformToString(), "x");
    const tagged = { Bucket, Key: "l", CopySource: `${Bucket}/k`, TaggingDirective: "REPLACE" as const };
    await s3.send(new CopyObjectCommand({ ...tagged, Tagging: "n=2&m=3" }));
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "l" }))).ContentType, "a/b");
    assert.equal((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "l" }))).TagSet?.length, 2);
    const [, second] = await fixture.events();
    assert.equal(second?.names.notifications, "OVERWRITTEN");
    assert.equal(await fixture.blobCount(), 2);
  });

  it("hold to conditions on either side, and need to see both", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const ann = await fixture.someone("ann", "member");
    await ann.s3.send(new CreateBucketCommand({ Bucket: "anns" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const copy = (input: object, who = s3) =>
      failure(who.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource: `${Bucket}/k`, ...input })));
    assert.equal(await copy({ CopySourceIfMatch: '"other"' }), "412 PreconditionFailed");
    assert.equal(await copy({ CopySourceIfNoneMatch: `"${md5("x")}"` }), "412 PreconditionFailed");
    assert.equal(await copy({ CopySource: `${Bucket}/none` }), "404 NoSuchKey");
    assert.equal(await copy({ CopySource: "none/k" }), "404 NoSuchBucket");
    assert.equal(await copy({ Bucket: "anns" }, ann.s3), "404 NoSuchBucket");
    assert.equal(await fixture.blobCount(), 1);
    assert.equal(await copy({ Bucket: "anns" }), "ok");
  });
});

describe("tags", () => {
  it("are put, got and taken away without an event of the object face", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const at = { Bucket, Key: "k" };
    const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: "a b", Value: "ü=1" }] } }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand(at))).TagSet, [{ Key: "a b", Value: "ü=1" }]);
    await s3.send(new DeleteObjectTaggingCommand(at));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand(at))).TagSet, []);
    assert.equal((await s3.send(new HeadObjectCommand(at))).ETag, ETag);
    assert.equal(await failure(s3.send(new GetObjectTaggingCommand({ Bucket, Key: "no" }))), "404 NoSuchKey");
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });
});
