import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { putEvent } from "./support/events.ts";
import { atMost, say } from "./support/figure.ts";
import { nowMs } from "./support/monotonic.ts";
import { median, percentile } from "./support/quantiles.ts";
import { benchServer } from "./support/server.ts";
import { keyOfBytes } from "./support/webhooks.ts";

/**
 * How long does a webhook of 1 KiB take? 2,000 events a second are published in this process, as a host does it, at the instants that are due
 * whatever became of those before; a receiver in a process of its own notes the first byte of each. Told are: from when an event was due to when
 * `publish` returned, which is after its commit; from there to the first byte; and both together. Medians of the percentiles of rounds.
 *
 * Then 9,000 a second, while the receiver stands still for two seconds (its process is stopped): how long after that there is a backlog of more
 * than a tenth of a second. Median of runs.
 *
 *   npm run bench:latency -- [--rounds 5] [--seconds 5] [--stalls 3]
 */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    stalls: { type: "string", default: "3" },
  },
});
const [rounds, roundMs, stalls] = [Number(values.rounds), Number(values.seconds) * 1_000, Number(values.stalls)];
const steady = 2_000;
const busy = 9_000;
const stallMs = 2_000;
/** A backlog that is still there then stays. */
const patienceMs = 20_000;
const bucketName = "bench";

interface Told {
  readonly answered: number;
  readonly arrivals?: readonly (readonly [number: number, atMs: number])[];
}

const sink: ChildProcess = fork(new URL("./support/timing-sink.ts", import.meta.url));
const [{ port }] = (await once(sink, "message")) as [{ readonly port: number }];
let answered = 0;
sink.on("message", (told: Told) => {
  answered = told.answered;
});
await using server = await benchServer();
const bucket = await server.bucket(bucketName);
await server.api("POST", `/api/cloud/buckets/${bucketName}/notifications/`, { url: `http://127.0.0.1:${port}/hook` });
const padding = keyOfBytes(bucketName, 1_024);

/** Of all events, by their number. */
const dueMs: number[] = [];
const committedMs: number[] = [];

/** Publishes so many a second, each when it is due, until it is told to end. */
async function offered(perSecond: number, isOver: (sinceMs: number) => boolean): Promise<void> {
  const startedMs = nowMs();
  let failure: unknown;
  let count = 0;
  for (let sinceMs = 0; !isOver(sinceMs); sinceMs = nowMs() - startedMs) {
    for (; (count * 1_000) / perSecond <= sinceMs; count += 1) {
      const number = dueMs.push(startedMs + (count * 1_000) / perSecond) - 1;
      server.signalbox.publish(putEvent(bucket, `${number}@${padding.slice(String(number).length + 1)}`)).then(
        () => {
          committedMs[number] = nowMs();
        },
        (error: unknown) => {
          failure = error;
        },
      );
    }
    if (failure !== undefined) throw failure;
    await pause(1);
  }
}

/** When all have come: the first byte of each, by its number. */
async function arrivals(): Promise<ReadonlyMap<number, number>> {
  while (answered < dueMs.length) await pause(1);
  sink.send("arrivals");
  for (;;) {
    const [told] = (await once(sink, "message")) as [Told];
    if (told.arrivals !== undefined) return new Map(told.arrivals);
  }
}

interface Latencies {
  readonly commit: readonly number[];
  readonly firstByte: readonly number[];
  readonly both: readonly number[];
}

async function round(): Promise<Latencies> {
  const first = dueMs.length;
  await offered(steady, (sinceMs) => sinceMs >= roundMs);
  const arrivedMs = await arrivals();
  const numbers = Array.from({ length: dueMs.length - first }, (_, index) => first + index);
  const at = (times: readonly number[], number: number): number => times[number] ?? Number.NaN;
  const arrived = (number: number): number => arrivedMs.get(number) ?? Number.NaN;
  return {
    commit: numbers.map((number) => at(committedMs, number) - at(dueMs, number)),
    firstByte: numbers.map((number) => arrived(number) - at(committedMs, number)),
    both: numbers.map((number) => arrived(number) - at(dueMs, number)),
  };
}

interface Stall {
  /** From when the receiver goes on to when nearly nothing waits for it. */
  readonly backlogMs: number;
  /** Deliveries a second meanwhile. */
  readonly rate: number;
}

async function stall(): Promise<Stall> {
  let goesOnMs = Number.POSITIVE_INFINITY;
  let answeredBefore = 0;
  let goneMs: number | undefined;
  const leadMs = 2_000;
  const stopped = (async () => {
    await pause(leadMs);
    sink.kill("SIGSTOP");
    await pause(stallMs);
    sink.kill("SIGCONT");
    [goesOnMs, answeredBefore] = [nowMs(), answered];
  })();
  await offered(busy, () => {
    const afterMs = nowMs() - goesOnMs;
    if (afterMs > 0 && dueMs.length - answered <= busy / 10) goneMs = afterMs;
    return goneMs !== undefined || afterMs > patienceMs;
  });
  const [backlogMs, count] = [goneMs ?? patienceMs, answered - answeredBefore];
  await stopped;
  await arrivals();
  return { backlogMs, rate: (count * 1_000) / backlogMs };
}

const shares = [0.5, 0.99] as const;
const whats = ["commit", "firstByte", "both"] as const;
const found: Record<(typeof whats)[number], readonly [number[], number[]]> = {
  commit: [[], []],
  firstByte: [[], []],
  both: [[], []],
};

try {
  // The first warms up.
  for (let count = 0; count <= rounds; count += 1) {
    const latencies = await round();
    if (count === 0) continue;
    const shown = whats.map((what) => {
      for (const [index, share] of shares.entries()) found[what][index]?.push(percentile(latencies[what], share));
      return `${what} ${shares.map((share) => percentile(latencies[what], share).toFixed(2)).join(" / ")}`;
    });
    console.log(`round ${count}: p50 / p99 in ms: ${shown.join(", ")}`);
  }
  const backlogs: Stall[] = [];
  for (let count = 1; count <= stalls; count += 1) {
    const { backlogMs, rate } = await stall();
    backlogs.push({ backlogMs, rate });
    const still = backlogMs === patienceMs ? "still a backlog" : "no backlog";
    console.log(
      `stall ${count}: ${still} after ${(backlogMs / 1_000).toFixed(2)} s, ${rate.toFixed(0)} deliveries/s meanwhile`,
    );
  }
  const p = (what: (typeof whats)[number], index: 0 | 1): number => median(found[what][index]);
  const load = `at ${steady} events/s`;
  say(
    {
      name: "latency stall",
      value: median(backlogs.map(({ backlogMs }) => backlogMs)) / 1_000,
      unit: "s",
      goal: atMost(3),
      of: `until the backlog is gone after a receiver stood still for ${stallMs / 1_000} s at ${busy} events/s; ${median(backlogs.map(({ rate }) => rate)).toFixed(0)} deliveries/s meanwhile`,
    },
    {
      name: "latency publish p99",
      value: p("commit", 1),
      unit: "ms",
      of: `from due to committed ${load}; p50 ${p("commit", 0).toFixed(2)} ms`,
    },
    {
      name: "latency whole p99",
      value: p("both", 1),
      unit: "ms",
      of: `from due to the first byte ${load}; p50 ${p("both", 0).toFixed(2)} ms`,
    },
    {
      name: "latency p50",
      value: p("firstByte", 0),
      unit: "ms",
      goal: atMost(1),
      of: `from committed to the first byte ${load}`,
    },
    {
      name: "latency p99",
      value: p("firstByte", 1),
      unit: "ms",
      goal: atMost(10),
      of: `from committed to the first byte ${load}`,
    },
  );
} finally {
  sink.kill();
}
