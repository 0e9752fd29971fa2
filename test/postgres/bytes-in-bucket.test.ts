/** The store in PostgreSQL and the bytes in a bucket: nothing of an object lies on the machine of the server. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Bytes, blobsEnv, bytesBucket } from "../support/bytes-bucket.ts";
import { postgresServer } from "../support/postgres.ts";
import { onPostgres } from "../support/postgres-server.ts";
import { refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";

const Bucket = "photos";

async function read(server: ServerProcess, Key: string): Promise<Buffer> {
  const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("a server whose store is in PostgreSQL and whose bytes are in a bucket", () => {
  const postgres = shared(() => postgresServer());

  it("has after a kill what it accepted, and knows the bucket for its own", async () => {
    const root = await mkdtemp(join(tmpdir(), "signalbox-bucket-"));
    try {
      await using bucket = await bytesBucket(root);
      const blobs = blobsEnv("p", bucket.s3Url);
      await using on = await onPostgres(await postgres().database());
      const env = { ...on.env, ...blobs };
      const [small, large] = [randomBytes(500), randomBytes(9 * 2 ** 20)];
      {
        await using server = await serverProcess({ folder: on.folder, env });
        await server.s3.send(new CreateBucketCommand({ Bucket }));
        await server.s3.send(new PutObjectCommand({ Bucket, Key: "small", Body: small }));
        await server.s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: large }));
        await server.s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/large` }));
        await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "large" }));
        await server.kill();
      }
      const { Contents = [] } = await bucket.s3.send(new ListObjectsV2Command({ Bucket: Bytes, Prefix: "p/bodies/" }));
      assert.equal(Contents.length, 2);
      const without = await refusedServer({ folder: on.folder, env: on.env });
      assert.match(without.log, /lie in a bucket: set SIGNALBOX_BLOBS/);
      await using again = await serverProcess({ folder: on.folder, env });
      assert.ok((await read(again, "small")).equals(small));
      assert.ok((await read(again, "copy")).equals(large));
      assert.doesNotMatch(again.log, /does not have|not only, this server/);
      const files = await readdir(on.folder, { recursive: true });
      assert.deepEqual(
        files.filter((name) => /[0-9a-f]{40}$/.test(name)),
        [],
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
