/** Quotas of bytes, objects and open uploads, through the real server and a real S3 client. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Bucket, counted, give, outcome, put, quotaServer, quotas, used } from "../support/quotas.ts";

describe("a quota of bytes or objects", () => {
  it("refuses an upload in S3's words before its body comes, and lets through what takes away", async () => {
    await using server = await quotaServer();
    const { s3 } = server;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await give(server, { bytes: 10, objects: 3 });
    assert.equal(await outcome(put(s3, "a", "0123456789")), "200");
    assert.equal(await outcome(put(s3, "b", "x")), "403 QuotaExceeded");
    assert.equal(await outcome(put(s3, "a", "01234")), "200");
    // A copy counts as much as its source does.
    const copy = (Key: string) => s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/a` }));
    assert.equal(await outcome(copy("copy")), "200");
    assert.equal(await outcome(copy("copy2")), "403 QuotaExceeded");
    assert.equal(await outcome(put(s3, "empty", "")), "200");
    assert.equal(await outcome(put(s3, "empty2", "")), "403 QuotaExceeded");
    const shown = await quotas(server);
    assert.deepEqual(shown.get("bytes"), { name: "bytes", limit: 10, used: 10, source: "tenant" });
    assert.deepEqual(shown.get("objects"), { name: "objects", limit: 3, used: 3, source: "tenant" });
    assert.equal(shown.get("buckets")?.source, "default");
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy" }, { Key: "empty" }] } }));
    assert.equal(await used(server, "bytes"), 5);
    // Set below what there is: nothing more, and less at any time.
    await give(server, { bytes: 1 });
    assert.equal(await outcome(put(s3, "a", "012345")), "403 QuotaExceeded");
    assert.equal(await outcome(put(s3, "a", "0123")), "200");
    await give(server, { bytes: null, objects: null });
    assert.equal(await outcome(put(s3, "b", "0123456789")), "200");
  });

  it("counts parts of open uploads, and a Complete costs nothing more", async () => {
    await using server = await quotaServer();
    const { s3 } = server;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await give(server, { bytes: 10, open_uploads: 2 });
    const at = { Bucket, Key: "big" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    const part = (PartNumber: number, Body: string) =>
      s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    const { ETag } = await part(1, "0123456789");
    assert.equal(await outcome(part(2, "x")), "403 QuotaExceeded");
    assert.equal(await outcome(put(s3, "a", "x")), "403 QuotaExceeded");
    assert.equal(await outcome(part(1, "9876543210")), "200");
    await part(1, "0123456789");
    assert.equal(await outcome(s3.send(new CreateMultipartUploadCommand({ ...at, Key: "other" }))), "200");
    assert.equal(await outcome(s3.send(new CreateMultipartUploadCommand(at))), "403 QuotaExceeded");
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
    assert.deepEqual([await used(server, "bytes"), await used(server, "open_uploads")], [10, 1]);
  });

  it("is not passed by writers that race for it, by uploads, copies, parts and deletions together", async () => {
    await using server = await quotaServer();
    const { s3, folder } = server;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put(s3, "source", "0123");
    await give(server, { bytes: 60, objects: 12 });
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const work = Array.from({ length: 90 }, (_, nth) => {
      if (nth % 3 === 0) return put(s3, `put${nth % 20}`, "x".repeat(nth % 11));
      if (nth % 3 === 1)
        return s3.send(new CopyObjectCommand({ Bucket, Key: `copy${nth % 20}`, CopySource: `${Bucket}/source` }));
      return s3.send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber: nth, Body: "012345" }));
    });
    const ends = await Promise.all(work.map(outcome));
    assert.deepEqual([...new Set(ends)].sort(), ["200", "403 QuotaExceeded"]);
    const now = await quotas(server);
    assert.ok((now.get("bytes")?.used ?? 61) <= 60 && (now.get("objects")?.used ?? 13) <= 12);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.equal(Contents.length, now.get("objects")?.used);
    const [counters, there] = counted(folder);
    assert.deepEqual(counters, there);
  });

  it("is refused in bytes that are on their way, so that no body of them comes to lie on disk", async () => {
    await using server = await quotaServer();
    const { s3 } = server;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await give(server, { bytes: 2 ** 20 });
    const ends = await Promise.all(
      Array.from({ length: 4 }, (_, nth) => outcome(put(s3, `k${nth}`, "x".repeat(400_000)))),
    );
    assert.ok(ends.filter((end) => end === "200").length <= 2, ends.join());
    assert.ok(ends.includes("403 QuotaExceeded"));
  });
});
