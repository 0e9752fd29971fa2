import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { installed, type RunOptions, type Workshop } from "./harness.ts";
import { type Client, clientMatrix, type Place } from "./matrix.ts";
import { signedBySdk, upload } from "./presigned.ts";

interface AwsCli extends Client {
  aws(args: readonly string[], input?: Buffer): Promise<string>;
}

const uri = ({ bucket, key }: Place): string => `s3://${bucket}/${key}`;

function awsCli(shop: Workshop): AwsCli {
  const command = installed("aws");
  const { accessKeyId, secretAccessKey } = shop.server.credentials;
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
  const aws = async (args: readonly string[], input?: Buffer): Promise<string> => {
    const options: RunOptions = { env, ...(input === undefined ? {} : { input }) };
    return (await shop.run(command, ["--endpoint-url", shop.server.s3Url, ...args], options)).toString();
  };
  return {
    aws,
    partBytes: 8 * 2 ** 20,
    reasons: { stream: "PutObject", deleteMany: "DeleteObject" },
    makeBucket: (bucket) => aws(["s3", "mb", `s3://${bucket}`]),
    buckets: async () => (await aws(["s3", "ls"])).split("\n").map((line) => line.split(" ").at(-1) ?? ""),
    removeBucket: (bucket) => aws(["s3", "rb", `s3://${bucket}`]),
    put: (file, to) => aws(["s3", "cp", file, uri(to)]),
    putStream: (bytes, to) => aws(["s3", "cp", "-", uri(to)], bytes),
    get: (from, file) => aws(["s3", "cp", uri(from), file]),
    getFrom: async ({ bucket, key }, first) => {
      const range = `bytes=${first}-`;
      await aws(["s3api", "get-object", "--bucket", bucket, "--key", key, "--range", range, "range.got"]);
      return readFile(join(shop.home, "range.got"));
    },
    copy: (from, to) => aws(["s3", "cp", uri(from), uri(to)]),
    move: (from, to) => aws(["s3", "mv", uri(from), uri(to)]),
    // Date, time and size stand before the key, in columns.
    list: async (bucket) => {
      const lines = (await aws(["s3", "ls", "--recursive", `s3://${bucket}`])).split("\n");
      return lines.filter((line) => line !== "").map((line) => line.replace(/^\S+ \S+ +\d+ /, ""));
    },
    deleteMany: (bucket, prefix) => aws(["s3", "rm", "--recursive", `s3://${bucket}/${prefix}`]),
    presignedPut: async (bytes, to) => {
      await upload(await signedBySdk(shop, to), bytes);
      const signed = (await aws(["s3", "presign", uri(to)])).trim();
      const response = await fetch(signed);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes), "what aws-cli signed can be read");
    },
  };
}

clientMatrix("aws-cli", awsCli, (bench) => {
  it("s3api delete-objects: one event per key, none for what was not there", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("delete-objects");
    for (const key of ["a", "b"]) await shop.put(bucket, key, key);
    const request = JSON.stringify({ Objects: ["a", "b", "never"].map((Key) => ({ Key })) });
    await client.aws(["s3api", "delete-objects", "--bucket", bucket, "--delete", request]);
    const deletes = (await shop.changes(bucket)).filter((change) => change.startsWith("OBJECT_DELETED"));
    assert.deepEqual(deletes.toSorted(), ["OBJECT_DELETED a DeleteObjects", "OBJECT_DELETED b DeleteObjects"]);
  });

  it("s3 sync: up only what changed, down with the same bytes, --delete tells of what went", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("sync");
    await shop.file("tree/one.txt", 10);
    const { bytes } = await shop.file("tree/below/two.txt", 20);
    await client.aws(["s3", "sync", "tree", `s3://${bucket}`]);
    await client.aws(["s3", "sync", "tree", `s3://${bucket}`]);
    assert.equal((await shop.changes(bucket)).length, 2, "the second sync finds nothing to do");
    await client.aws(["s3", "sync", `s3://${bucket}`, "copy"]);
    assert.deepEqual(await readFile(join(shop.home, "copy/below/two.txt")), bytes);
    await client.aws(["s3", "sync", "--delete", "tree/below", `s3://${bucket}/below`]);
    await client.aws(["s3", "sync", "--delete", "tree/below", `s3://${bucket}`]);
    assert.deepEqual((await client.list(bucket)).toSorted(), ["two.txt"]);
    assert.deepEqual((await shop.changes(bucket)).slice(2).toSorted(), [
      "OBJECT_CREATED_PUT two.txt PutObject",
      "OBJECT_DELETED below/two.txt DeleteObject",
      "OBJECT_DELETED one.txt DeleteObject",
    ]);
  });

  it("s3api put-object and head-object: metadata and tags", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("metadata");
    await writeFile(join(shop.home, "m.txt"), "m");
    const to = ["--bucket", bucket, "--key", "m.txt"];
    const about = ["--content-type", "text/plain", "--metadata", "colour=blue", "--tagging", "kind=test"];
    await client.aws(["s3api", "put-object", ...to, "--body", "m.txt", ...about]);
    const head = JSON.parse(await client.aws(["s3api", "head-object", ...to])) as Record<string, unknown>;
    assert.deepEqual([head["ContentType"], head["Metadata"]], ["text/plain", { colour: "blue" }]);
    const { TagSet } = JSON.parse(await client.aws(["s3api", "get-object-tagging", ...to])) as { TagSet: unknown };
    assert.deepEqual(TagSet, [{ Key: "kind", Value: "test" }]);
  });

  it("s3 rb --force: every object's delete is told", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("forced");
    await shop.put(bucket, "last", "one");
    await client.aws(["s3", "rb", "--force", `s3://${bucket}`]);
    assert.ok(!(await client.buckets()).includes(bucket));
  });
});
