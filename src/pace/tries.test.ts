import assert from "node:assert/strict";
import { it } from "node:test";
import { Tries } from "./tries.ts";

function scene(most: number) {
  const at = { ms: 0 };
  return { at, tries: new Tries({ most, withinMs: 60_000, now: () => at.ms }) };
}

it("so many may fail within the time, those under way counted too, and one more when the oldest is over", () => {
  const { at, tries } = scene(2);
  tries.begin("a", "failed");
  at.ms = 10_000;
  const second = tries.begin("a", "failed");
  assert.throws(() => tries.begin("a", "failed"), /^SignalboxError: 2 failed: try again in 50 s$/);
  tries.begin("b", "failed");
  second.succeeded();
  second.succeeded();
  tries.begin("a", "failed");
  assert.throws(() => tries.begin("a", "failed"), /too|try again/);
  at.ms = 60_000;
  tries.begin("a", "failed");
  assert.throws(() => tries.begin("a", "failed"), /try again in 10 s/);
});

it("what is asked while it is refused does not make it longer", () => {
  const { at, tries } = scene(1);
  tries.begin("a", "failed");
  for (at.ms = 1_000; at.ms < 60_000; at.ms += 1_000) assert.throws(() => tries.begin("a", "failed"));
  tries.begin("a", "failed");
});

it("keeps so many keys and no more", () => {
  const { tries } = scene(1);
  for (let count = 0; count < 10_001; count += 1) tries.begin(`key ${count}`, "failed");
  tries.begin("key 0", "failed");
  assert.throws(() => tries.begin("key 10000", "failed"));
});
