import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { latencyBand, latencyQuantile } from "./latency.ts";

const bandCount = latencyBand(Number.MAX_SAFE_INTEGER) + 1;

function counted(durations: readonly number[]): number[] {
  const bands = Array.from({ length: bandCount }, () => 0);
  for (const ms of durations) bands[latencyBand(ms)] = (bands[latencyBand(ms)] ?? 0) + 1;
  return bands;
}

it("a duration belongs to the first band that is long enough", () => {
  const bands = [0, 1, 1.1, 2, 3, 3.5, 1_000, 1_001, 30_000, 30_001].map(latencyBand);
  assert.deepEqual(bands, [0, 0, 1, 1, 2, 3, 17, 18, 23, 24]);
  assert.equal(bandCount, 25);
});

it("a quantile lies in the band of the duration that it is of", () => {
  const durations = fc.array(fc.double({ min: 0, max: 300_000, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.99), (all, q) => {
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1] ?? 0;
      const quantile = latencyQuantile(counted(all), q) ?? Number.NaN;
      // Its edge may be rounded into the next one.
      assert.ok(Math.abs(latencyBand(quantile) - latencyBand(exact)) <= 1);
    }),
  );
});

it("nothing has no quantile", () => {
  assert.equal(latencyQuantile(counted([]), 0.5), undefined);
});
