import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { putEvent } from "./support/events.ts";
import { Receiver } from "./support/receiver.ts";
import { benchServer, median } from "./support/server.ts";

/**
 * Does anything grow? Events at full rate, published through the library and delivered, while everything that is done is
 * dropped after one minute. Every 30 s: the rate, the memory of this process, and the bytes in the data folder. The verdict
 * compares the last third with the second, when what is kept for a minute has long been there.
 */

const minutes = Number(process.argv[2] ?? 10);
const reportMs = 30_000;
const window = 256;
const retentionDays = "0.000694";
const key = "k".repeat(800);

using receiver = await Receiver.start();
await using server = await benchServer({
  SIGNALBOX_RETENTION_DAYS: retentionDays,
  SIGNALBOX_RETENTION_DEAD_DAYS: retentionDays,
});
const { signalbox, api, folder } = server;
const bucket = await server.bucket("bench");
await api("POST", `/api/cloud/buckets/${bucket.name}/notifications/`, {
  url: `http://127.0.0.1:${receiver.port}/hook`,
});

interface Report {
  readonly rssMiB: number;
  readonly diskMiB: number;
  readonly rate: number;
}

async function bytesIn(path: string): Promise<number> {
  const names = await readdir(path);
  const sizes = await Promise.all(names.map((name) => stat(join(path, name)).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const reports: Report[] = [];
const started = performance.now();
let published = 0;
let reported = { atMs: started, answered: 0 };
let failure: unknown;
while (performance.now() - started < minutes * 60_000) {
  for (; published - receiver.answered < window; published += 1) {
    signalbox.publish(putEvent(bucket, key)).catch((error: unknown) => {
      failure = error;
    });
  }
  await receiver.news();
  if (failure !== undefined) throw failure;
  const nowMs = performance.now();
  if (nowMs - reported.atMs < reportMs) continue;
  const report = {
    rssMiB: process.memoryUsage().rss / 2 ** 20,
    diskMiB: (await bytesIn(folder)) / 2 ** 20,
    rate: ((receiver.answered - reported.answered) / (nowMs - reported.atMs)) * 1_000,
  };
  reported = { atMs: nowMs, answered: receiver.answered };
  reports.push(report);
  const at = `${((nowMs - started) / 60_000).toFixed(1)} min`;
  console.log(
    `${at}: ${report.rate.toFixed(0)}/s, ${report.rssMiB.toFixed(0)} MiB memory, ${report.diskMiB.toFixed(0)} MiB on disk`,
  );
}
while (receiver.answered < published) await receiver.news();

const third = Math.floor(reports.length / 3);
const growth = (of: (report: Report) => number): string => {
  const before = median(reports.slice(third, 2 * third).map(of));
  const after = median(reports.slice(-third).map(of));
  return `${before.toFixed(0)} to ${after.toFixed(0)} MiB`;
};
console.log(
  `${published} events delivered; from the second third to the last: memory ${growth((report) => report.rssMiB)},`,
);
console.log(`disk ${growth((report) => report.diskMiB)}`);
const memory = (reports: readonly Report[]): number => median(reports.map((report) => report.rssMiB));
console.log(`ratio ${(memory(reports.slice(-third)) / memory(reports.slice(third, 2 * third))).toFixed(2)}`);
