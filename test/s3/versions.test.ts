import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Bucket, failure, withBucket } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const fill = async (s3: S3Client, ...keys: string[]): Promise<void> => {
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
};

describe("versions of objects", () => {
  it("are listed as one of each, which is the latest and called null", async () => {
    await using fixture = await withBucket();
    const { s3, name } = fixture.admin;
    await fill(s3, "a", "b c+d");
    const { Versions = [], DeleteMarkers, IsTruncated } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    assert.deepEqual(
      Versions.map(({ Key, VersionId, IsLatest, Size, Owner }) => [Key, VersionId, IsLatest, Size, Owner?.ID]),
      [
        ["a", "null", true, 1, name],
        ["b c+d", "null", true, 5, name],
      ],
    );
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    assert.equal(Versions[0]?.ETag, ETag);
    assert.equal(Versions[0]?.StorageClass, "STANDARD");
    assert.deepEqual([DeleteMarkers, IsTruncated], [undefined, false]);
  });

  it("are listed in pages, below a prefix, and with common prefixes", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await fill(s3, "a", "b/1", "b/2", "c", "d");
    const pages: string[][] = [];
    let markers = {};
    for (;;) {
      const page = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Delimiter: "/", MaxKeys: 2, EncodingType: "url", ...markers }),
      );
      const keys = (page.Versions ?? []).map(({ Key = "" }) => Key);
      pages.push([...keys, ...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix)]);
      if (page.IsTruncated !== true) break;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    assert.deepEqual(pages, [
      ["a", "b/"],
      ["c", "d"],
    ]);
    const below = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "b/" }));
    assert.deepEqual(
      below.Versions?.map(({ Key }) => Key),
      ["b/1", "b/2"],
    );
  });

  it("are deleted by what the list said, so that a tool empties a bucket", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await fill(s3, "a", "b", "c");
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const [first, ...rest] = Versions.map(({ Key = "", VersionId = "" }) => ({ Key, VersionId }));
    assert.ok(first);
    await s3.send(new DeleteObjectCommand({ Bucket, ...first }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: rest } }));
    assert.deepEqual(
      Deleted?.toSorted((x, y) => ((x.Key ?? "") < (y.Key ?? "") ? -1 : 1)),
      rest,
    );
    assert.equal((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions, undefined);
    assert.deepEqual((await fixture.told()).slice(3).toSorted(), [
      "OBJECT_DELETED a",
      "OBJECT_DELETED b",
      "OBJECT_DELETED c",
    ]);
  });

  it("other than null are not there, whatever is asked of them", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await fill(s3, "a");
    const at = { Bucket, Key: "a", VersionId: "3" };
    assert.equal(await failure(s3.send(new GetObjectCommand(at))), "404 NoSuchVersion");
    assert.equal(await failure(s3.send(new DeleteObjectCommand(at))), "404 NoSuchVersion");
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a", VersionId: "3" }] } }),
    );
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [["a", "NoSuchVersion"]],
    );
    const object = await s3.send(new GetObjectCommand({ ...at, VersionId: "null" }));
    assert.equal(await object.Body?.transformToString(), "a");
  });

  it("are asked for with markers that go together", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const query of [
      { versions: "", "version-id-marker": "null" },
      { versions: "", "key-marker": "a", "version-id-marker": "3" },
      { versions: "", "max-keys": "many" },
    ]) {
      const answer = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query });
      assert.equal(`${answer.status} ${codeOf(answer)}`, "400 InvalidArgument");
    }
  });
});
