import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
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
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { failure, objectData, type S3Fixture, type S3FixtureOptions, s3Fixture } from "../support/s3.ts";
import { codeOf, head, raw } from "../support/sign.ts";

const Bucket = "alpha";
const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

async function withBucket(options?: S3FixtureOptions): Promise<S3Fixture> {
  const fixture = await s3Fixture(options);
  await fixture.admin.s3.send(new CreateBucketCommand({ Bucket }));
  return fixture;
}

async function bytesOf(s3: S3Client, Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("put and get", () => {
  it("keep bytes, ETag, type, headers, metadata and tags", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "docs/a.txt",
        Body: "hello",
        ContentType: "text/plain",
        CacheControl: "max-age=60",
        ContentDisposition: "attachment",
        ContentLanguage: "de",
        ContentEncoding: "identity",
        Metadata: { Colour: "blue", town: "Zürich" },
        Tagging: "a=1&b=two%20words",
        ACL: "private",
      }),
    );
    assert.equal(put.ETag, `"${md5("hello")}"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "docs/a.txt", ChecksumMode: "ENABLED" }));
    assert.equal(await got.Body?.transformToString(), "hello");
    assert.deepEqual(
      [got.ContentType, got.CacheControl, got.ContentDisposition, got.ContentLanguage, got.ContentEncoding],
      ["text/plain", "max-age=60", "attachment", "de", "identity"],
    );
    assert.equal(got.Metadata?.["colour"], "blue");
    assert.equal(got.TagCount, 2);
    assert.equal(got.ChecksumCRC32, "NhCmhg==");
    assert.equal(got.AcceptRanges, "bytes");
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "docs/a.txt" }));
    assert.equal(head.ContentLength, 5);
    assert.equal(head.ETag, put.ETag);
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "docs/a.txt" }));
    assert.deepEqual(TagSet, [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "two words" },
    ]);
  });

  it("tell the whole story in the event", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "k",
        Body: "hello",
        ContentType: "text/plain",
        Metadata: { colour: "blue" },
        Tagging: "a=1",
      }),
    );
    const bucket = await fixture.deps.store.objects.bucket("default", Bucket);
    assert.ok(bucket);
    const object = await fixture.deps.store.objects.object(bucket.uuid, "k");
    const [event, ...others] = await fixture.events();
    assert.equal(others.length, 0);
    assert.deepEqual(
      {
        names: event?.names,
        resource: event?.resource,
        scope: event?.scope,
        actor: event?.actor,
        origin: event?.origin,
        tenant: event?.tenant,
        timeMs: event?.timeMs,
        data: event?.data,
      },
      {
        names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
        resource: object?.uuid,
        scope: bucket.uuid,
        actor: "root",
        origin: "s3",
        tenant: "default",
        timeMs: object?.modifiedMs,
        data: {
          bucket: Bucket,
          key: "k",
          size: 5,
          eTag: md5("hello"),
          contentType: "text/plain",
          lastModifiedMs: object?.modifiedMs,
          reason: "PutObject",
          userMetadata: { colour: "blue" },
          tags: { a: "1" },
        },
      },
    );
    assert.match(object?.uuid ?? "", /-002$/);
  });

  it("stream in and out", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const bytes = randomBytes(3_000_000);
    const chunks = [bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)];
    const { ETag } = await s3.send(
      new PutObjectCommand({ Bucket, Key: "streamed", Body: Readable.from(chunks), ContentLength: bytes.length }),
    );
    assert.equal(ETag, `"${md5(bytes)}"`);
    assert.ok(bytes.equals(await bytesOf(s3, "streamed")));
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT streamed"]);
  });

  it("keep an empty object", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "" }));
    assert.equal((await bytesOf(s3, "empty")).length, 0);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "empty" }));
    assert.deepEqual([head.ContentLength, head.ContentType], [0, "application/octet-stream"]);
    assert.equal(
      await failure(s3.send(new GetObjectCommand({ Bucket, Key: "empty", Range: "bytes=0-1" }))),
      "416 InvalidRange",
    );
  });

  it("overwrite: the same file, other bytes, and the old ones are gone", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "one" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "two!" }));
    assert.equal((await bytesOf(s3, "k")).toString(), "two!");
    const [first, second] = await fixture.events();
    assert.equal(first?.resource, second?.resource);
    assert.equal(second?.names.notifications, "OVERWRITTEN");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("refuse what is larger than objects may be, before or while it comes", async () => {
    await using fixture = await withBucket({ limits: { maxObjectBytes: 1000 } });
    const { s3 } = fixture.admin;
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body }));
    assert.equal(await failure(put("x".repeat(1000))), "ok");
    assert.equal(await failure(put("x".repeat(1001))), "400 EntityTooLarge");
    const lengthUnknown = { method: "PUT", path: `/${Bucket}/k`, headers: { "transfer-encoding": "chunked" } };
    const [answer] = await raw(fixture.port, [
      head(fixture.port, fixture.admin.credentials, lengthUnknown),
      `258\r\n${"x".repeat(600)}\r\n258\r\n${"x".repeat(600)}\r\n0\r\n\r\n`,
    ]);
    assert.equal(answer === undefined ? "" : codeOf(answer), "EntityTooLarge");
    assert.equal(await fixture.blobCount(), 1);
    assert.equal((await fixture.events()).length, 1);
  });

  it("answer 404 for what is not there", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    assert.equal(await failure(s3.send(new GetObjectCommand({ Bucket, Key: "no" }))), "404 NoSuchKey");
    assert.equal(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "no" }))), "404 NotFound");
    assert.equal(await failure(s3.send(new GetObjectCommand({ Bucket: "nope", Key: "no" }))), "404 NoSuchBucket");
  });
});

describe("ranges and conditions on reads", () => {
  it("give the bytes that were asked for", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "0123456789" }));
    for (const [range, bytes, told] of [
      ["bytes=0-0", "0", "bytes 0-0/10"],
      ["bytes=2-5", "2345", "bytes 2-5/10"],
      ["bytes=7-", "789", "bytes 7-9/10"],
      ["bytes=-3", "789", "bytes 7-9/10"],
      ["bytes=5-500", "56789", "bytes 5-9/10"],
      ["bytes=0-9", "0123456789", "bytes 0-9/10"],
    ] as const) {
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: "k", Range: range }));
      assert.deepEqual([await got.Body?.transformToString(), got.ContentRange], [bytes, told], range);
      assert.equal(got.$metadata.httpStatusCode, 206);
    }
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", Range: "bytes=2-5" }));
    assert.equal(head.ContentLength, 4);
    assert.equal(
      await failure(s3.send(new GetObjectCommand({ Bucket, Key: "k", Range: "bytes=10-" }))),
      "416 InvalidRange",
    );
    assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key: "k", PartNumber: 1 }))).ContentLength, 10);
    assert.equal(
      await failure(s3.send(new GetObjectCommand({ Bucket, Key: "k", PartNumber: 2 }))),
      "416 InvalidPartNumber",
    );
  });

  it("hold", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const past = new Date(Date.now() - 86_400_000);
    const future = new Date(Date.now() + 86_400_000);
    const get = (conditions: object) => failure(s3.send(new GetObjectCommand({ Bucket, Key: "k", ...conditions })));
    assert.equal(await get({ IfMatch: ETag }), "ok");
    assert.equal(await get({ IfMatch: '"other"' }), "412 PreconditionFailed");
    assert.match(await get({ IfNoneMatch: ETag }), /^304 /);
    assert.equal(await get({ IfNoneMatch: '"other"' }), "ok");
    assert.match(await get({ IfModifiedSince: future }), /^304 /);
    assert.equal(await get({ IfModifiedSince: past }), "ok");
    assert.equal(await get({ IfUnmodifiedSince: past }), "412 PreconditionFailed");
    assert.equal(await get({ IfUnmodifiedSince: future }), "ok");
    assert.match(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "k", IfNoneMatch: ETag }))), /^304 /);
  });

  it("let the caller choose the answer's headers", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const got = await s3.send(
      new GetObjectCommand({
        Bucket,
        Key: "k",
        ResponseContentType: "text/css",
        ResponseContentDisposition: 'attachment; filename="f.css"',
      }),
    );
    assert.deepEqual([got.ContentType, got.ContentDisposition], ["text/css", 'attachment; filename="f.css"']);
    const evil = s3.send(new GetObjectCommand({ Bucket, Key: "k", ResponseContentType: "a\r\nx-evil: 1" }));
    assert.equal(await failure(evil), "400 InvalidArgument");
  });
});

describe("deletes", () => {
  it("are announced with what was removed, once, and only when there was something", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", Metadata: { a: "b" } }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    const [put, removed, ...others] = await fixture.events();
    assert.equal(others.length, 0);
    assert.ok(put && removed);
    assert.equal(removed.resource, put.resource);
    assert.deepEqual(removed.names, { objects: "OBJECT_DELETED", notifications: "DELETED" });
    const data = objectData(removed.data);
    assert.deepEqual(
      { ...data, lastModifiedMs: 0 },
      { ...objectData(put.data), reason: "DeleteObject", lastModifiedMs: 0 },
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
    assert.deepEqual(copied?.names, { objects: "OBJECT_CREATED_PUT", notifications: "CREATED" });
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

describe("presigned URLs", () => {
  it("put and get", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const put = new PutObjectCommand({ Bucket, Key: "p/ü k", Metadata: { a: "b" }, ContentType: "text/plain" });
    const putUrl = await getSignedUrl(s3, put, { expiresIn: 60 });
    const answer = await fetch(putUrl, { method: "PUT", body: "hello", headers: { "content-type": "text/plain" } });
    assert.equal(answer.status, 200, await answer.text());
    const getUrl = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "p/ü k" }), { expiresIn: 60 });
    const got = await fetch(getUrl);
    assert.equal(await got.text(), "hello");
    assert.equal(got.headers.get("x-amz-meta-a"), "b");
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT p/ü k"]);
    const tampered = await fetch(getUrl.replace("/p/", "/q/"));
    assert.equal(tampered.status, 403);
    const old = { expiresIn: 60, signingDate: new Date(Date.now() - 3_600_000) };
    const expired = await fetch(await getSignedUrl(s3, put, old), { method: "PUT", body: "late" });
    assert.equal(expired.status, 403);
    assert.match(await expired.text(), /AccessDenied/);
  });
});
