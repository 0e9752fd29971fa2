import { bucketBodies } from "./named-blobs.ts";

/** Run by `bodies.test.ts` in a process of its own, whose memory can be measured: writes `megabytes` to a bucket, reads them back, and prints what became of it. */
const [url = "", bucket = "", accessKeyId = "", secretAccessKey = "", megabytes = "0"] = process.argv.slice(2);
const piece = 64 * 1024;
const data = Buffer.alloc(piece, 1);
let highest = 0;
const sample = (): void => {
  highest = Math.max(highest, process.memoryUsage.rss());
};

async function* source(size: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += piece) {
    sample();
    yield data;
  }
}

await using opened = await bucketBodies({
  url,
  bucket,
  prefix: "probed",
  credentials: { accessKeyId, secretAccessKey },
});
const { bodies } = opened;
/** There and back. */
async function pass(body: string, bytes: number): Promise<{ readonly size: number; readonly read: number }> {
  const size = await bodies.write(body, source(bytes));
  let read = 0;
  for await (const part of (await bodies.read(body, { start: 0, end: size - 1 })) ?? []) {
    read += (part as Buffer).length;
    sample();
  }
  return { size, read };
}

// By then there is as much garbage as there ever is.
await pass("0".repeat(28), 48 * 1024 * 1024);
const before = highest;
const passed = await pass("1".repeat(28), Number(megabytes) * 1024 * 1024);
process.stdout.write(JSON.stringify({ ...passed, growth: highest - before }));
