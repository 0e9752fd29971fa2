/** What a client asks for is done or refused: never taken in silence, and never done otherwise than it was said. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  type ListBucketsCommandInput,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Bucket, failure, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, send, type ToSign } from "../support/sign.ts";

const told = (answer: RawAnswer): string => `${answer.status} ${codeOf(answer) ?? ""}`.trim();

async function keys({ admin }: S3Fixture): Promise<(string | undefined)[]> {
  return ((await admin.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
}

describe("conditions of a delete", () => {
  it("hold for each of many: ETag, size and time", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const names = ["etag", "size", "time", "kept-etag", "kept-size", "kept-time", "kept-both"];
    for (const Key of names) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello" }));
    const { ETag, LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: "time" }));
    assert.ok(LastModified);
    const LastModifiedTime = LastModified;
    const other = new Date(LastModified.getTime() - 60_000);
    const Objects = [
      { Key: "etag", ...(ETag === undefined ? {} : { ETag }) },
      { Key: "size", Size: 5 },
      { Key: "time", LastModifiedTime },
      { Key: "kept-etag", ETag: '"other"' },
      { Key: "kept-size", Size: 4 },
      { Key: "kept-time", LastModifiedTime: other },
      { Key: "kept-both", Size: 5, LastModifiedTime: other },
      { Key: "never-there", Size: 5 },
    ];
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual(Deleted?.map(({ Key }) => Key).sort(), ["etag", "size", "time"]);
    assert.deepEqual(Errors?.map(({ Key, Code }) => `${Key} ${Code}`).sort(), [
      "kept-both PreconditionFailed",
      "kept-etag PreconditionFailed",
      "kept-size PreconditionFailed",
      "kept-time PreconditionFailed",
      "never-there NoSuchKey",
    ]);
    assert.deepEqual(await keys(fixture), ["kept-both", "kept-etag", "kept-size", "kept-time"]);
  });

  it("hold for one, by its headers", async () => {
    await using fixture = await withBucket();
    const { s3, credentials } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
    const wrong = { Bucket, Key: "k", IfMatchSize: 4 };
    assert.equal(await failure(s3.send(new DeleteObjectCommand(wrong))), "412 PreconditionFailed");
    const early = { Bucket, Key: "k", IfMatchLastModifiedTime: new Date(0) };
    assert.equal(await failure(s3.send(new DeleteObjectCommand(early))), "412 PreconditionFailed");
    const path = `/${Bucket}/k`;
    const junk = { method: "DELETE", path, headers: { "x-amz-if-match-size": "five" } };
    assert.equal(told(await send(fixture.port, credentials, junk)), "400 InvalidArgument");
    const put = { method: "PUT", path, headers: { "x-amz-if-match-size": "5" }, body: "x" };
    assert.equal(told(await send(fixture.port, credentials, put)), "501 NotImplemented");
    const right = { Bucket, Key: "k", IfMatchSize: 5, IfMatchLastModifiedTime: LastModified };
    assert.equal(await failure(s3.send(new DeleteObjectCommand(right))), "ok");
    assert.deepEqual(await keys(fixture), []);
  });
});

describe("keys that XML cannot hold", () => {
  it("leave every answer readable, and are told by encoding-type=url", async () => {
    await using fixture = await withBucket();
    const { s3, credentials } = fixture.admin;
    const Key = "a\u0001b\ufffe";
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const plain = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.deepEqual(
      plain.Contents?.map((object) => object.Key),
      ["a\ufffdb\ufffd"],
    );
    const encoded = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
    assert.deepEqual(
      encoded.Contents?.map((object) => object.Key),
      ["a%01b%EF%BF%BE"],
    );
    const Delete = { Objects: [{ Key }] };
    assert.equal(await failure(s3.send(new DeleteObjectsCommand({ Bucket, Delete }))), "400 MalformedXML");
    const body = "<Delete><Object><Key>a&#1;b</Key></Object></Delete>";
    const answer = await send(fixture.port, credentials, {
      method: "POST",
      path: `/${Bucket}`,
      query: { delete: "" },
      body,
    });
    assert.equal(told(answer), "400 MalformedXML");
    assert.match(answer.body, /U\+0001.*in a URL/);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    assert.deepEqual(await keys(fixture), []);
  });
});

describe("x-amz-copy-source", () => {
  it("reads a plus as a blank, and %2B as a plus", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    for (const Key of ["a b", "a+b"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    for (const [CopySource, expected] of [
      [`${Bucket}/a+b`, "a b"],
      [`${Bucket}/a%20b`, "a b"],
      [`/${Bucket}/a%2Bb`, "a+b"],
    ] as const) {
      await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "copy" }));
      assert.equal(await Body?.transformToString(), expected);
    }
  });
});

describe("listings", () => {
  it("take an empty continuation token for the first page, and tell it back", async () => {
    await using fixture = await withBucket();
    const { s3, credentials } = fixture.admin;
    for (const Key of ["a", "b"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const query = { "list-type": "2", "continuation-token": "" };
    const answer = await send(fixture.port, credentials, { method: "GET", path: `/${Bucket}`, query });
    assert.equal(answer.status, 200, answer.body);
    assert.match(answer.body, /<ContinuationToken\/>.*<KeyCount>2<\/KeyCount>/);
  });

  it("of version 1 tell the prefix as it came", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "\n+ k", Body: "x" }));
    const listed = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "\n+", EncodingType: "url" }));
    assert.equal(listed.Prefix, "\n+");
    assert.deepEqual(
      listed.Contents?.map(({ Key }) => Key),
      ["%0A%2B+k"],
    );
  });
});

describe("a storage class", () => {
  const StorageClass = "REDUCED_REDUNDANCY";

  it("is kept and shown", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", StorageClass }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "usual", Body: "x", StorageClass: "STANDARD" }));
    const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", StorageClass }));
    const at = { Bucket, Key: "parts", UploadId };
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, PartNumber: 1, Body: "x" }));
    assert.equal((await s3.send(new ListPartsCommand(at))).StorageClass, StorageClass);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.equal(Uploads?.[0]?.StorageClass, StorageClass);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload }));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.deepEqual(
      Contents?.map((object) => `${object.Key} ${object.StorageClass}`),
      [`k ${StorageClass}`, `parts ${StorageClass}`, "usual STANDARD"],
    );
    for (const [Key, expected] of [
      ["k", StorageClass],
      ["parts", StorageClass],
      ["usual", undefined],
    ] as const) {
      assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key }))).StorageClass, expected, Key);
    }
    const asked = { Bucket, Key: "k", ObjectAttributes: ["StorageClass" as const] };
    assert.equal((await s3.send(new GetObjectAttributesCommand(asked))).StorageClass, StorageClass);
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: [] } }));
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).StorageClass, StorageClass);
  });

  it("is changed by a copy, of an object onto itself too", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const at = { Bucket, Key: "k", CopySource: `${Bucket}/k` };
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", Metadata: { a: "b" }, ContentType: "a/b" }));
    assert.equal(await failure(s3.send(new CopyObjectCommand(at))), "400 InvalidRequest");
    assert.equal(
      await failure(s3.send(new CopyObjectCommand({ ...at, StorageClass: "STANDARD" }))),
      "400 InvalidRequest",
    );
    assert.equal(await failure(s3.send(new CopyObjectCommand({ ...at, StorageClass }))), "ok");
    const { Body, ...head } = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    assert.equal(await Body?.transformToString(), "hello");
    assert.deepEqual([head.StorageClass, head.Metadata, head.ContentType], [StorageClass, { a: "b" }, "a/b"]);
    assert.equal(await failure(s3.send(new CopyObjectCommand({ ...at, StorageClass }))), "400 InvalidRequest");
    // A copy has the class that is asked for, or the usual one.
    await s3.send(new CopyObjectCommand({ ...at, Key: "copy" }));
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).StorageClass, undefined);
    assert.equal(await failure(s3.send(new CopyObjectCommand({ ...at, StorageClass: "STANDARD" }))), "ok");
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).StorageClass, undefined);
    const missing = new CopyObjectCommand({ ...at, Key: "no", CopySource: `${Bucket}/no` });
    assert.equal(await failure(s3.send(missing)), "404 NoSuchKey");
    assert.equal(await fixture.blobCount(), 2);
  });
});

describe("tags", () => {
  it("are told by key", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", Tagging: "foo=bar&bar&1=x" }));
    const tags = async (): Promise<string[]> =>
      ((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "k" }))).TagSet ?? []).map(
        ({ Key, Value }) => `${Key}=${Value}`,
      );
    assert.deepEqual(await tags(), ["1=x", "bar=", "foo=bar"]);
    const TagSet = ["z", "B", "a", "10", "9"].map((Key) => ({ Key, Value: Key }));
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet } }));
    assert.deepEqual(await tags(), ["10=10", "9=9", "B=B", "a=a", "z=z"]);
  });
});

describe("what is asked beside a write", () => {
  const path = `/${Bucket}/k`;
  const past = "Mon, 01 Jan 2001 00:00:00 GMT";
  const cases: readonly (readonly [method: "PUT" | "POST" | "DELETE", ask: Partial<ToSign>, answer: string])[] = [
    // Conditions, and parts of an object, that S3 does not know of writes.
    ["PUT", { headers: { "if-unmodified-since": past } }, "501 NotImplemented"],
    ["PUT", { headers: { "if-modified-since": past } }, "501 NotImplemented"],
    ["DELETE", { headers: { "if-unmodified-since": past } }, "501 NotImplemented"],
    ["PUT", { headers: { "content-range": "bytes 0-0/10" } }, "501 NotImplemented"],
    // Conditions on ETags where only other writes judge them.
    ["PUT", { query: { tagging: "" }, headers: { "if-match": '"x"' } }, "501 NotImplemented"],
    ["DELETE", { query: { tagging: "" }, headers: { "if-none-match": "*" } }, "501 NotImplemented"],
    ["PUT", { query: { uploadId: "x", partNumber: "1" }, headers: { "if-match": '"x"' } }, "501 NotImplemented"],
    ["POST", { query: { uploads: "" }, headers: { "if-none-match": "*" } }, "501 NotImplemented"],
    ["POST", { query: { uploadId: "x" }, headers: { "if-unmodified-since": past } }, "501 NotImplemented"],
    ["DELETE", { path: `/${Bucket}`, headers: { "if-match": '"x"' } }, "501 NotImplemented"],
    // What belongs to a bucket, a part or a version.
    ["PUT", { query: { cors: "" } }, "501 NotImplemented"],
    ["PUT", { query: { policy: "" } }, "501 NotImplemented"],
    ["DELETE", { query: { lifecycle: "" } }, "501 NotImplemented"],
    ["DELETE", { query: { cors: "" } }, "501 NotImplemented"],
    ["PUT", { query: { partNumber: "1" } }, "400 InvalidArgument"],
    ["DELETE", { query: { partNumber: "1" } }, "400 InvalidArgument"],
    ["PUT", { query: { versionId: "1" } }, "400 InvalidArgument"],
    // Checksums that nobody would verify, and an owner that nobody would compare.
    ["PUT", { headers: { "x-amz-checksum-sha512": "AAAA" } }, "501 NotImplemented"],
    ["PUT", { headers: { "x-amz-checksum-md5": "AAAA" } }, "501 NotImplemented"],
    ["PUT", { headers: { "x-amz-checksum-xxhash64": "AAAA" } }, "501 NotImplemented"],
    [
      "PUT",
      { headers: { "x-amz-copy-source": `${Bucket}/other`, "x-amz-source-expected-bucket-owner": "123456789012" } },
      "403 AccessDenied",
    ],
  ];
  for (const [method, ask, answer] of cases) {
    it(`is never passed over: ${method} ${JSON.stringify(ask)}`, async () => {
      await using fixture = await withBucket();
      const { s3, credentials } = fixture.admin;
      for (const Key of ["k", "other"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
      const body = method === "PUT" ? "z" : "";
      assert.equal(told(await send(fixture.port, credentials, { method, path, ...ask, body })), answer);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
      assert.equal(await Body?.transformToString(), "k");
      assert.equal(await fixture.blobCount(), 2);
    });
  }

  it("is done where it is known: the one version, the owner", async () => {
    await using fixture = await withBucket();
    const { s3, credentials } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "other", Body: "x" }));
    const headers = { "x-amz-copy-source": `${Bucket}/other`, "x-amz-source-expected-bucket-owner": "default" };
    for (const ask of [{ query: { versionId: "null" } }, { headers }]) {
      assert.equal(told(await send(fixture.port, credentials, { method: "PUT", path, ...ask })), "200");
    }
  });
});

describe("ListBuckets", () => {
  it("tells those of a region", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    for (const name of ["eu-one", "eu-two"]) {
      const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" } as const;
      await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    }
    const names = async (input: ListBucketsCommandInput): Promise<(string | undefined)[]> =>
      ((await s3.send(new ListBucketsCommand(input))).Buckets ?? []).map(({ Name }) => Name);
    assert.deepEqual(await names({ BucketRegion: "eu-west-1" }), ["eu-one", "eu-two"]);
    assert.deepEqual(await names({ BucketRegion: "eu-west-1", MaxBuckets: 1 }), ["eu-one"]);
    assert.deepEqual(await names({ BucketRegion: "us-east-1" }), [Bucket]);
    assert.deepEqual(await names({ BucketRegion: "eu-west-2" }), []);
    assert.equal((await names({})).length, 3);
  });
});
