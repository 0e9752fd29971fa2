/** Commands on a data folder whose objects' bytes lie in a bucket. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Bytes, blobsEnv, bytesBucket } from "../support/bytes-bucket.ts";
import { processEnv } from "../support/process-env.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
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

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

async function keys(prefix: string): Promise<string[]> {
  const listed = await bucket.s3.send(new ListObjectsV2Command({ Bucket: Bytes, Prefix: `${prefix}/bodies/` }));
  return (listed.Contents ?? []).map(({ Key = "" }) => Key);
}

async function read(server: ServerProcess, Key: string): Promise<string> {
  const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

describe("a data folder whose bytes lie in a bucket", () => {
  it("is backed up without them, restored, and finds them", async () => {
    const [folder, backup, restored] = ["one", "one.backup", "one.restored"].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    const env = blobsEnv("one", bucket.s3Url);
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      for (const Key of ["a", "b"]) await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: `of ${Key}` }));
      const without = await run(["backup", backup, folder], {});
      assert.match(without.said, /lie in a bucket: set SIGNALBOX_BLOBS/);
      assert.equal(without.code, 1);
      const made = await run(["backup", backup, folder, "--with-key"], env);
      assert.match(made.said, /sound backup of the database .* stay in their bucket \(2 bodies\)/, made.said);
      assert.equal(made.code, 0);
      // What the backup does not know: a newer server's.
      await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
      await server.s3.send(new PutObjectCommand({ Bucket, Key: "c", Body: "of c" }));
      await server.stop();
    }
    const got = await run(["restore", backup, restored], env);
    assert.match(got.said, /its database is sound\. Nothing is deleted .*signalbox adopt/);
    assert.match(got.said, /all 2 bodies that it refers to are in the bucket/);
    assert.equal(got.code, 0);
    {
      await using server = await serverProcess({ folder: restored, env });
      assert.deepEqual([await read(server, "a"), await read(server, "b")], ["of a", "of b"]);
      assert.match(
        server.log,
        /used by a server whose commits this database does not have: nothing of them is deleted/,
      );
      await server.stop();
    }
    {
      await using newer = await serverProcess({ folder, env });
      assert.equal(await read(newer, "c"), "of c");
      assert.doesNotMatch(newer.log, /does not have/);
      await newer.stop();
    }
    const adopted = await run(["adopt", restored], env);
    assert.equal(adopted.code, 0, adopted.said);
    await using server = await serverProcess({ folder: restored, env });
    assert.doesNotMatch(server.log, /does not have/);
    assert.equal(await read(server, "a"), "of a");
  });

  it("is looked through with every byte of them", async () => {
    const folder = join(root, "two");
    const env = blobsEnv("two", bucket.s3Url);
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      for (const Key of ["a", "b", "c"]) await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: `of ${Key}` }));
      await server.stop();
    }
    assert.match((await run(["check", folder], {})).said, /lie in a bucket: set SIGNALBOX_BLOBS/);
    const sound = await run(["check", folder], env);
    assert.deepEqual(sound, { code: 0, said: `${folder} is sound\n` });
    const [first = "", second = "", third = ""] = await keys("two");
    await bucket.s3.send(new DeleteObjectCommand({ Bucket: Bytes, Key: first }));
    await bucket.s3.send(new PutObjectCommand({ Bucket: Bytes, Key: second, Body: "OF ?" }));
    await bucket.s3.send(new PutObjectCommand({ Bucket: Bytes, Key: third, Body: "x" }));
    const { code, said } = await run(["check", folder], env);
    assert.equal(code, 1);
    assert.match(
      said,
      /damage: body [0-9a-f]{28} of s3:\/\/bytes\/two at \S+ of object "." of bucket \S+ is missing: bring this object/,
    );
    assert.match(said, /damage: the bytes of object "." of bucket \S+ are not those that its ETag/);
    assert.match(said, /damage: body [0-9a-f]{28} of .* has fewer than 4 bytes/);
    assert.match(said, /3 findings of damage/);
    const backup = join(root, "two.backup");
    const refused = await run(["backup", backup, folder], env);
    assert.match(refused.said, /the backup is not sound: body .* (is missing|has 1 bytes instead of 4)/);
    assert.equal(refused.code, 1);
    const denied = await run(["check", folder], { ...env, SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: "another" });
    assert.match(denied.said, /^signalbox: SIGNALBOX_BLOBS: s3:\/\/bytes\/two at \S+ failed \(SignatureDoesNotMatch/);
    assert.equal(denied.code, 1);
  });

  it("is restored with what is left of them, and says what is lost", async () => {
    const [folder, backup, restored] = ["three", "three.backup", "three.restored"].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    const env = blobsEnv("three", bucket.s3Url);
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      for (const Key of ["a", "b"]) await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: `of ${Key}` }));
      await server.stop();
    }
    assert.equal((await run(["backup", backup, folder, "--with-key"], env)).code, 0);
    const [first = ""] = await keys("three");
    await bucket.s3.send(new DeleteObjectCommand({ Bucket: Bytes, Key: first }));
    const { code, said } = await run(["restore", backup, restored], env);
    assert.equal(code, 0);
    assert.match(said, /1 of 2 bodies that it refers to are not in the bucket any more: signalbox check/);
  });
});
