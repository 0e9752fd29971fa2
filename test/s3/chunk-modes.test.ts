/** What says that a body is chunked, and what it then is. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { CreateMultipartUploadCommand, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { chunkModes, sendChunked } from "../support/chunked.ts";
import { Bucket, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, send } from "../support/sign.ts";

const path = `/${Bucket}/k`;
const chunks = ["hello ", "world"];
const crc32 = "x-amz-checksum-crc32:DUoRhQ==";
const told = (answer: RawAnswer): string => `${answer.status} ${codeOf(answer) ?? ""}`.trim();

async function stored({ admin }: S3Fixture): Promise<string | undefined> {
  const { Body } = await admin.s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  return Body?.transformToString();
}

describe("a body in chunks", () => {
  it("is taken in each mode, with trailers where the mode has them", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const payload of chunkModes) {
      const trailers = payload.endsWith("TRAILER") ? { announced: "x-amz-checksum-crc32", trailers: [crc32] } : {};
      assert.equal(told(await sendChunked(port, admin.credentials, { path, payload, chunks, ...trailers })), "200");
      assert.equal(await stored(fixture), "hello world");
    }
  });

  it("may announce a trailer in a mode that has none, as Java's SDK does, and sends none", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    for (const announced of ["x-amz-checksum-crc32", "x-amz-checksum-sha256,x-amz-checksum-crc32", "x-amz-other"]) {
      const headers = { "x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-storage-class": "STANDARD" };
      const answer = await sendChunked(port, admin.credentials, { path, payload, chunks, announced, headers });
      assert.equal(told(answer), "200", answer.body);
      assert.equal(await stored(fixture), "hello world");
    }
    // Parts come by the same way.
    const { UploadId = "" } = await admin.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k" }));
    const query = { partNumber: "1", uploadId: UploadId };
    const announced = "x-amz-checksum-crc32";
    const part = await sendChunked(port, admin.credentials, { path, query, payload, chunks, announced });
    assert.equal(told(part), "200", part.body);
  });

  it("has no trailer in a mode that has none", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const put = { path, payload, chunks, trailers: [crc32], announced: "x-amz-checksum-crc32" };
    assert.equal(told(await sendChunked(port, admin.credentials, put)), "400 InvalidRequest");
    assert.equal(await fixture.blobCount(), 0);
  });

  it("in a mode with trailers needs those that it announced", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const payload of chunkModes.filter((mode) => mode.endsWith("TRAILER"))) {
      const put = { path, payload, chunks, announced: "x-amz-checksum-crc32" };
      assert.equal(told(await sendChunked(port, admin.credentials, put)), "400 MalformedTrailerError");
    }
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a body that says it is in chunks and is signed as none", () => {
  const wire = "b\r\nhello world\r\n0\r\n\r\n";
  const payloads = ["UNSIGNED-PAYLOAD", createHash("sha256").update(wire).digest("hex")];
  const claims = [
    { "content-encoding": "aws-chunked" },
    { "content-encoding": "gzip, AWS-Chunked" },
    { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "11" },
    { "x-amz-decoded-content-length": "11" },
    { "x-amz-trailer": "x-amz-checksum-crc32" },
  ];

  it("is refused, for its framing would be stored", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const { UploadId = "" } = await admin.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k" }));
    const places = [
      { method: "PUT", path, query: { partNumber: "1", uploadId: UploadId } },
      { method: "POST", path: `/${Bucket}`, query: { delete: "" } },
      { method: "PUT", path: "/other-bucket" },
    ];
    for (const payload of payloads) {
      for (const headers of claims) {
        const put = { method: "PUT", path, payload, headers, body: wire };
        const answer = await send(port, admin.credentials, put);
        assert.equal(told(answer), "400 InvalidArgument", JSON.stringify(headers));
        assert.match(answer.body, /aws-chunked.*STREAMING-/);
      }
    }
    for (const place of places) {
      const headers = { "content-encoding": "aws-chunked" };
      const answer = await send(port, admin.credentials, { ...place, headers, body: wire });
      assert.equal(told(answer), "400 InvalidArgument", JSON.stringify(place));
    }
    assert.equal(await fixture.blobCount(), 0);
    assert.deepEqual(await fixture.events(), []);
  });

  it("is taken when there is no byte in it, or as many as it says", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const empty = { method: "PUT", path, headers: { "content-encoding": "aws-chunked, gzip" }, body: "" };
    assert.equal(told(await send(port, admin.credentials, empty)), "200");
    const { ContentEncoding } = await admin.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
    assert.equal(ContentEncoding, "gzip");
    const plain = { method: "PUT", path, headers: { "x-amz-decoded-content-length": "5" }, body: "hello" };
    assert.equal(told(await send(port, admin.credentials, plain)), "200");
  });

  it("is refused when it is no framing", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    const headers = { "x-amz-decoded-content-length": "5" };
    const answer = await send(port, admin.credentials, { method: "PUT", path, payload, headers, body: "hello" });
    assert.equal(answer.status, 400);
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a checksum that is named and not sent", () => {
  it("is refused", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const put = { method: "PUT", path, headers: { "x-amz-sdk-checksum-algorithm": "CRC32" }, body: "hello" };
    assert.equal(told(await send(port, admin.credentials, put)), "400 InvalidRequest");
    const headers = { ...put.headers, "x-amz-checksum-crc32": "NhCmhg==" };
    assert.equal(told(await send(port, admin.credentials, { ...put, headers })), "200");
  });
});

describe("Content-Encoding", () => {
  it("is kept as it came", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const [sent, kept] of [
      ["deflate, gzip", "deflate, gzip"],
      ["br,gzip", "br,gzip"],
      ["gzip", "gzip"],
    ] as const) {
      const put = { method: "PUT", path, headers: { "content-encoding": sent }, body: "hello" };
      assert.equal(told(await send(port, admin.credentials, put)), "200");
      const { ContentEncoding } = await admin.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
      assert.equal(ContentEncoding, kept);
    }
  });
});
