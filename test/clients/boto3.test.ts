import assert from "node:assert/strict";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonWith, type Workshop } from "./harness.ts";
import { type Client, clientMatrix, type Place } from "./matrix.ts";

const script = fileURLToPath(new URL("./boto3-client.py", import.meta.url));

interface Boto3 extends Client {
  query(bucket: string, text: string): Promise<readonly string[]>;
  presignedPut(bytes: Buffer, to: Place, version?: "s3" | "s3v4"): Promise<unknown>;
}

async function boto3(shop: Workshop): Promise<Boto3> {
  const python = await pythonWith("boto3");
  const { accessKeyId, secretAccessKey } = shop.server.credentials;
  const env = {
    S3_URL: shop.server.s3Url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const call = (operation: string, args: readonly string[], input?: Buffer): Promise<Buffer> =>
    shop.run(python, [script, operation, ...args], { env, ...(input === undefined ? {} : { input }) });
  const names = async (operation: string, ...args: readonly string[]): Promise<readonly string[]> =>
    JSON.parse((await call(operation, args)).toString()) as string[];
  return {
    partBytes: 8 * 2 ** 20,
    reasons: { stream: "PutObject", deleteMany: "DeleteObjects" },
    makeBucket: (bucket) => call("make-bucket", [bucket]),
    buckets: () => names("buckets"),
    removeBucket: (bucket) => call("remove-bucket", [bucket]),
    put: (file, { bucket, key }) => call("put", [file, bucket, key]),
    putStream: (bytes, { bucket, key }) => call("put-stream", [bucket, key], bytes),
    get: ({ bucket, key }, file) => call("get", [bucket, key, file]),
    getFrom: ({ bucket, key }, first) => call("get-from", [bucket, key, String(first)]),
    copy: (from, to) => call("copy", [from.bucket, from.key, to.bucket, to.key]),
    move: (from, to) => call("move", [from.bucket, from.key, to.bucket, to.key]),
    list: (bucket) => names("list", bucket),
    deleteMany: (bucket, _prefix, keys) => call("delete-many", [bucket, ...keys]),
    query: (bucket, text) => names("query", bucket, text),
    // Signature Version 2 is what it signs URLs with by default.
    presignedPut: (bytes, { bucket, key }, version = "s3") => call("presigned-put", [bucket, key, version], bytes),
  };
}

clientMatrix("boto3", boto3, (bench) => {
  it("a query, page by page, in its order", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("queried");
    for (const [key, size] of [
      ["a.txt", 3],
      ["b.png", 5],
      ["c.txt", 1],
      ["d.txt", 4],
      ["e.txt", 2],
    ] as const) {
      const { path } = await shop.file(`queried-${key}`, size);
      await client.put(path, { bucket, key });
    }
    const bySize = await client.query(bucket, 'WHERE key REGEXP "\\.txt$" ORDER BY `Content-Length` DESC');
    assert.deepEqual(bySize, ["d.txt", "a.txt", "e.txt", "c.txt"]);
    assert.deepEqual(await client.query(bucket, "`Content-Length` > 2"), ["a.txt", "b.png", "d.txt"]);
  });

  it("presigned put with Signature Version 4", async () => {
    const { shop, client } = bench();
    const bucket = await shop.bucket("presigned-v4");
    const { bytes } = await shop.file("presigned-v4.bin", 5_000);
    await client.presignedPut(bytes, { bucket, key: "v4" }, "s3v4");
    assert.deepEqual((await shop.stored(bucket, "v4"))?.bytes, bytes);
  });
});
