import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { AttemptCapacity, type RunningAttempt } from "./attempt-capacity.ts";

const limits = { quick: 3, slow: 2 };

describe("attempts of many events", () => {
  it("are bounded by these, the quick and the slow ones apart", () => {
    const capacity = new AttemptCapacity({ quickEvents: 100, slowEvents: 150 });
    const first = capacity.begin(0, 0, 99);
    assert.ok(capacity.room(0) > 0);
    capacity.begin(0, 0, 51);
    assert.deepEqual([capacity.room(0), capacity.eventsUnderWay, capacity.underWay], [0, 150, 2]);
    assert.ok(capacity.room(1_001) > 0, "they count as slow now");
    assert.equal(capacity.saturated, true);
    capacity.end(first);
    assert.deepEqual([capacity.saturated, capacity.eventsUnderWay], [false, 51]);
  });
});

describe("capacity", () => {
  it("has room for as many as may be quick, and again when one ends", () => {
    const capacity = new AttemptCapacity(limits);
    const trips = [capacity.begin(0), capacity.begin(0), capacity.begin(0)];
    assert.equal(capacity.room(999), 0);
    for (const attempt of trips.slice(0, 2)) capacity.end(attempt);
    assert.equal(capacity.room(999), 2);
    assert.equal(capacity.underWay, 1);
  });

  it("counts who has run for a second apart, so that there is room again whatever hangs", () => {
    const capacity = new AttemptCapacity(limits);
    const trips = [capacity.begin(0), capacity.begin(0), capacity.begin(1)];
    assert.equal(capacity.room(1_000), 2);
    assert.equal(capacity.room(1_001), 3);
    assert.equal(capacity.saturated, true);
    for (const attempt of trips) capacity.end(attempt);
    assert.deepEqual([capacity.room(1_001), capacity.saturated, capacity.underWay], [3, false, 0]);
  });

  it("never has less room than nothing", () => {
    const capacity = new AttemptCapacity(limits);
    for (let count = 0; count < 5; count++) capacity.begin(0);
    assert.equal(capacity.room(0), 0);
  });

  it("agrees with counting anew each time, over any sequence of trips", () => {
    const step = fc.record({ end: fc.nat(), begin: fc.boolean(), ms: fc.integer({ min: 0, max: 700 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const capacity = new AttemptCapacity({ quick: 20, slow: 10 });
        const open: RunningAttempt[] = [];
        let nowMs = 0;
        for (const { begin, end, ms } of steps) {
          nowMs += ms;
          if (begin) open.push(capacity.begin(nowMs));
          else for (const attempt of open.splice(end % Math.max(1, open.length), 1)) capacity.end(attempt);
          const quick = open.filter(({ startedMs }) => nowMs - startedMs < 1_000).length;
          assert.equal(capacity.room(nowMs), Math.max(0, 20 - quick));
          assert.equal(capacity.saturated, open.length - quick >= 10);
          assert.equal(capacity.underWay, open.length);
        }
      }),
    );
  });

  it("forgets what is over, however many there were", () => {
    const capacity = new AttemptCapacity(limits);
    for (let count = 0; count < 20_000; count++) {
      capacity.end(capacity.begin(count));
      assert.equal(capacity.room(count), 3);
    }
    assert.equal(capacity.underWay, 0);
  });
});
