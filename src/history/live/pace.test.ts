import assert from "node:assert/strict";
import { it } from "node:test";
import { LivePace } from "./pace.ts";

it("a moment's rush is given whole, a flood in samples until nothing waits", () => {
  const pace = new LivePace();
  const nowMs = performance.now() + 1_000;
  assert.equal(pace.allowance(1, nowMs), 3_000);
  pace.took(2_999, false, nowMs);
  assert.equal(pace.allowance(1, nowMs), 1);
  pace.took(1, false, nowMs);
  assert.equal(pace.allowance(1, nowMs + 900), 0, "a flood");
  assert.equal(pace.allowance(1, nowMs + 1_000), 50);
  pace.took(50, false, nowMs + 1_000);
  assert.equal(pace.allowance(1, nowMs + 1_900), 0);
  pace.took(0, true, nowMs + 2_000);
  assert.ok(pace.allowance(1, nowMs + 2_000) > 1_000, "it has passed");
});

it("what had to be passed over is a flood for some seconds, also where nothing waits then", () => {
  const pace = new LivePace();
  const nowMs = performance.now() + 1_000;
  pace.passedOver(nowMs);
  pace.took(0, true, nowMs + 2_999);
  assert.equal(pace.allowance(1, nowMs + 3_500), 0);
  assert.equal(pace.allowance(1, nowMs + 3_999), 50);
  pace.took(0, true, nowMs + 3_999);
  assert.equal(pace.allowance(1, nowMs + 3_999), 3_000);
});

it("many readers get as much together as few", () => {
  const pace = new LivePace();
  const nowMs = performance.now() + 10_000;
  assert.equal(pace.allowance(20, nowMs), 500);
  pace.took(500, true, nowMs);
  assert.equal(pace.allowance(20, nowMs + 100), 125);
});
