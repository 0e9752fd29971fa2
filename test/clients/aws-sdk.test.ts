import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Workshop } from "./harness.ts";
import { type Client, clientMatrix, type Place } from "./matrix.ts";
import { signedBySdk, upload } from "./presigned.ts";

const mebibyte = 2 ** 20;

/** In pieces of no particular size, as a pipe gives them. */
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 9_973) yield bytes.subarray(at, at + 9_973);
}

function sdk(shop: Workshop): Client {
  const { s3 } = shop.server;
  const bytesOf = async ({ bucket, key }: Place, Range?: string): Promise<Buffer> => {
    const range = Range === undefined ? {} : { Range };
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const copy = (from: Place, to: Place): Promise<unknown> =>
    s3.send(
      new CopyObjectCommand({
        Bucket: to.bucket,
        Key: to.key,
        CopySource: `${from.bucket}/${encodeURIComponent(from.key)}`,
      }),
    );
  return {
    partBytes: 5 * mebibyte,
    reasons: { stream: "PutObject", deleteMany: "DeleteObjects" },
    makeBucket: (Bucket) => s3.send(new CreateBucketCommand({ Bucket })),
    buckets: async () => ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name ?? ""),
    removeBucket: (Bucket) => s3.send(new DeleteBucketCommand({ Bucket })),
    put: (file, { bucket, key }) =>
      new Upload({ client: s3, params: { Bucket: bucket, Key: key, Body: createReadStream(file) } }).done(),
    putStream: (bytes, { bucket, key }) =>
      // Its body is framed; without a length it does not send a stream in one request.
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: Readable.from(pieces(bytes)),
          ContentLength: bytes.length,
        }),
      ),
    get: async (from, file) => writeFile(join(shop.home, file), await bytesOf(from)),
    getFrom: (from, first) => bytesOf(from, `bytes=${first}-`),
    copy,
    move: async (from, to) => {
      await copy(from, to);
      await s3.send(new DeleteObjectCommand({ Bucket: from.bucket, Key: from.key }));
    },
    list: async (Bucket) => {
      const keys: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
        keys.push(...Contents.map(({ Key }) => Key ?? ""));
      }
      return keys;
    },
    deleteMany: (Bucket, _prefix, keys) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } })),
    presignedPut: async (bytes, to) => upload(await signedBySdk(shop, to), bytes),
  };
}

clientMatrix("AWS SDK for JavaScript v3", sdk, (bench) => {
  it("puts a buffer: bytes, one event", async () => {
    const { shop } = bench();
    const bucket = await shop.bucket("buffer");
    const { bytes } = await shop.file("buffer.bin", 2 * mebibyte);
    await shop.server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "b", Body: bytes }));
    assert.ok((await shop.stored(bucket, "b"))?.bytes.equals(bytes));
    assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT b PutObject"]);
  });

  it("lib-storage: uploads a stream of unknown length in parts, and lets go of one that breaks", async () => {
    const { shop } = bench();
    const { s3 } = shop.server;
    const bucket = await shop.bucket("unknown");
    const { bytes } = await shop.file("unknown.bin", 12 * mebibyte);
    const upload = (Key: string, Body: Readable): Promise<unknown> =>
      new Upload({ client: s3, params: { Bucket: bucket, Key, Body } }).done();
    await upload("whole", Readable.from(pieces(bytes)));
    const broken = function* (): Generator<Buffer> {
      yield* pieces(bytes);
      throw new Error("the source broke");
    };
    await assert.rejects(upload("broken", Readable.from(broken())), /the source broke/);
    assert.ok((await shop.stored(bucket, "whole"))?.bytes.equals(bytes));
    assert.equal(await shop.stored(bucket, "broken"), undefined);
    assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT whole CompleteMultipartUpload"]);
  });
});
