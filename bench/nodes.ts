import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { atLeast, atMost, type Figure, say } from "./support/figure.ts";
import type { NodeDone, NodeTask } from "./support/node.ts";
import { median } from "./support/quantiles.ts";
import { benchPostgres } from "./support/stores.ts";

/**
 * What three nodes do on one PostgreSQL, each a process, against what one of them does: events with their deliveries, both durable. In turn, in one run, in
 * windows; medians of the ratios. Each commit takes some milliseconds, as with a standby that must have it too: otherwise the processors of this one
 * machine are what bounds them all.
 *
 *   npm run bench:nodes -- [rounds] [--window 700] [--commit-ms 3] [--nodes 3]
 *   npm run bench:nodes -- --snapshot 600       also: one node while another session holds a snapshot for so many seconds
 */

const { values: options, positionals } = parseArgs({
  options: {
    window: { type: "string" },
    "commit-ms": { type: "string" },
    nodes: { type: "string" },
    snapshot: { type: "string" },
  },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? 15);
const ms = Number(options.window ?? 700);
const commitMs = Number(options["commit-ms"] ?? 3);
const count = Number(options.nodes ?? 3);
const callers = 64;

await using server = await benchPostgres(commitMs);
const url = await server.database();
const nodes: ChildProcess[] = [];
for (let index = 0; index < count; index += 1) nodes.push(await started(`tenant-${index}`));

async function started(tenant: string): Promise<ChildProcess> {
  const child = fork(new URL("support/node.ts", import.meta.url), [url, tenant], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await once(child, "message");
  return child;
}

async function worked(some: readonly ChildProcess[], task: NodeTask = { callers, ms }): Promise<readonly NodeDone[]> {
  return Promise.all(
    some.map(async (node) => {
      const answer = once(node, "message");
      node.send(task);
      return ((await answer) as [NodeDone])[0];
    }),
  );
}

/** How many a second, all together. */
async function rate(some: readonly ChildProcess[]): Promise<number> {
  return (await worked(some)).reduce((sum, one) => sum + (one.count / one.ms) * 1_000, 0);
}

const [first] = nodes;
if (first === undefined) throw new Error("there is no node");
// The first of each warms up and does not count.
await rate([first]);
await rate(nodes);
const found: { readonly one: number; readonly all: number }[] = [];
for (let round = 1; round <= rounds; round += 1) {
  const one = await rate([first]);
  const all = await rate(nodes);
  found.push({ one, all });
  console.log(`round ${round}: ${one.toFixed(0)} and ${all.toFixed(0)}/s`);
}
const held = options.snapshot === undefined ? [] : [await whileHeld(Number(options.snapshot))];
for (const node of nodes) {
  node.send("end");
  await once(node, "exit");
}
say(...held, {
  name: `nodes, ${count} against one`,
  value: median(found.map(({ one, all }) => all / one)),
  ...(count === 3 && commitMs === 3 ? { goal: atLeast(2.5) } : {}),
  of: `${median(found.map(({ all }) => all)).toFixed(0)}/s against ${median(found.map(({ one }) => one)).toFixed(0)}/s, each commit ${commitMs} ms later`,
});

/** How long the slowest hundredth of events takes, at the end against the beginning. */
async function whileHeld(seconds: number): Promise<Figure> {
  await using holder = await snapshot();
  const times: number[] = [];
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    // A load of a few callers, so that rows are written again and again.
    const done = await worked(nodes, { callers: 4, ms: 1_000 });
    times.push(median(done.map(({ p99Ms }) => p99Ms)));
  }
  const some = Math.max(1, Math.floor(times.length / 10));
  void holder;
  const [before, after] = [median(times.slice(0, some)), median(times.slice(-some))];
  return {
    name: "nodes, the p99 of an event behind a held snapshot, at its end against its beginning",
    value: after / before,
    goal: atMost(1.2),
    of: `${after.toFixed(1)} ms and ${before.toFixed(1)} ms, each the median of ${some} seconds; held for ${seconds} s`,
  };
}

async function snapshot(): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await client.query("SELECT count(*) FROM signalbox.event");
  return { [Symbol.asyncDispose]: () => client.end() };
}
