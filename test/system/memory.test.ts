/** Bodies stream: a gigabyte on its way through leaves no trace in the process's memory. Needs Linux, and root to reset the peak. */
import assert from "node:assert/strict";
import { createHash, type Hash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { credentials, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { sign } from "../support/sign.ts";

const Bucket = "alpha";
const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const allowedRise = 64 * mebibyte;

/** Bytes that a sparse or compressing disk cannot spare, the same each time. */
function* content(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024);
  for (let at = 0; at < piece.length; at += 32) createHash("sha256").update(String(at)).digest().copy(piece, at);
  for (let left = size; left > 0; left -= piece.length) {
    piece.writeUInt32BE(left % 2 ** 32);
    yield Buffer.from(piece.subarray(0, left));
  }
}

function digestOf(size: number): string {
  const hash = createHash("sha256");
  for (const piece of content(size)) hash.update(piece);
  return hash.digest("hex");
}

/** Resident bytes: now, or the most since the last reset. */
async function resident(pid: number, which: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** The most that `work` made resident. */
async function peakOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, "5").catch((cause: unknown) => {
    throw new Error("this test resets a peak of memory: run `npm run test:system` as root on Linux", { cause });
  });
  await work();
  return resident(pid, "VmHWM");
}

function asked(server: ServerProcess, method: "GET" | "PUT", key: string, size = 0) {
  const url = new URL(server.s3Url);
  const { target, headers } = sign(url.host, credentials, { method, path: `/${Bucket}/${key}` });
  const length = method === "PUT" ? { "content-length": String(size) } : {};
  return httpRequest({ host: url.hostname, port: url.port, method, path: target, headers: { ...headers, ...length } });
}

async function answerOf(request: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
}

/** One request with a bare body, as `UNSIGNED-PAYLOAD` has it. */
async function upload(server: ServerProcess, key: string, size: number): Promise<void> {
  const request = asked(server, "PUT", key, size);
  const [answer] = await Promise.all([answerOf(request), pipeline(Readable.from(content(size)), request)]);
  answer.resume();
  assert.equal(answer.statusCode, 200);
}

/** The SHA-256 of what comes. */
async function download(server: ServerProcess, key: string): Promise<string> {
  const request = asked(server, "GET", key);
  request.end();
  const answer = await answerOf(request);
  assert.equal(answer.statusCode, 200);
  const hash: Hash = createHash("sha256");
  for await (const piece of answer) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** As the SDK sends a stream: in chunks, with a checksum behind them. */
async function uploadChunked({ s3 }: ServerProcess, Key: string, size: number): Promise<void> {
  const Body = Readable.from(content(size), { objectMode: false });
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size, ChecksumAlgorithm: "CRC32" }));
}

describe("a gigabyte", () => {
  it("passes through, up and down, with less than 64 MiB more than the process has at rest", async (t) => {
    await using cleanup = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "signalbox-memory-"));
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const server = cleanup.use(await serverProcess({ folder }));
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    for (const way of [upload, uploadChunked]) await way(server, "small", mebibyte);
    assert.equal(await download(server, "small"), digestOf(mebibyte));
    const baseline = await resident(server.pid, "VmRSS");
    const digest = digestOf(gibibyte);
    const shown = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`;
    const steps: readonly (readonly [string, () => Promise<void>])[] = [
      ["an upload", () => upload(server, "large", gibibyte)],
      ["a download", async () => assert.equal(await download(server, "large"), digest)],
      ["an upload in chunks", () => uploadChunked(server, "large", gibibyte)],
      ["a download of that", async () => assert.equal(await download(server, "large"), digest)],
    ];
    for (const [name, work] of steps) {
      const rise = (await peakOf(server.pid, work)) - baseline;
      t.diagnostic(`${name}: ${shown(rise)} above ${shown(baseline)}`);
      assert.ok(rise <= allowedRise, `${name} raised it by ${shown(rise)}`);
    }
    assert.equal(await server.stop(), 0);
  });
});
