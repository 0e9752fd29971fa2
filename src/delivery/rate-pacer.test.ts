import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RatePacer } from "./rate-pacer.ts";

/** When each of `count` begins, as early as it may, from 0 on. */
function begun(perSecond: number, count: number): number[] {
  const pacer = new RatePacer(perSecond);
  const times: number[] = [];
  for (let nowMs = 0; times.length < count; nowMs = pacer.nextMs) {
    for (let free = pacer.free(nowMs); free > 0 && times.length < count; free -= 1) {
      pacer.begin(nowMs);
      times.push(nowMs);
    }
  }
  return times;
}

describe("a pacer", () => {
  it("lets one begin at once, and the others evenly", () => {
    assert.deepEqual(begun(2, 4), [0, 525, 1_050, 1_575]);
    assert.deepEqual(begun(0.1, 3), [0, 10_500, 21_000]);
  });

  it("lets no more begin after a long silence than at any other time", () => {
    const pacer = new RatePacer(10);
    pacer.begin(0);
    assert.equal(pacer.free(3_600_000), 1);
  });

  it("lets some begin together where a timer for each would be too many", () => {
    const times = begun(1_000, 1_000);
    const together = times.filter((time) => time === 0).length;
    assert.ok(together > 10 && together <= 50, String(together));
  });

  it("never lets more begin in a second than it says, and lets none wait for much longer (property)", () => {
    const rates = fc.double({ min: 0.05, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(rates, (perSecond) => {
        const times = begun(perSecond, 200);
        for (const from of times) {
          const within = times.filter((time) => time >= from && time < from + 1_000).length;
          assert.ok(within <= Math.max(1, Math.ceil(perSecond)), `${within} in the second from ${from}`);
        }
        assert.ok((times.at(-1) ?? 0) <= (199 * 1_050) / perSecond + 200);
      }),
      { numRuns: 50 },
    );
  });
});
