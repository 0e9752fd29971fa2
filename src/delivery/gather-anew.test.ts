/** Events of batches that wait in the store: when they fill a request, and what a change of the batch makes of them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batched, keys, minute, requests } from "../../test/support/batched.ts";
import { engine, failed, never } from "../../test/support/engine.ts";
import { until } from "../../test/support/until.ts";
import type { Store } from "../store/store.ts";

describe("a batch in the store", () => {
  it("that its bytes fill leaves before its time, too, and takes no more than go in it", async () => {
    await using at = await engine();
    const given = batched({ maxEvents: 100, maxWaitMs: 60_000, maxBytes: 1_024 });
    const rule = await at.subscribe({ ...given, pace: { maxPerSecond: 1_000 } });
    const events = await at.put(...keys(0, 12));
    await at.calm();
    assert.ok(at.tried.length > 0 && at.tried.every((one) => one.keys.length > 1), requests(at).join());
    at.clock.advance(60_000);
    for (const event of events) await at.becomes("delivered", event, rule);
  });

  it("that failed and goes one by one is read a part at a time, not all of it for each request", async () => {
    let read = 0;
    const counted = (store: Store): Store => ({
      ...store,
      deliveries: {
        ...store.deliveries,
        due: async (...query) => {
          const due = await store.deliveries.due(...query);
          read += due.length;
          return due;
        },
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store: counted(store), feed }) });
    const count = 400;
    const policy = { ...minute, jitter: 0 };
    const rule = await at.subscribe({ ...batched({ maxEvents: count }), policy, pace: { maxConcurrency: 1 } });
    at.answer = () => failed;
    const events = await at.put(...keys(0, count));
    for (const attempts of [1, 2]) {
      const tried = async (): Promise<boolean> => {
        const all = await Promise.all(events.map((event) => at.delivery(event, rule)));
        return all.every((one) => one?.attempts === attempts);
      };
      await at.calm();
      at.clock.advance(1_000);
      await until(`try ${attempts} is recorded`, tried);
      at.clock.advance(60_000);
      at.answer = attempts === 1 ? () => failed : never;
      if (attempts === 1) read = 0;
    }
    await until("one is tried alone", () => at.tried.at(-1)?.keys.length === 1);
    await at.calm();
    assert.ok(read < 2 * count, `${read} were read for a request of ${count} and one of one`);
  });
});

describe("a batch that is changed", () => {
  it("holds none back any longer that are parked until others come", async () => {
    const given = batched({ maxEvents: 100, maxWaitMs: 60_000 });
    const { batch: _, ...target } = given.target;
    for (const to of [target, batched({ maxEvents: 2, maxWaitMs: 60_000 }).target, batched({ maxWaitMs: 10 }).target]) {
      await using at = await engine();
      const rule = await at.subscribe({ ...given, pace: { maxPerSecond: 1_000 } });
      const events = await at.put("a", "b");
      for (const event of events) await at.becomes("waiting", event, rule);
      await at.change(rule, { target: to });
      for (const event of events) await at.becomes("delivered", event, rule);
    }
  });

  it("leaves what failed where it is", async () => {
    await using at = await engine();
    const given = batched({ maxEvents: 2, maxWaitMs: 60_000 });
    const rule = await at.subscribe(given);
    at.answer = () => failed;
    const [event = 0] = await at.put("a", "b");
    await until("it has failed", async () => (await at.delivery(event, rule))?.attempts === 1);
    const { dueMs } = (await at.delivery(event, rule)) ?? {};
    const { batch: _, ...target } = given.target;
    await at.change(rule, { target });
    await at.calm();
    assert.equal((await at.delivery(event, rule))?.dueMs, dueMs);
    assert.equal(at.tried.length, 1);
  });
});
