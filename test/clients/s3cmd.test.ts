import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { installed, type Workshop } from "./harness.ts";
import { type Client, clientMatrix, type Place } from "./matrix.ts";
import { signedBySdk, upload } from "./presigned.ts";

interface S3cmd extends Client {
  s3cmd(args: readonly string[], input?: Buffer): Promise<string>;
}

const uri = ({ bucket, key }: Place): string => `s3://${bucket}/${key}`;

async function s3cmdClient(shop: Workshop): Promise<S3cmd> {
  const command = installed("s3cmd");
  const { accessKeyId, secretAccessKey } = shop.server.credentials;
  const { host } = new URL(shop.server.s3Url);
  const settings = [
    "[default]",
    `access_key = ${accessKeyId}`,
    `secret_key = ${secretAccessKey}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    "use_https = False",
  ];
  await writeFile(join(shop.home, ".s3cfg"), `${settings.join("\n")}\n`);
  const s3cmd = async (args: readonly string[], input?: Buffer): Promise<string> => {
    return (await shop.run(command, args, input === undefined ? {} : { input })).toString();
  };
  const lines = async (...args: readonly string[]): Promise<string[]> =>
    (await s3cmd(args)).split("\n").filter((line) => line.includes("s3://"));
  return {
    s3cmd,
    partBytes: 15 * 2 ** 20,
    // It sends what it reads from standard input in parts, however little that is.
    reasons: { stream: "CompleteMultipartUpload", deleteMany: "DeleteObjects" },
    makeBucket: (bucket) => s3cmd(["mb", `s3://${bucket}`]),
    buckets: async () => (await lines("ls")).map((line) => line.replace(/^.*s3:\/\//, "")),
    removeBucket: (bucket) => s3cmd(["rb", `s3://${bucket}`]),
    put: (file, to) => s3cmd(["put", file, uri(to)]),
    putStream: (bytes, to) => s3cmd(["put", "-", uri(to)], bytes),
    get: (from, file) => s3cmd(["get", uri(from), file]),
    // It asks for a range when it has the beginning already.
    getFrom: async (from, first) => {
      await writeFile(join(shop.home, "range.got"), "x".repeat(first));
      await s3cmd(["get", "--continue", uri(from), "range.got"]);
      return (await readFile(join(shop.home, "range.got"))).subarray(first);
    },
    copy: (from, to) => s3cmd(["cp", uri(from), uri(to)]),
    move: (from, to) => s3cmd(["mv", uri(from), uri(to)]),
    list: async (bucket) =>
      (await lines("ls", "--recursive", `s3://${bucket}`)).map((line) =>
        line.slice(line.indexOf("s3://") + `s3://${bucket}/`.length),
      ),
    deleteMany: (bucket, prefix) => s3cmd(["del", "--recursive", "--force", `s3://${bucket}/${prefix}`]),
    presignedPut: async (bytes, to) => {
      await upload(await signedBySdk(shop, to), bytes);
      await s3cmd(["get", uri(to), "presigned.got"]);
      assert.ok((await readFile(join(shop.home, "presigned.got"))).equals(bytes));
    },
  };
}

clientMatrix("s3cmd", s3cmdClient, (bench) => {
  it("info: of a bucket and of an object", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("info");
    await shop.put(bucket, "k", "hello");
    assert.match(await client.s3cmd(["info", `s3://${bucket}`]), /Location:\s+\S+/);
    assert.match(await client.s3cmd(["info", `s3://${bucket}/k`]), /MD5 sum:\s+5d41402abc4b2a76b9719d911017c592/);
  });

  it("sync: up only what changed, and down", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("sync");
    await shop.file("tree/one.txt", 10);
    const { bytes } = await shop.file("tree/below/two.txt", 20);
    await client.s3cmd(["sync", "tree/", `s3://${bucket}/`]);
    await client.s3cmd(["sync", "tree/", `s3://${bucket}/`]);
    assert.equal((await shop.changes(bucket)).length, 2, "the second sync finds nothing to do");
    await client.s3cmd(["sync", `s3://${bucket}/`, "copy/"]);
    assert.deepEqual(await readFile(join(shop.home, "copy/below/two.txt")), bytes);
  });

  it("signurl: its URL can be read", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("signurl");
    await shop.put(bucket, "k", "hello");
    const url = (await client.s3cmd(["signurl", `s3://${bucket}/k`, "+60"])).trim();
    const response = await fetch(url);
    assert.equal(await response.text(), "hello");
  });
});
