import assert from "node:assert/strict";
import { it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { silentLog } from "../log.ts";
import type { Store } from "../store/store.ts";
import { wakeInProcess } from "../store/wake.ts";
import { keepInStep } from "./in-step.ts";

/** What is read of the store, and how often. */
function scene(watchers: Store["watchers"]) {
  const clock = fakeClock();
  const hints = wakeInProcess();
  const read: string[] = [];
  const bounds = async (): Promise<ReadonlyMap<string, number>> => new Map([["acme", 3]]);
  const store = { quotas: { bounds }, ...(watchers === undefined ? {} : { watchers }) } as unknown as Store;
  const watching = {
    renew: async () => {
      read.push("watchers");
      if (read.length === 1) throw new Error("the database is away");
      return true;
    },
  };
  const rates = { setLimits: (limits: ReadonlyMap<string, number>) => void read.push(`quotas ${limits.get("acme")}`) };
  const stop = new AbortController();
  const done = keepInStep({ store, hints, watching, rates, clock, log: silentLog }, stop.signal);
  return { clock, hints, read, stop, done };
}

const some: NonNullable<Store["watchers"]> = { revision: async () => 1, settled: async () => 1 };
const turn = (): Promise<void> => new Promise(setImmediate);

it("what other nodes have changed is read when they say so, and from time to time, also after it could not be", async () => {
  const { clock, hints, read, stop, done } = scene(some);
  hints.tell({ about: "watchers" });
  hints.tell({ about: "quotas" });
  hints.tell({ about: "declarations" });
  await turn();
  assert.deepEqual(read, ["watchers", "quotas 3"]);
  clock.advance(10_000);
  await turn();
  assert.deepEqual(read, ["watchers", "quotas 3", "watchers", "quotas 3"]);
  stop.abort();
  await done;
  hints.tell({ about: "watchers" });
  assert.equal(read.length, 4);
});

it("nothing is read where one process writes alone", async () => {
  const { hints, read, done } = scene(undefined);
  await done;
  hints.tell({ about: "quotas" });
  assert.deepEqual(read, []);
});
