import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Strain } from "./strain.ts";

describe("strain", () => {
  it("is high when next to none of the time since the last look was spent waiting; one looks ten times a second", () => {
    const spent = { idle: 500, active: 20 };
    const strain = new Strain(() => ({ ...spent }));
    assert.equal(strain.isHigh(1_000), false, "there is nothing to compare with");
    spent.active += 90;
    spent.idle += 10;
    assert.equal(strain.isHigh(1_099), false);
    assert.equal(strain.isHigh(1_100), true);
    spent.active += 70;
    spent.idle += 30;
    assert.equal(strain.isHigh(1_199), true);
    assert.equal(strain.isHigh(1_200), false);
  });

  it("is told of this thread by default", () => {
    const strain = new Strain();
    strain.isHigh(0);
    // The loop has not waited since.
    for (const endMs = performance.now() + 2; performance.now() < endMs; );
    assert.equal(strain.isHigh(100), true);
  });
});
