import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BoundedHeap } from "./bounded-heap.ts";

const byNumber = (a: number, b: number): number => a - b;

function leastOf(items: readonly number[], limits: { most: number; mostBytes: number }, bytes = 1) {
  const least = new BoundedHeap(byNumber, limits);
  for (const item of items) least.offer(item, bytes);
  const steps = least.sorted();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return { kept: value, isCut: least.isCut };
  }
}

describe("the least of many", () => {
  it("are the beginning of the sorted whole, as many as are asked for", () => {
    const numbers = fc.uniqueArray(fc.integer(), { maxLength: 200 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 50 }), (items, most) => {
        const sorted = items.toSorted(byNumber);
        const { kept, isCut } = leastOf(items, { most, mostBytes: 1e9 });
        assert.deepEqual(kept, sorted.slice(0, most));
        assert.equal(isCut, items.length > most);
      }),
    );
  });

  it("are a beginning of it too where their bytes are the limit, of whatever sizes", () => {
    const sized = fc.uniqueArray(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 100 })), {
      maxLength: 100,
      selector: ([item]) => item,
    });
    fc.assert(
      fc.property(sized, fc.integer({ min: 1, max: 500 }), (items, mostBytes) => {
        const least = new BoundedHeap<number>(byNumber, { most: 1_000, mostBytes });
        for (const [item, bytes] of items) least.offer(item, bytes);
        const steps = least.sorted();
        let step = steps.next();
        while (step.done !== true) step = steps.next();
        const kept = step.value;
        const sorted = items.map(([item]) => item).toSorted(byNumber);
        assert.deepEqual(kept, sorted.slice(0, kept.length));
        assert.equal(least.isCut, kept.length < items.length);
        assert.ok(items.length === 0 || kept.length > 0);
        const sizes = new Map(items);
        const bytes = kept.reduce((sum, item) => sum + (sizes.get(item) ?? 0), 0);
        assert.ok(bytes <= mostBytes || kept.length === 1);
      }),
    );
  });
});
