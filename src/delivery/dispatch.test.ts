import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engine, never } from "../../test/support/engine.ts";
import { until } from "../../test/support/until.ts";
import type { Store } from "../store/store.ts";

describe("dispatch", () => {
  it("tries a batch again when the store failed, and sends nothing twice for that", async () => {
    let failures = 0;
    const failing = (store: Store): Store => ({
      ...store,
      subscriptions: {
        ...store.subscriptions,
        changedSince: (...query) => {
          failures += 1;
          return failures < 3 ? Promise.reject(new Error("not now")) : store.subscriptions.changedSince(...query);
        },
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store: failing(store), feed }) });
    const rule = await at.subscribe();
    const [event = 0] = await at.put("a");
    for (let times = 1; times <= 2; times++) {
      await until("it failed", () => at.errors.length === times);
      at.clock.advance(1_000);
    }
    await at.becomes("delivered", event, rule);
    assert.equal(at.tried.length, 1);
  });

  it("is done with what nobody wants, so that it is not looked at again", async () => {
    await using at = await engine();
    await at.put("a", "b", "c");
    await at.calm();
    await at.restart();
    const [last = 0] = await at.put("last");
    await at.calm();
    assert.deepEqual(await at.store.upkeep.prune({ beforeMs: at.clock.now() + 1, deadBeforeMs: 0, max: 10 }), {
      dropped: 4,
      more: false,
    });
    assert.ok(last > 0);
  });

  it("comes back after a stop to what was not recorded, and leaves alone what was", async () => {
    await using at = await engine();
    const quick = await at.subscribe();
    const slow = await at.subscribe();
    at.answer = (tried) => (tried.subscription.number === slow.number ? never(tried) : { kind: "delivered" });
    const events = await at.put("a", "b", "c");
    for (const event of events) await at.becomes("delivered", event, quick);
    await at.triedTimes(6);
    await at.restart();
    await at.triedTimes(9);
    await at.calm();
    assert.deepEqual(at.keysFor(quick).toSorted(), ["a", "b", "c"]);
    assert.deepEqual(at.keysFor(slow).toSorted(), ["a", "a", "b", "b", "c", "c"]);
  });
});
