import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { OpenEvents } from "./open-events.ts";

describe("open events", () => {
  it("leave the watermark where it was until the first is done, in whatever order they are", () => {
    const open = new OpenEvents(10);
    assert.equal(open.watermark, 10);
    for (const sequence of [20, 30, 40]) open.add(sequence);
    assert.deepEqual([open.last, open.watermark, open.oldest], [40, 19, 20]);
    open.done(30);
    open.done(30);
    assert.equal(open.watermark, 19);
    open.done(20);
    assert.equal(open.watermark, 39, "the one between was done before");
    open.done(40);
    assert.equal(open.watermark, 40);
    open.done(7);
    assert.deepEqual([open.watermark, open.size, open.oldest], [40, 0, undefined]);
  });

  it("remember one, when one stays open while a million others come and are done", () => {
    const open = new OpenEvents(0);
    open.add(1);
    const others = 1_000_000;
    const together = 500;
    for (let from = 2; from < others; from += together) {
      for (let sequence = from; sequence < from + together; sequence += 1) open.add(sequence);
      for (let sequence = from; sequence < from + together; sequence += 1) open.done(sequence);
      assert.deepEqual([open.size, open.watermark], [1, 0]);
    }
    const { last } = open;
    open.done(1);
    assert.deepEqual([open.size, open.watermark], [0, last]);
  });

  it("agree with counting anew each time, over any order", () => {
    const step = fc.record({ add: fc.boolean(), gap: fc.integer({ min: 1, max: 9 }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const open = new OpenEvents(5);
        const known: number[] = [];
        let last = 5;
        for (const { add, gap, which } of steps) {
          if (add) {
            last += gap;
            known.push(last);
            open.add(last);
          } else for (const sequence of known.splice(which % Math.max(1, known.length), 1)) open.done(sequence);
          assert.deepEqual([open.size, open.last], [known.length, last]);
          assert.equal(open.watermark, known.length === 0 ? last : Math.min(...known) - 1);
        }
      }),
    );
  });
});
