import { fileBlobs } from "../../src/blobs/files.ts";
import { systemClock } from "../../src/clock.ts";
import { SignalboxError } from "../../src/errors.ts";

/**
 * Run by `files.test.ts` in a process of its own, whose limits and memory can be measured: writes `megabytes` to `folder`,
 * reads them back, and prints what became of it as JSON.
 */
const [folder = "", megabytes = "0"] = process.argv.slice(2);
const piece = 64 * 1024;
const data = Buffer.alloc(piece, 1);

// With a limit on the size of files (`ulimit -f`) a write then fails with EFBIG and does not kill.
process.on("SIGXFSZ", () => {});

let highest = 0;
const sample = (): void => {
  highest = Math.max(highest, process.memoryUsage.rss());
};

/** The same bytes again and again, so that only the memory of the store itself is measured. */
async function* source(size: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += piece) {
    sample();
    yield data;
  }
}

const blobs = await fileBlobs(folder, systemClock);
await blobs.write(source(4 * 1024 * 1024)).catch(() => {});
const before = process.memoryUsage.rss();
highest = before;
try {
  const { id, size } = await blobs.write(source(Number(megabytes) * 1024 * 1024));
  let read = 0;
  for await (const data of (await blobs.read(id, { start: 0, end: size - 1 })) ?? []) {
    read += (data as Buffer).length;
    sample();
  }
  process.stdout.write(JSON.stringify({ size, read, growth: highest - before }));
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error instanceof SignalboxError ? error.code : String(error) }));
}
