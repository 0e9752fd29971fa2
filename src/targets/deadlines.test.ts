import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fakeClock } from "../../test/support/clock.ts";
import { Deadlines, type Timed } from "./deadlines.ts";

describe("deadlines", () => {
  it("come at their time, each once, whatever begins and ends meanwhile; and no timer stays (property)", () => {
    const step = fc.record({
      ms: fc.nat(40),
      timeoutMs: fc.constantFrom(10, 25, 100),
      end: fc.nat(4),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = fakeClock();
        const deadlines = new Deadlines<Timed>(clock);
        const underWay = new Set<Timed>();
        const late: (readonly [wantedMs: number, foundMs: number])[] = [];
        const begin = (timeoutMs: number, again: boolean): void => {
          const dueMs = clock.steady() + timeoutMs;
          const timed: Timed = {
            timeoutMs,
            dueMs,
            tooLate: () => {
              assert.ok(underWay.delete(timed), "once, and not after its end");
              deadlines.delete(timed);
              late.push([dueMs, clock.steady()]);
              if (again) begin(timeoutMs, false);
            },
          };
          underWay.add(timed);
          deadlines.add(timed);
        };
        for (const { ms, timeoutMs, end, ends } of steps) {
          begin(timeoutMs, ends);
          const timed = [...underWay][end];
          if (ends && timed !== undefined) {
            underWay.delete(timed);
            deadlines.delete(timed);
          }
          clock.advance(ms);
          assert.deepEqual(new Set(deadlines.all()), underWay);
          assert.ok(
            [...underWay].every(({ dueMs }) => dueMs > clock.steady()),
            "none is left behind",
          );
          assert.ok(clock.pending <= 3, "one timer for all that may take equally long");
        }
        for (const [wantedMs, foundMs] of late) assert.equal(foundMs, wantedMs);
        clock.advance(200);
        assert.deepEqual([underWay.size, clock.pending], [0, 0]);
      }),
      { seed: 14 },
    );
  });
});
