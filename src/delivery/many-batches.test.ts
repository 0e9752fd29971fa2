/** Batches of many subscriptions at once: each is up to a thousand events, so they take turns of the loop. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batched } from "../../test/support/batched.ts";
import { engine, failed } from "../../test/support/engine.ts";
import type { Store } from "../store/store.ts";

const rules = 30;

/** The most of something that came in one turn of the loop. */
class Turns {
  most = 0;
  #now = 0;

  came(): void {
    if (this.#now === 0) setImmediate(() => void (this.#now = 0));
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
  }
}

describe("batches of many subscriptions", () => {
  it("are read from the store one in a turn of the loop", async () => {
    const turns = new Turns();
    const counted = (store: Store): Store => ({
      ...store,
      deliveries: {
        ...store.deliveries,
        due: (...query) => {
          turns.came();
          return store.deliveries.due(...query);
        },
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store: counted(store), feed }) });
    const given = batched({ maxEvents: 4, maxWaitMs: 1_000 });
    for (let left = rules; left > 0; left -= 1) await at.subscribe({ ...given, pace: { maxPerSecond: 1_000 } });
    await at.put("a", "b");
    await at.calm();
    at.clock.advance(1_000);
    await at.triedTimes(rules);
    // A second look fills the request, and the count goes on for a turn.
    assert.ok(turns.most <= 4, `${turns.most} reads in one turn`);
  });

  it("are recorded one in a turn of the loop, when all are answered at once", async () => {
    const turns = new Turns();
    const answers: (() => void)[] = [];
    await using at = await engine({
      between: ({ store, feed }) => {
        const take: typeof feed.take = (settlement) => {
          turns.came();
          feed.take(settlement);
        };
        return { store, feed: new Proxy(feed, { get: (of, name) => (name === "take" ? take : bound(of, name)) }) };
      },
    });
    for (let left = rules; left > 0; left -= 1) await at.subscribe(batched({ maxEvents: 2, maxWaitMs: 1_000 }));
    at.answer = () => new Promise((resolve) => answers.push(() => resolve(failed)));
    await at.put("a", "b");
    await at.triedTimes(rules);
    for (const answer of answers) answer();
    await at.calm();
    assert.equal(turns.most, 1);
  });
});

function bound(of: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === "function" ? value.bind(of) : value;
}
