import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { TickQueue } from "./tick-queue.ts";

describe("work that is spread over turns of the loop", () => {
  it("begins in order, none at once, and leaves room for others in between", async () => {
    const spread = new TickQueue();
    const begun: number[] = [];
    for (let number = 0; number < 1_000; number += 1) spread.later(() => begun.push(number));
    assert.equal(begun.length, 0);
    const after: number[] = [];
    while (begun.length < 1_000) {
      await setImmediate();
      after.push(begun.length);
    }
    assert.deepEqual(
      begun,
      Array.from({ length: 1_000 }, (_, number) => number),
    );
    assert.ok(after.length >= 10, `${after.length} turns`);
  });

  it("begins as few in a turn as is said", async () => {
    const spread = new TickQueue(1);
    const begun: number[] = [];
    for (const number of [1, 2, 3]) void spread.turn().then(() => begun.push(number));
    for (const turns of [1, 2, 3]) {
      await setImmediate();
      assert.equal(begun.length, turns);
    }
  });

  it("also begins what comes while it begins others, and what comes when all was done", async () => {
    const spread = new TickQueue();
    const begun: string[] = [];
    spread.later(() => {
      begun.push("first");
      spread.later(() => begun.push("second"));
    });
    while (begun.length < 2) await setImmediate();
    spread.later(() => begun.push("third"));
    while (begun.length < 3) await setImmediate();
    assert.deepEqual(begun, ["first", "second", "third"]);
  });
});
