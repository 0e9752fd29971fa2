import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Numbers } from "./numbers.ts";

/** Blocks as a store gives them, when the test lets it. */
function reservations() {
  let last = 0;
  const asked: number[] = [];
  const waiting: (() => void)[] = [];
  return {
    asked,
    /** Answers all that was asked for. */
    answer: () => {
      for (const give of waiting.splice(0)) give();
    },
    reserve: (count: number) => {
      asked.push(count);
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.push(() => {
        resolve(last + 1);
        last += count;
      });
      return promise;
    },
  };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

describe("numbers", () => {
  it("come one after the other, and the next block before the first is used up", async () => {
    const store = reservations();
    const numbers = new Numbers(store.reserve, { least: 4, most: 4 });
    const first = numbers.next();
    store.answer();
    assert.equal(await first, 1);
    assert.deepEqual([await numbers.next(), await numbers.next()], [2, 3]);
    assert.deepEqual(store.asked, [4, 4]);
    store.answer();
    assert.deepEqual([await numbers.next(), await numbers.next()], [4, 5]);
  });

  it("are each given once, however many ask at once", async () => {
    const store = reservations();
    const numbers = new Numbers(store.reserve, { least: 2, most: 64 });
    const all = Promise.all(Array.from({ length: 100 }, () => numbers.next()));
    for (let turn = 0; turn < 50; turn += 1) {
      store.answer();
      await turns(8);
    }
    assert.deepEqual(
      (await all).toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    assert.deepEqual(store.asked.slice(0, 6), [2, 2, 4, 8, 16, 32], "ever larger blocks");
  });

  it("stay in small blocks while nobody has to wait", async () => {
    const store = reservations();
    const numbers = new Numbers(store.reserve, { least: 4, most: 64 });
    for (let wanted = 1; wanted <= 20; wanted += 1) {
      const next = numbers.next();
      store.answer();
      assert.equal(await next, wanted);
      await turns(4);
    }
    assert.ok(
      store.asked.every((count) => count === 4),
      store.asked.join(),
    );
  });

  it("are asked for again after the store failed", async () => {
    let fails = true;
    const numbers = new Numbers(async () => (fails ? Promise.reject(new Error("the disk is full")) : 7), {
      least: 1,
      most: 1,
    });
    await assert.rejects(numbers.next(), /the disk is full/);
    fails = false;
    assert.equal(await numbers.next(), 7);
  });
});
