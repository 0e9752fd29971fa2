import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { bullmq } from "./peers/bullmq.ts";
import type { JobQueue, Peer, Settings } from "./peers/peer.ts";
import { pgBoss } from "./peers/pg-boss.ts";
import { type PeerServer, startPostgres, startRedis } from "./peers/servers.ts";
import type { Job } from "./peers/worker.ts";
import { atLeast, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";
import { Receiver } from "./support/receiver.ts";
import { benchServer } from "./support/server.ts";
import { inWindow, webhooks } from "./support/webhooks.ts";

/**
 * The same work by others: a job of 1 KiB is accepted, signed, posted to the same sink and completed, by Signalbox, by pg-boss on PostgreSQL and by
 * BullMQ on Redis, whose workers sign as ours do and post through undici over 64 connections each. As many on their way at once for all, in
 * turn, in one run; medians. Peers are given jobs in bulk; beside that one by one, as things happen and as we are given ours. A peer gets the best
 * of the settings that its `tried` lists: processes, workers in each, and jobs at once of each.
 *
 * Equal durability, which the goal is about: every job is synced to the disk before it counts as accepted, and its end before it is forgotten.
 * PostgreSQL: `fsync`, `synchronous_commit` and `full_page_writes` on, with the memory and log that its documentation advises. Redis:
 * `appendfsync always`, `noeviction`. Beside it: BullMQ with `appendfsync everysec`, which its documentation recommends, and each server as it
 * comes: PostgreSQL as durable and with less memory, Redis with a snapshot now and then, so that a crash loses minutes.
 *
 *   npm run bench:peers -- [--rounds 5] [--seconds 4] [--window 1024]
 *
 * Needs `apt-get install postgresql redis-server` and `npm ci --prefix bench/peers`; both servers run here, on folders of their own.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    window: { type: "string", default: "1024" },
  },
});
const [rounds, roundMs, window] = [Number(values.rounds), Number(values.seconds) * 1_000, Number(values.window)];
const probeMs = Math.min(2_000, roundMs);

const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };
const advised = { shared_buffers: "1GB", max_wal_size: "4GB", effective_cache_size: "4GB", wal_compression: "on" };
const logged = { save: "", appendonly: "yes", "maxmemory-policy": "noeviction" };

/** A peer in one setting of its server. */
interface Contestant {
  readonly peer: Peer;
  readonly setting: string;
  readonly start: () => Promise<PeerServer>;
  /** As durable as we are. */
  readonly equal: boolean;
  /** Jobs are added one by one, as ours are: in bulk otherwise. */
  readonly singly?: true;
}

const durablePostgres = (): Promise<PeerServer> => startPostgres({ ...durable, ...advised });
const durableRedis = (): Promise<PeerServer> => startRedis({ ...logged, appendfsync: "always" });

const contestants: readonly Contestant[] = [
  { peer: pgBoss, setting: "durable", equal: true, start: durablePostgres },
  { peer: bullmq, setting: "durable", equal: true, start: durableRedis },
  { peer: pgBoss, setting: "one by one", equal: true, singly: true, start: durablePostgres },
  { peer: bullmq, setting: "one by one", equal: true, singly: true, start: durableRedis },
  { peer: pgBoss, setting: "defaults", equal: false, start: () => startPostgres({}) },
  { peer: bullmq, setting: "everysec", equal: false, start: () => startRedis({ ...logged, appendfsync: "everysec" }) },
  { peer: bullmq, setting: "defaults", equal: false, start: () => startRedis({}) },
];

await using owned = new AsyncDisposableStack();
const receiver = owned.use(await Receiver.start());
const server = owned.use(await benchServer());
const ours = await webhooks({ server, receiver });

/** Forked workers of a peer; they end with what is returned. */
async function workers(job: Job): Promise<AsyncDisposable> {
  const children: ChildProcess[] = [];
  for (let count = 0; count < job.settings.processes; count += 1)
    children.push(fork(new URL("./peers/worker.ts", import.meta.url), [JSON.stringify(job)]));
  await Promise.all(
    children.map(async (child) => {
      const gone = once(child, "exit").then(() => Promise.reject(new Error(`a worker of ${job.peer} ended`)));
      gone.catch(() => {});
      await Promise.race([once(child, "message"), gone]);
    }),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      const exits = children.map((child) => once(child, "exit"));
      for (const child of children) child.kill();
      await Promise.all(exits);
    },
  };
}

/** Jobs a second from offered to acknowledged by the receiver; all are completed when it resolves. */
async function rateOf(queue: JobQueue, ms: number, singly = false): Promise<number> {
  const bodies = (count: number): string[] => Array.from({ length: count }, () => ours.body);
  const publish = (count: number): Promise<unknown> =>
    singly ? Promise.all(bodies(count).map(queue.add)) : queue.addBulk(bodies(count));
  const { rate } = await inWindow({ receiver, publish, together: singly ? 1 : window / 8, roundMs: ms, window });
  while ((await queue.open()) > 0);
  return rate;
}

const shown = ({ processes, workers, jobs }: Settings): string => `${processes} × ${workers} × ${jobs}`;

/** The best of its settings, on a server as durable as we are. */
async function best({ peer }: Contestant, socket: string, queue: JobQueue): Promise<Settings> {
  const rates: number[] = [];
  for (const settings of peer.tried) {
    await using made = await workers(jobOf(peer, socket, settings));
    void made;
    await rateOf(queue, 500);
    rates.push(await rateOf(queue, probeMs));
  }
  const tried = peer.tried.map((settings, index) => `${shown(settings)}: ${rates[index]?.toFixed(0)}/s`);
  console.log(`${peer.name}, processes × workers × jobs: ${tried.join(", ")}`);
  return peer.tried[rates.indexOf(Math.max(...rates))] ?? { processes: 1, workers: 1, jobs: 100 };
}

function jobOf({ name }: Peer, socket: string, settings: Settings): Job {
  return { peer: name, socket, settings, url: `http://127.0.0.1:${receiver.port}`, secret: ours.secret };
}

interface Entry {
  readonly contestant: Contestant;
  readonly settings: Settings;
  readonly run: () => Promise<number>;
  readonly rates: number[];
}

const entries: Entry[] = [];
for (const contestant of contestants) {
  const { peer, setting, start, singly } = contestant;
  const { socket } = owned.use(await start());
  const queue = owned.use(await peer.queue(socket));
  const known = entries.find((entry) => entry.contestant.peer === peer)?.settings;
  const settings = known ?? (await best(contestant, socket, queue));
  owned.use(await workers(jobOf(peer, socket, settings)));
  // The first of each warms up.
  await rateOf(queue, probeMs, singly);
  console.log(`${peer.name} ${setting}: ready`);
  entries.push({ contestant, settings, run: () => rateOf(queue, roundMs, singly), rates: [] });
}
await ours.rate(probeMs, window);

const ourRates: number[] = [];
for (let round = 1; round <= rounds; round += 1) {
  ourRates.push(await ours.rate(roundMs, window));
  for (const { run, rates } of entries) rates.push(await run());
  const others = entries.map(
    ({ contestant: { peer, setting }, rates }) => `${peer.name} ${setting} ${rates.at(-1)?.toFixed(0)}/s`,
  );
  console.log(`round ${round}: ours ${ourRates.at(-1)?.toFixed(0)}/s, ${others.join(", ")}`);
}
const ourRate = median(ourRates);
say(
  ...entries.toReversed().map(({ contestant: { peer, setting, equal, singly }, settings, rates }) => ({
    name: `peers ${peer.name} ${setting}`,
    value: median(ourRates.map((rate, round) => rate / (rates[round] ?? Number.NaN))),
    ...(equal && singly === undefined ? { goal: atLeast(5) } : {}),
    of: `${ourRate.toFixed(0)} durable webhooks/s, ${peer.name} ${median(rates).toFixed(0)}/s (processes × workers × jobs ${shown(settings)})`,
  })),
);
