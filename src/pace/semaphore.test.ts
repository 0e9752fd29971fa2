import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Semaphore } from "./semaphore.ts";

describe("slots", () => {
  it("are given to so many at once, and to the others in the order in which they came", async () => {
    const slots = new Semaphore(2);
    const order: string[] = [];
    const take = async (name: string): Promise<Disposable> => {
      const slot = await slots.take();
      order.push(name);
      return slot;
    };
    const first = await take("first");
    const second = await take("second");
    const third = take("third");
    const fourth = take("fourth");
    await Promise.resolve();
    assert.deepEqual(order, ["first", "second"]);
    first[Symbol.dispose]();
    // Given back twice, it is still one.
    first[Symbol.dispose]();
    (await third)[Symbol.dispose]();
    (await fourth)[Symbol.dispose]();
    second[Symbol.dispose]();
    assert.deepEqual(order, ["first", "second", "third", "fourth"]);
    const taken = [await slots.take(), await slots.take()];
    let more = false;
    const waits = slots.take().then(() => {
      more = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(more, false);
    for (const slot of taken) slot[Symbol.dispose]();
    await waits;
  });
});
