import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { putEvent } from "./support/events.ts";
import { atMost, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";
import { Receiver } from "./support/receiver.ts";
import { benchServer } from "./support/server.ts";

/**
 * Does anything grow? Events at full rate, published through the library and delivered, while everything that is done is
 * dropped after one minute. Twenty times: the rate, the memory of this process, and the bytes in the data folder. The verdict
 * compares the last third with the second, when what is kept for a minute has long been there.
 *
 *   npm run bench:soak -- [minutes]
 */

const minutes = Number(process.argv[2] ?? 10);
const reportMs = minutes * 3_000;
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
const ofThirds = (of: (report: Report) => number): { readonly second: number; readonly last: number } => ({
  second: median(reports.slice(third, 2 * third).map(of)),
  last: median(reports.slice(-third).map(of)),
});
const [memory, disk] = [ofThirds((report) => report.rssMiB), ofThirds((report) => report.diskMiB)];
console.log(`${published} events delivered, ${((published / minutes / 60_000) * 1_000).toFixed(0)} a second`);
say(
  {
    name: "soak disk",
    value: disk.last / disk.second,
    of: `${disk.second.toFixed(0)} MiB, then ${disk.last.toFixed(0)}`,
  },
  {
    name: "soak",
    value: memory.last / memory.second,
    goal: atMost(1.05),
    of: `memory ${memory.second.toFixed(0)} MiB, then ${memory.last.toFixed(0)}, ${published} events in ${minutes} minutes`,
  },
);
