/** A server whose objects' bytes lie in the bucket of another, as real processes. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bytes, blobsEnv, bytesBucket } from "../support/bytes-bucket.ts";
import { hostileS3 } from "../support/hostile-s3.ts";
import { failure } from "../support/s3.ts";
import { credentials, refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const mebibyte = 2 ** 20;
const Bucket = "photos";

let root: string;
let bucket: ServerProcess;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "signalbox-bucket-"));
  bucket = await bytesBucket(root);
});
after(async () => {
  await bucket[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

let prefixes = 0;
const aPrefix = (): string => `server-${(prefixes += 1)}`;

/** Bytes of all bodies below the prefix, the smallest first. */
async function bodies(prefix: string): Promise<number[]> {
  const { Contents = [] } = await bucket.s3.send(
    new ListObjectsV2Command({ Bucket: Bytes, Prefix: `${prefix}/bodies/` }),
  );
  return Contents.map(({ Size = -1 }) => Size).sort((a, b) => a - b);
}

async function read(server: ServerProcess, Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await server.s3.send(
    new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }),
  );
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("a server with its bytes in a bucket", () => {
  it("puts, reads, copies, renames and deletes, and keeps nothing of it on its own disk", async () => {
    const [prefix, folder] = [aPrefix(), join(root, "whole")];
    const env = blobsEnv(prefix, bucket.s3Url);
    await using server = await serverProcess({ folder, env });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    const [small, large] = [randomBytes(1_000), randomBytes(9 * mebibyte)];
    await server.s3.send(new PutObjectCommand({ Bucket, Key: "small", Body: small }));
    const put = await server.s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: large }));
    assert.equal(put.ETag, `"${createHash("md5").update(large).digest("hex")}"`);
    await server.s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "" }));
    assert.deepEqual(await bodies(prefix), [0, 1_000, large.length]);
    assert.ok((await read(server, "small")).equals(small));
    assert.ok((await read(server, "large")).equals(large));
    assert.ok((await read(server, "large", "bytes=8388600-8388620")).equals(large.subarray(8_388_600, 8_388_621)));
    assert.ok((await read(server, "large", "bytes=-100000")).equals(large.subarray(-100_000)));
    assert.equal((await read(server, "empty")).length, 0);

    await server.s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/large` }));
    const { files } = await server.api<{ files: { uuid: string }[] }>(
      "GET",
      `/api/cloud/files/?bucket=${Bucket}&key=large`,
    );
    await server.api("POST", `/api/cloud/files/${files[0]?.uuid}/rename/`, { key: "renamed" });
    assert.equal(await failure(read(server, "large")), "404 NoSuchKey");
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "copy" }));
    assert.ok((await read(server, "renamed")).equals(large));
    assert.deepEqual(await bodies(prefix), [0, 1_000, large.length], "no copy took room");

    const Key = "parts";
    const { UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const one = randomBytes(5 * mebibyte);
    const Parts = [
      await server.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: one })),
      (
        await server.s3.send(
          new UploadPartCopyCommand({
            Bucket,
            Key,
            UploadId,
            PartNumber: 2,
            CopySource: `${Bucket}/renamed`,
            CopySourceRange: "bytes=10-99",
          }),
        )
      ).CopyPartResult,
    ].map((part, index) => ({ PartNumber: index + 1, ETag: part?.ETag }));
    await server.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    assert.ok((await read(server, Key)).equals(Buffer.concat([one, large.subarray(10, 100)])));
    const { UploadId: open } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "open" }));
    await server.s3.send(new UploadPartCommand({ Bucket, Key: "open", UploadId: open, PartNumber: 1, Body: "x" }));
    await server.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "open", UploadId: open }));

    await server.stop();
    await using again = await serverProcess({ folder, env });
    assert.ok((await read(again, "renamed")).equals(large));
    const own = await readdir(join(folder, "blobs"));
    assert.deepEqual(own.sort(), ["commits.mark", "folder.id"]);
    assert.deepEqual(await readdir(join(folder, "spool")), []);
    assert.ok(!again.log.includes(credentials.secretAccessKey));
  });

  it("leaves nothing of uploads that a kill broke off, once it runs again", async () => {
    const [prefix, folder] = [aPrefix(), join(root, "killed")];
    const env = blobsEnv(prefix, bucket.s3Url);
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await server.s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "kept" }));
      // In the middle of a part on its way, after another.
      const url = new URL(await getSignedUrl(server.s3, new PutObjectCommand({ Bucket, Key: "broken" })));
      const socket = connect(Number(url.port), url.hostname);
      socket.on("error", () => {});
      socket.write(
        `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: ${40 * mebibyte}\r\n\r\n`,
      );
      socket.write(randomBytes(17 * mebibyte));
      await until("a part of the upload came", async () => {
        const { Uploads = [] } = await bucket.s3.send(
          new ListMultipartUploadsCommand({ Bucket: Bytes, Prefix: prefix }),
        );
        return Uploads.length === 1;
      });
      await server.kill();
      socket.destroy();
    }
    await using again = await serverProcess({ folder, env });
    await until("the parts are given up", async () => {
      const { Uploads = [] } = await bucket.s3.send(new ListMultipartUploadsCommand({ Bucket: Bytes, Prefix: prefix }));
      return Uploads.length === 0;
    });
    assert.deepEqual(await bodies(prefix), [4]);
    assert.equal((await read(again, "kept")).toString(), "kept");
  });

  it("answers 503 for objects while the bucket is away, says so to health checks, and goes on by itself", async () => {
    const [prefix, folder] = [aPrefix(), join(root, "away")];
    await using way = await hostileS3(bucket.s3Url);
    await using server = await serverProcess({ folder, env: blobsEnv(prefix, way.url) });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    const Body = randomBytes(100_000);
    await server.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body }));
    way.hurt(/./, "reset", 1_000_000);
    assert.equal(await failure(read(server, "k")), "503 ServiceUnavailable");
    assert.equal(
      await failure(server.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "other" }))),
      "503 ServiceUnavailable",
    );
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    const health = async (): Promise<string> => (await fetch(`${server.url}/healthz`)).text();
    await until("health checks hear of it", async () => (await health()).includes("cannot be reached (ECONNRESET)"));
    assert.match(server.log, /"msg":"the bytes of objects cannot be reached"/);
    way.heal();
    assert.ok((await read(server, "k")).equals(Body));
    await until("it is ready again", async () => (await health()).includes('"ok"'));
  });

  it("refuses to start where the bytes would not be found", async () => {
    const [prefix, folder] = [aPrefix(), join(root, "refused")];
    const env = blobsEnv(prefix, bucket.s3Url);
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await server.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
      await server.stop();
    }
    const without = await refusedServer({ folder });
    assert.match(without.log, /lie in a bucket: set SIGNALBOX_BLOBS to it/);
    const elsewhere = await refusedServer({ folder, env: blobsEnv(aPrefix(), bucket.s3Url) });
    assert.match(
      elsewhere.log,
      /SIGNALBOX_BLOBS: s3:\/\/bytes\/server-\d+ at \S+ has no signalbox\.json, although .* as it was before/,
    );
    const another = await refusedServer({ folder: join(root, "another"), env });
    assert.match(another.log, /SIGNALBOX_BLOBS: s3:\/\/bytes\/server-\d+ at \S+ has the bytes of another Signalbox/);
    const inFolder = await refusedServer({ folder: join(root, "bucket-copy"), env: { SIGNALBOX_BLOBS: "s3://k:s@b" } });
    assert.match(inFolder.log, /SIGNALBOX_BLOBS: the value given must not hold a key/);
    const nowhere = await refusedServer({
      folder: join(root, "nowhere"),
      env: { ...env, SIGNALBOX_BLOBS: `s3://nowhere?endpoint=${bucket.s3Url}` },
    });
    assert.match(nowhere.log, /SIGNALBOX_BLOBS: s3:\/\/nowhere\/ .*NoSuchBucket.*make the bucket/);
    assert.ok(!nowhere.log.includes(credentials.secretAccessKey));
  });

  it("is refused to a folder that has bytes of its own", async () => {
    const folder = join(root, "own");
    {
      await using server = await serverProcess({ folder });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await server.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
      await server.stop();
    }
    const { log } = await refusedServer({ folder, env: blobsEnv(aPrefix(), bucket.s3Url) });
    assert.match(log, /SIGNALBOX_BLOBS: the bytes of the objects in \S+ lie in the folder itself/);
  });
});
