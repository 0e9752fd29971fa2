import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillDeliveries } from "../test/support/many-deliveries.ts";
import { atLeast, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";
import { Receiver } from "./support/receiver.ts";
import { benchServer } from "./support/server.ts";
import { webhooks } from "./support/webhooks.ts";

/**
 * Does the past cost anything? The rate of `bench:deliver` on a folder with a million past events, of which 200,000 have a delivery that is parked
 * and the others one that was acknowledged, against the same on an empty folder: two servers in this process, in turn, the median of the ratios of
 * rounds. The past is made through the store, in commits of thousands, before the servers start.
 *
 *   npm run bench:history -- [--events 1000000] [--parked 200000] [--rounds 9] [--seconds 3] [--window 192]
 *
 * Ten million with a million parked: `--events 10000000 --parked 1000000`, which takes 5 GB in the folder for temporary files, and some minutes.
 * With `--folder F` the past is made in `F` unless it has one already, and stays there.
 */

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    parked: { type: "string", default: "200000" },
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "3" },
    window: { type: "string", default: "192" },
    folder: { type: "string" },
  },
});
const [events, parked] = [Number(values.events), Number(values.parked)];
const [rounds, roundMs, window] = [Number(values.rounds), Number(values.seconds) * 1_000, Number(values.window)];
/** What is dropped meanwhile would be measured with it. */
const kept = { SIGNALBOX_RETENTION_DAYS: "3650", SIGNALBOX_RETENTION_DEAD_DAYS: "3650" };

async function fill(folder: string): Promise<void> {
  const sinceMs = performance.now();
  let rule: string;
  {
    await using server = await benchServer({ SIGNALBOX_DATA: folder, ...kept });
    await server.bucket("photos");
    const url = "https://receiver.example/";
    rule = (await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/photos/notifications/", { url })).id;
  }
  const every = Math.max(1, Math.floor(events / parked));
  const statusOf = (index: number): "waiting" | "delivered" =>
    index % every === 0 && index / every < parked ? "waiting" : "delivered";
  await fillDeliveries({ folder, bucket: "photos", rules: [rule], count: events, statusOf });
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ size }) => size)));
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  const seconds = (performance.now() - sinceMs) / 1_000;
  console.log(
    `${events} events, ${parked} of them parked: ${megabytes.toFixed(0)} MB, made in ${seconds.toFixed(0)} s`,
  );
}

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "signalbox-bench-")));
try {
  if (!existsSync(join(folder, "signalbox.db"))) await fill(folder);
  using receiver = await Receiver.start();
  const sinceMs = performance.now();
  await using old = await benchServer({ SIGNALBOX_DATA: folder, ...kept });
  console.log(`a server started on it in ${(performance.now() - sinceMs).toFixed(0)} ms`);
  await using young = await benchServer(kept);
  // A folder that stays has the buckets of earlier runs.
  const bucket = `bench-${Date.now()}`;
  const withPast = await webhooks({ server: old, receiver }, bucket);
  const without = await webhooks({ server: young, receiver }, bucket);
  const results: { readonly old: number; readonly young: number }[] = [];
  // The first warms up.
  for (let round = 0; round <= rounds; round += 1) {
    // Neither is always the one that finds what the other left.
    const order = round % 2 === 0 ? [withPast, without] : [without, withPast];
    const rates = new Map<typeof withPast, number>();
    for (const one of order) rates.set(one, await one.rate(roundMs, window));
    const result = { old: rates.get(withPast) ?? Number.NaN, young: rates.get(without) ?? Number.NaN };
    if (round === 0) continue;
    results.push(result);
    console.log(`round ${round}: with the past ${result.old.toFixed(0)}/s, without ${result.young.toFixed(0)}/s`);
  }
  const [oldRate, youngRate] = [median(results.map(({ old }) => old)), median(results.map(({ young }) => young))];
  say({
    name: "history",
    value: median(results.map(({ old, young }) => old / young)),
    goal: atLeast(0.95),
    of: `${oldRate.toFixed(0)} durable webhooks/s with ${events} past events and ${parked} parked, ${youngRate.toFixed(0)}/s without`,
  });
} finally {
  if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
}
