import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { putEvent } from "./support/events.ts";
import { atMost, say } from "./support/figure.ts";
import { median, percentile } from "./support/quantiles.ts";
import { type BenchServer, benchServer } from "./support/server.ts";

/**
 * Do sick targets cost the healthy ones anything? 1,000 rules, each on a prefix of its own, 500 events a second; every fourth
 * target hangs and every fourth refuses the connection. The p99 from publishing to arrival at the healthy half, against that
 * of the same half under the same 500 events a second when the others are well too. A fresh server for each run, in turn;
 * median of 3 runs.
 *
 *   npm run bench:sick -- [runs] [seconds each]
 */

const runs = Number(process.argv[2] ?? 3);
const runMs = Number(process.argv[3] ?? 20) * 1_000;
const rules = 1_000;
const eventsPerSecond = 500;
const tickMs = 10;
const bucketName = "bench";

/** `ok` targets are the healthy half, whose delays are noted; `other` ones are well, and their delays are not. */
type Health = "ok" | "other" | "hang" | "refuse";

function healthOf(rule: number, withSick: boolean): Health {
  if (rule % 2 === 0) return "ok";
  return withSick ? (rule % 4 === 1 ? "hang" : "refuse") : "other";
}

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

async function makeRules(api: BenchServer["api"], port: number, withSick: boolean): Promise<void> {
  const refusing = await deadPort();
  for (let rule = 0; rule < rules; rule += 1) {
    const health = healthOf(rule, withSick);
    await api("POST", `/api/cloud/buckets/${bucketName}/notifications/`, {
      url: `http://127.0.0.1:${health === "refuse" ? refusing : port}/${health}/${rule}`,
      filter: `WHERE key REGEXP "^p${rule}/"`,
    });
  }
}

/** The p99 in ms of what arrived at healthy targets. */
async function run(withSick: boolean): Promise<number> {
  const sink: ChildProcess = fork(new URL("./support/sick-sink.ts", import.meta.url));
  const [{ port }] = (await once(sink, "message")) as [{ port: number }];
  await using server = await benchServer({ SIGNALBOX_MAX_RULES_PER_BUCKET: String(rules) });
  const bucket = await server.bucket(bucketName);
  await makeRules(server.api, port, withSick);
  const started = performance.now();
  let sent = 0;
  while (performance.now() - started < runMs) {
    const wanted = ((performance.now() - started) / 1_000) * eventsPerSecond;
    for (; sent < wanted; sent += 1) {
      // A step that visits all rules before it comes back to one.
      const rule = (sent * 7) % rules;
      void server.signalbox.publish(putEvent(bucket, `p${rule}/object@${performance.timeOrigin + performance.now()}`));
    }
    await pause(tickMs);
  }
  await pause(500);
  sink.send("delays");
  const [{ delays }] = (await once(sink, "message")) as [{ delays: number[] }];
  sink.kill();
  const p99 = percentile(delays, 0.99);
  const what = withSick ? "half of them sick" : "all of them well";
  console.log(
    `${what}: ${delays.length} arrived, p50 ${percentile(delays, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  if (delays.length < (sent / 2) * 0.99)
    throw new Error(`only ${delays.length} of ${sent / 2} healthy deliveries arrived`);
  return p99;
}

const results: { readonly healthy: number; readonly sick: number }[] = [];
for (let count = 0; count < runs; count += 1) results.push({ healthy: await run(false), sick: await run(true) });
const ratios = results.map(({ healthy, sick }) => sick / healthy);
say({
  name: "sick",
  value: median(ratios),
  goal: atMost(1.2),
  of: `p99 ${median(results.map(({ sick }) => sick)).toFixed(1)} ms with half of the targets sick, ${median(results.map(({ healthy }) => healthy)).toFixed(1)} ms with all well`,
});
