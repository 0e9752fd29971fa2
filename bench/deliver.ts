import { createHmac, createSecretKey, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { setHeapFlags } from "../src/cli/heap.ts";
import { exampleETag, putEvent } from "./support/events.ts";
import { atLeast, say } from "./support/figure.ts";
import { followers } from "./support/followers.ts";
import { median } from "./support/quantiles.ts";
import { Receiver } from "./support/receiver.ts";
import { benchServer, benchToken } from "./support/server.ts";

/**
 * How fast events get from `publish` to an acknowledged, signed 1 KiB webhook, every event on disk first, against a bare
 * undici loop that signs and posts the same bytes to the same sink (a plain Node server in a process of its own) over as many connections. In
 * turn, in one run; medians. A window is how many events are published and not yet acknowledged: with few the way through the disk is
 * hardly full, with many most of them wait for a slot. The last line is the least of their ratios.
 *
 *   npm run bench:deliver -- [rounds] [--windows 192,1024,8192]
 *   npm run bench:deliver -- [rounds] [--readers 20]    with readers of the live stream in every second round: what they cost
 *   npm run bench:deliver -- [rounds] [--senders 2]     with threads that sign and send; each needs a core of its own
 *   npm run bench:deliver -- [rounds] [--batch 100]     so many in one request, against one in each, in turn
 */

const { values: options, positionals } = parseArgs({
  options: {
    readers: { type: "string" },
    senders: { type: "string" },
    windows: { type: "string" },
    batch: { type: "string" },
  },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? 5);
const windows = (options.windows ?? "192,1024,8192").split(",").map(Number);
const [leastWindow = 192] = windows;
const readers = Number(options.readers ?? 0);
const senders = options.senders ?? "0";
const together = Number(options.batch ?? 0);
const roundMs = 3_000;
const connections = 64;
const bodyBytes = 1_024;

// As `serve` has it.
setHeapFlags();
using receiver = await Receiver.start();
const url = `http://127.0.0.1:${receiver.port}`;
await using server = await benchServer({ SIGNALBOX_SENDERS: senders });
const { signalbox, api } = server;

const bucket = await server.bucket("bench");
const rule = await api<{ signing_secret: string }>("POST", `/api/cloud/buckets/${bucket.name}/notifications/`, {
  url: `${url}/hook`,
});

/** The payload of an event whose key makes it exactly 1 KiB. */
const example = (key: string, time = new Date().toISOString()): string =>
  JSON.stringify({
    events: [
      {
        eventVersion: "1",
        eventSource: "signalbox",
        eventName: "OBJECT_CREATED_PUT",
        eventTime: time,
        bucket: bucket.name,
        object: { key, size: 1024, eTag: exampleETag },
      },
    ],
  });
const key = "k".repeat(bodyBytes - example("").length);
const body = example(key);
if (Buffer.byteLength(body) !== bodyBytes) throw new Error("the payload is not 1 KiB");

/** Of the last {@link ours}: microseconds of the processor for each event, of the main thread and of all others together. */
let cost = { main: 0, others: 0 };

/** Microseconds of the processor so far. */
function spent(): { readonly main: number; readonly all: number } {
  const [main, all] = [process.threadCpuUsage(), process.cpuUsage()];
  return { main: main.user + main.system, all: all.user + all.system };
}

/** Events a second from `publish` to acknowledged, of a bucket whose rule has sent nothing else. */
async function ours(window = leastWindow, to = bucket): Promise<number> {
  const before = receiver.answered;
  const spentBefore = spent();
  const started = performance.now();
  let published = 0;
  let failure: unknown;
  while (performance.now() - started < roundMs) {
    while (published - (receiver.answered - before) < window) {
      published += 1;
      signalbox.publish(putEvent(to, key)).catch((error: unknown) => {
        failure = error;
      });
    }
    await receiver.news();
    if (failure !== undefined) throw failure;
  }
  const rate = ((receiver.answered - before) / (performance.now() - started)) * 1_000;
  while (receiver.answered - before < published) await receiver.news();
  const [main, all] = [spent().main - spentBefore.main, spent().all - spentBefore.all];
  cost = { main: main / published, others: (all - main) / published };
  return rate;
}

const pool = new Pool(url, { connections });
const signing = createSecretKey(Buffer.from(rule.signing_secret.slice("whsec_".length), "base64"));

/** Requests a second of a loop that signs and posts the same bytes, and does nothing else. */
async function bare(): Promise<number> {
  const started = performance.now();
  let sent = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - started < roundMs) {
      const id = `0000000000000000-${randomUUID()}-042`;
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const mac = createHmac("sha256", signing).update(`${id}.${timestamp}.`).update(body).digest("base64");
      const answer = await pool.request({
        method: "POST",
        path: "/hook",
        headers: {
          "content-type": "application/json",
          "user-agent": "bare",
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${mac}`,
          "x-signalbox-sequence": "0000000000000000",
        },
        body,
      });
      await answer.body.dump();
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return (sent / (performance.now() - started)) * 1_000;
}

/** The same with readers of the live stream. */
async function followed(): Promise<number> {
  await using reading = await followers(signalbox.url, benchToken, readers);
  const rate = await ours();
  const { items, missed } = await reading.given();
  console.log(`  each reader was given ${items}, and the number of ${missed} more`);
  return rate;
}

/** What readers cost: rounds with and without, in turn. */
async function compareReaders(): Promise<void> {
  await ours();
  const results: { readonly alone: number; readonly followed: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // What comes second finds more in the database.
    const [first, second] = round % 2 === 0 ? [await followed(), await ours()] : [await ours(), await followed()];
    const result = round % 2 === 0 ? { alone: second, followed: first } : { alone: first, followed: second };
    results.push(result);
    console.log(`round ${round}: alone ${result.alone.toFixed(0)}/s, followed ${result.followed.toFixed(0)}/s`);
  }
  const aloneRate = median(results.map((result) => result.alone));
  const followedRate = median(results.map((result) => result.followed));
  say({
    name: "deliver read",
    value: median(results.map((result) => result.followed / result.alone)),
    of: `${followedRate.toFixed(0)}/s with ${readers} readers, ${aloneRate.toFixed(0)}/s alone`,
  });
}

/** What an event costs that goes to no subscription: the same in both. */
async function unsent(to: typeof bucket, count = 20_000): Promise<typeof cost> {
  const before = spent();
  for (let published = 0; published < count; published += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, () => signalbox.publish(putEvent(to, key))));
  }
  const [main, all] = [spent().main - before.main, spent().all - before.all];
  return { main: main / count, others: (all - main) / count };
}

const backlogEvents = 20_000;
let backlogs = 0;

/** Deliveries a second of what waits in the store, as after a night without a receiver: the rule was all but stopped, and is let go. */
async function backlog(batch: object | null): Promise<number> {
  const own = await server.bucket(`backlog-${(backlogs += 1)}`);
  const path = `/api/cloud/buckets/${own.name}/notifications/`;
  const { id } = await api<{ id: string }>("POST", path, { url: `${url}/batch`, batch, max_per_second: 0.01 });
  for (let published = 0; published < backlogEvents; published += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, () => signalbox.publish(putEvent(own, key))));
  }
  const waiting = async (): Promise<number> => (await api<{ waiting: number }>("GET", "/api/cloud/overview/")).waiting;
  // The first few are sent before the rate holds the others.
  while ((await waiting()) < backlogEvents - 2 * Math.max(1, together))
    await new Promise((resolve) => setTimeout(resolve, 100));
  const before = receiver.answered;
  const started = performance.now();
  await api("PATCH", `${path}${id}/`, { max_per_second: null });
  const most = backlogEvents - 2 * Math.max(1, together);
  while (receiver.answered - before < most) await receiver.news();
  return ((receiver.answered - before) / (performance.now() - started)) * 1_000;
}

/** What batches spare: rounds with and without, in turn. */
async function compareBatches(): Promise<void> {
  const [window = leastWindow] = windows;
  const many = await server.bucket("batched");
  const batched = { max_events: together, max_wait_ms: 20 };
  await api("POST", `/api/cloud/buckets/${many.name}/notifications/`, {
    url: `${url}/batch`,
    batch: batched,
  });
  const round = async (of: typeof bucket) => ({ rate: await ours(window, of), cost });
  await round(bucket);
  await round(many);
  const none = await unsent(await server.bucket("unwatched"));
  const results: {
    readonly one: Awaited<ReturnType<typeof round>>;
    readonly batch: Awaited<ReturnType<typeof round>>;
  }[] = [];
  for (let count = 1; count <= rounds; count += 1) {
    const [one, batch] = [await round(bucket), await round(many)];
    results.push({ one, batch });
    console.log(`round ${count}: one by one ${one.rate.toFixed(0)}/s, ${together} together ${batch.rate.toFixed(0)}/s`);
  }
  const of = (figure: (result: (typeof results)[number]) => number): number => median(results.map(figure));
  const costs = (which: "one" | "batch"): string =>
    `${of((result) => result[which].cost.main).toFixed(1)} and ${of((result) => result[which].cost.others).toFixed(1)}`;
  const [oneRate, batchRate] = [of(({ one }) => one.rate), of(({ batch }) => batch.rate)];
  say({
    name: `deliver batch ${together}`,
    value: of(({ one, batch }) => batch.rate / one.rate),
    of: `${batchRate.toFixed(0)}/s together, ${oneRate.toFixed(0)}/s one by one, window ${window}; µs of the main thread and of others: ${costs("batch")}, for ${costs("one")}; without a subscriber ${none.main.toFixed(1)} and ${none.others.toFixed(1)}`,
  });
  const waited: { readonly one: number; readonly batch: number }[] = [];
  for (let count = 1; count <= rounds; count += 1) {
    const [one, batch] = [await backlog(null), await backlog(batched)];
    waited.push({ one, batch });
    console.log(
      `round ${count}: of a backlog one by one ${one.toFixed(0)}/s, ${together} together ${batch.toFixed(0)}/s`,
    );
  }
  const [alone, joined] = [median(waited.map(({ one }) => one)), median(waited.map(({ batch }) => batch))];
  say({
    name: `deliver backlog batch ${together}`,
    value: median(waited.map(({ one, batch }) => batch / one)),
    goal: atLeast(3),
    of: `${joined.toFixed(0)}/s together, ${alone.toFixed(0)}/s one by one, of ${backlogEvents} that waited`,
  });
}

interface Round {
  readonly bare: number;
  /** By window. */
  readonly ours: readonly { readonly rate: number; readonly cost: typeof cost }[];
}

async function round(): Promise<Round> {
  const bareRate = await bare();
  const each: { readonly rate: number; readonly cost: typeof cost }[] = [];
  for (const window of windows) each.push({ rate: await ours(window), cost });
  return { bare: bareRate, ours: each };
}

async function compareBare(): Promise<void> {
  // The first of each warms up and does not count.
  await round();
  const results: Round[] = [];
  for (let count = 1; count <= rounds; count += 1) {
    const result = await round();
    results.push(result);
    const rates = result.ours.map(({ rate }, index) => `${rate.toFixed(0)}/s of ${windows[index]}`);
    console.log(`round ${count}: bare ${result.bare.toFixed(0)}/s, durable ${rates.join(", ")}`);
  }
  const bareRate = median(results.map((result) => result.bare));
  const figures = windows.map((window, index) => {
    const of = (figure: (one: Round["ours"][number]) => number): number =>
      median(results.map(({ ours: each }) => figure(each[index] ?? { rate: 0, cost })));
    const rate = of((one) => one.rate);
    const spentBy = `${of((one) => one.cost.main).toFixed(1)} µs of the main thread, ${of((one) => one.cost.others).toFixed(1)} of others`;
    return {
      name: `deliver window ${window}`,
      value: rate / bareRate,
      goal: atLeast(0.7),
      of: `${rate.toFixed(0)}/s durable and delivered, a bare loop ${bareRate.toFixed(0)}/s; ${spentBy}`,
    };
  });
  const [least] = figures.toSorted((one, other) => one.value - other.value);
  say(...figures);
  if (least !== undefined) say({ ...least, name: "deliver" });
}

if (together > 0) await compareBatches();
else await (readers > 0 ? compareReaders() : compareBare());
await pool.close();
