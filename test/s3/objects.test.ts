import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Bucket, failure, requestOf, withBucket } from "../support/s3.ts";
import { codeOf, head, raw } from "../support/sign.ts";

const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

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
    const { $metadata: answered } = await s3.send(
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
        names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED", lifecycle: "POST_OBJECT_PUT" },
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
          request: requestOf(answered),
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
