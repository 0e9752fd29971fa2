/** A node in a process of its own, for `bench/nodes.ts`: works when it is told to. */
import { percentile } from "./quantiles.ts";
import { nodeWork } from "./stores.ts";

/** What it is told: so many callers, for so long. */
export interface NodeTask {
  readonly callers: number;
  readonly ms: number;
}

/** What it did. */
export interface NodeDone {
  readonly count: number;
  readonly ms: number;
  /** Of how long an event took to be accepted. */
  readonly p99Ms: number;
}

const [, , url = "", tenant = ""] = process.argv;
const work = await nodeWork(url, tenant);

process.on("message", (task: NodeTask | "end") => void (task === "end" ? end() : run(task)));
process.send?.("ready");

async function run({ callers, ms }: NodeTask): Promise<void> {
  const began = performance.now();
  const times: number[] = [];
  const count = await work.events(
    callers,
    () => performance.now() - began >= ms,
    (took) => times.push(took),
  );
  const done: NodeDone = { count, ms: performance.now() - began, p99Ms: percentile(times, 0.99) };
  process.send?.(done);
}

async function end(): Promise<void> {
  await work[Symbol.asyncDispose]();
  process.disconnect();
}
