import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { aRecord, aSubscription, givenBucket, givenSubscription } from "../../../test/conformance/store/given.ts";
import { fakeClock } from "../../../test/support/clock.ts";
import { migrated } from "../../../test/support/migrated.ts";
import { silentLog } from "../../log.ts";
import { openSqliteStore } from "./store.ts";

async function opened(mayRecord: () => boolean) {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-feed-"));
  const store = await openSqliteStore({ folder: migrated(folder), clock: fakeClock(), log: silentLog, mayRecord });
  const bucket = await givenBucket(store.store);
  const subscription = await givenSubscription(store.store, aSubscription(bucket.uuid));
  return {
    ...store,
    record: (sequence: number) => aRecord(sequence, subscription, { status: "delivered" }),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

it("tells of each settlement that it is durable, those who heed all of them first, in the order they came", async () => {
  await using at = await opened(() => true);
  const told: string[] = [];
  at.feed.listen(({ records }) => told.push(`heard ${records[0]?.sequence}`));
  const last = Promise.withResolvers<void>();
  for (const sequence of [1, 2, 3]) {
    at.feed.take({
      records: [at.record(sequence)],
      done: [],
      settled: (durable) => {
        told.push(`${sequence} ${durable ? "durable" : "given up"}`);
        if (sequence === 3) last.resolve();
      },
    });
  }
  await last.promise;
  assert.deepEqual(told, ["heard 1", "1 durable", "heard 2", "2 durable", "heard 3", "3 durable"]);
  assert.equal((await at.store.deliveries.recorded({ from: 1, to: 3 }, { max: 9 })).length, 3);
});

it("says of what could not be recorded before it stopped that it was given up, and records nothing that comes later", async () => {
  let room = false;
  await using at = await opened(() => room);
  const told: boolean[] = [];
  const heard: unknown[] = [];
  at.feed.listen((settlement) => heard.push(settlement));
  const take = (sequence: number): void =>
    at.feed.take({ records: [at.record(sequence)], done: [], settled: (durable) => told.push(durable) });
  take(1);
  take(2);
  await at.feed.close();
  room = true;
  take(3);
  assert.deepEqual(told, [false, false, false]);
  assert.deepEqual(heard, []);
  assert.deepEqual(await at.store.deliveries.recorded({ from: 1, to: 3 }, { max: 9 }), []);
});
