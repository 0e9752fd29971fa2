import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { installed, type Workshop } from "./harness.ts";
import { type Client, clientMatrix, type Place } from "./matrix.ts";
import { signedBySdk, upload } from "./presigned.ts";

interface Rclone extends Client {
  rclone(args: readonly string[], input?: Buffer): Promise<Buffer>;
}

const remote = ({ bucket, key }: Place): string => `box:${bucket}/${key}`;

function rcloneClient(shop: Workshop): Rclone {
  const command = installed("rclone");
  const { accessKeyId, secretAccessKey } = shop.server.credentials;
  const env = {
    RCLONE_CONFIG: join(shop.home, "rclone.conf"),
    RCLONE_CONFIG_BOX_TYPE: "s3",
    RCLONE_CONFIG_BOX_PROVIDER: "Other",
    RCLONE_CONFIG_BOX_ENDPOINT: shop.server.s3Url,
    RCLONE_CONFIG_BOX_ACCESS_KEY_ID: accessKeyId,
    RCLONE_CONFIG_BOX_SECRET_ACCESS_KEY: secretAccessKey,
    // In parts from the first that is bigger, not only from 200 MiB on.
    RCLONE_S3_UPLOAD_CUTOFF: "5M",
  };
  const rclone = (args: readonly string[], input?: Buffer): Promise<Buffer> =>
    shop.run(command, args, { env, ...(input === undefined ? {} : { input }) });
  const lines = async (...args: readonly string[]): Promise<string[]> =>
    (await rclone(args))
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  return {
    rclone,
    partBytes: 5 * 2 ** 20,
    reasons: { stream: "PutObject", deleteMany: "DeleteObject" },
    makeBucket: (bucket) => rclone(["mkdir", `box:${bucket}`]),
    buckets: async () => (await lines("lsf", "--dirs-only", "box:")).map((line) => line.replace(/\/$/, "")),
    removeBucket: (bucket) => rclone(["rmdir", `box:${bucket}`]),
    put: (file, to) => rclone(["copyto", file, remote(to)]),
    putStream: (bytes, to) => rclone(["rcat", remote(to)], bytes),
    get: (from, file) => rclone(["copyto", remote(from), file]),
    getFrom: (from, first) => rclone(["cat", "--offset", String(first), remote(from)]),
    copy: (from, to) => rclone(["copyto", remote(from), remote(to)]),
    move: (from, to) => rclone(["moveto", remote(from), remote(to)]),
    list: (bucket) => lines("lsf", "--recursive", "--files-only", `box:${bucket}`),
    deleteMany: (bucket, prefix) => rclone(["delete", `box:${bucket}/${prefix}`]),
    presignedPut: async (bytes, to) => {
      await upload(await signedBySdk(shop, to), bytes);
      const response = await fetch((await rclone(["link", remote(to)])).toString().trim());
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes), "what rclone signed can be read");
    },
  };
}

clientMatrix("rclone", rcloneClient, (bench) => {
  it("copy, sync, move: up only what changed, the bytes checked on both sides", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("trees");
    await shop.file("tree/one.txt", 10);
    const { bytes } = await shop.file("tree/below/two.txt", 20);
    await client.rclone(["copy", "tree", `box:${bucket}/t`]);
    await client.rclone(["copy", "tree", `box:${bucket}/t`]);
    assert.equal((await shop.changes(bucket)).length, 2, "the second copy finds nothing to do");
    await client.rclone(["check", "tree", `box:${bucket}/t`]);
    await client.rclone(["sync", `box:${bucket}/t`, "copy"]);
    assert.deepEqual(await readFile(join(shop.home, "copy/below/two.txt")), bytes);
    await client.rclone(["sync", "tree/below", `box:${bucket}/t`]);
    assert.deepEqual(await client.list(bucket), ["t/two.txt"]);
    await client.rclone(["move", `box:${bucket}/t`, `box:${bucket}/moved`]);
    assert.deepEqual(await client.list(bucket), ["moved/two.txt"]);
  });

  it("--s3-use-presigned-request: refused, since it gives the length of its body twice", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("twice");
    const args = ["rcat", "--s3-use-presigned-request", "--low-level-retries", "1", "--retries", "1"];
    await assert.rejects(client.rclone([...args, `box:${bucket}/k`], Buffer.from("hello")), /400 Bad Request/);
    assert.deepEqual(await shop.changes(bucket), []);
  });

  it("dedupe of what is there: an object with the same bytes is not uploaded again", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("again");
    const { path } = await shop.file("again.bin", 1_000);
    await client.put(path, { bucket, key: "again.bin" });
    await client.put(path, { bucket, key: "again.bin" });
    assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT again.bin PutObject"]);
  });
});
