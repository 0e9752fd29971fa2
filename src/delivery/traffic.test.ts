import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Traffic, type Trip } from "./traffic.ts";

const limits = { quick: 3, slow: 2 };

describe("traffic", () => {
  it("has room for as many as may be quick, and again when one ends", () => {
    const traffic = new Traffic(limits);
    const trips = [traffic.begin(0), traffic.begin(0), traffic.begin(0)];
    assert.equal(traffic.room(999), 0);
    for (const trip of trips.slice(0, 2)) traffic.end(trip);
    assert.equal(traffic.room(999), 2);
    assert.equal(traffic.underWay, 1);
  });

  it("counts who has run for a second apart, so that there is room again whatever hangs", () => {
    const traffic = new Traffic(limits);
    const trips = [traffic.begin(0), traffic.begin(0), traffic.begin(1)];
    assert.equal(traffic.room(1_000), 2);
    assert.equal(traffic.room(1_001), 3);
    assert.equal(traffic.crowded, true);
    for (const trip of trips) traffic.end(trip);
    assert.deepEqual([traffic.room(1_001), traffic.crowded, traffic.underWay], [3, false, 0]);
  });

  it("never has less room than nothing", () => {
    const traffic = new Traffic(limits);
    for (let count = 0; count < 5; count++) traffic.begin(0);
    assert.equal(traffic.room(0), 0);
  });

  it("agrees with counting anew each time, over any sequence of trips", () => {
    const step = fc.record({ end: fc.nat(), begin: fc.boolean(), ms: fc.integer({ min: 0, max: 700 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const traffic = new Traffic({ quick: 20, slow: 10 });
        const open: Trip[] = [];
        let nowMs = 0;
        for (const { begin, end, ms } of steps) {
          nowMs += ms;
          if (begin) open.push(traffic.begin(nowMs));
          else for (const trip of open.splice(end % Math.max(1, open.length), 1)) traffic.end(trip);
          const quick = open.filter(({ startedMs }) => nowMs - startedMs < 1_000).length;
          assert.equal(traffic.room(nowMs), Math.max(0, 20 - quick));
          assert.equal(traffic.crowded, open.length - quick >= 10);
          assert.equal(traffic.underWay, open.length);
        }
      }),
    );
  });

  it("forgets what is over, however many there were", () => {
    const traffic = new Traffic(limits);
    for (let count = 0; count < 20_000; count++) {
      traffic.end(traffic.begin(count));
      assert.equal(traffic.room(count), 3);
    }
    assert.equal(traffic.underWay, 0);
  });
});
