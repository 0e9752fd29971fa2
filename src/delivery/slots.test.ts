import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "../domain/retry.ts";
import { Slots } from "./slots.ts";

const nowMs = 1_000_000;
const delivered: Outcome = { kind: "delivered" };
const refused: Outcome = { kind: "failed", reason: "status" };
const timeout: Outcome = { kind: "failed", reason: "timeout" };

function busy(retryAfterMs?: number): Outcome {
  return { kind: "failed", reason: "status", busy: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** One has ended so. */
function end(slots: Slots, outcome: Outcome, durationMs = 1): void {
  slots.begin(nowMs);
  slots.end({ outcome, durationMs }, nowMs);
}

describe("a lane's slots", () => {
  it("are sixty-four, halved by who cannot be reached down to one, and given back one for each acknowledgement", () => {
    const slots = new Slots({});
    assert.equal(slots.free, 64);
    const left: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      end(slots, timeout);
      left.push(slots.free);
    }
    assert.deepEqual(left, [32, 16, 8, 4, 2, 1, 1, 1]);
    for (let count = 0; count < 100; count += 1) end(slots, delivered);
    assert.equal(slots.free, 64);
  });

  it("are shared out among the nodes there are, at least one to each, and anew when there are more or fewer", () => {
    const sharers = { size: 3 };
    const many = new Slots({}, sharers);
    const few = new Slots({ pace: { maxConcurrency: 2 } }, sharers);
    assert.deepEqual([many.free, few.free], [22, 1]);
    end(many, timeout);
    assert.equal(many.free, 11);
    sharers.size = 8;
    assert.deepEqual([many.free, few.free], [8, 1], "one that has shrunk stays as small");
    for (let count = 0; count < 100; count += 1) end(many, delivered);
    assert.equal(many.free, 8);
    sharers.size = 1;
    assert.deepEqual([many.free, few.free], [64, 2]);
  });

  it("begin as slowly on all nodes together as their owner wants", () => {
    const sharers = { size: 2 };
    const slots = new Slots({ pace: { maxPerSecond: 2 } }, sharers);
    slots.begin(nowMs);
    assert.equal(slots.startsMs, nowMs + 1_050);
    sharers.size = 1;
    assert.equal(slots.freeAt(nowMs), 0, "what has begun counts on");
    slots.begin(nowMs + 1_050);
    assert.equal(slots.startsMs, nowMs + 1_050 + 525);
  });

  it("begin as slowly as the target allows, or its owner where that is slower, until it is another target", () => {
    const table: readonly (readonly [owner: number | undefined, target: number, everyMs: number])[] = [
      [undefined, 2, 525],
      [undefined, Number.POSITIVE_INFINITY, 0],
      [1, 2, 1_050],
      [4, 2, 525],
      [4, Number.POSITIVE_INFINITY, 263],
    ];
    for (const [maxPerSecond, allowed, everyMs] of table) {
      const slots = new Slots(maxPerSecond === undefined ? {} : { pace: { maxPerSecond } });
      slots.begin(nowMs);
      slots.allow(allowed, nowMs);
      const startsMs = everyMs === 0 ? 0 : nowMs + everyMs;
      assert.deepEqual([slots.startsMs, slots.isPaced, slots.mustWait(nowMs)], [startsMs, everyMs > 0, everyMs > 0]);
      slots.allow(allowed, nowMs + 100);
      assert.equal(slots.startsMs, startsMs, "the same again changes nothing");
      slots.renew(maxPerSecond === undefined ? undefined : { maxPerSecond });
      assert.equal(slots.isPaced, maxPerSecond !== undefined);
    }
  });

  it("are never fewer than none, though more attempts run than there are slots now", () => {
    const slots = new Slots({});
    for (let count = 0; count < 64; count += 1) slots.begin(nowMs);
    slots.end({ outcome: timeout, durationMs: 1 }, nowMs);
    assert.deepEqual([slots.free, slots.running], [0, 63]);
    for (let count = 0; count < 32; count += 1) slots.end({ outcome: refused, durationMs: 1 }, nowMs);
    assert.equal(slots.free, 1);
  });

  it("are half as many for each 429, and as many as before after another failure", () => {
    const slots = new Slots({});
    end(slots, busy());
    assert.deepEqual([slots.free, slots.startsMs], [32, 0]);
    end(slots, busy());
    end(slots, delivered);
    assert.equal(slots.free, 17);
    end(slots, refused);
    assert.equal(slots.free, 17, "another failure says nothing of how much it can take");
  });

  it("are none before the target wants any, the longest of what it asked for, and then one", () => {
    const slots = new Slots({});
    end(slots, busy(5_000));
    end(slots, busy(2_000));
    assert.deepEqual([slots.startsMs, slots.freeAt(nowMs + 4_999), slots.freeAt(nowMs + 5_000)], [nowMs + 5_000, 0, 1]);
    assert.deepEqual([slots.mustWait(nowMs + 4_999), slots.mustWait(nowMs + 5_000)], [true, false]);
    slots.stay();
    assert.equal(slots.startsMs, nowMs + 5_000, "that it is not gone takes nothing of that back");
    slots.renew(undefined);
    assert.equal(slots.startsMs, 0, "its owner has changed it: it may be another by now");
  });

  it("are as many at once as its owner says", () => {
    const slots = new Slots({ pace: { maxConcurrency: 3 } });
    assert.equal(slots.free, 3);
    for (let count = 0; count < 9; count += 1) end(slots, delivered);
    assert.equal(slots.free, 3);
    slots.renew({ maxConcurrency: 5 });
    assert.equal(slots.free, 5);
    slots.renew({ maxConcurrency: 1 });
    assert.equal(slots.free, 1);
    slots.renew(undefined);
    assert.equal(slots.free, 64);
  });

  it("are as many in a second as its owner says", () => {
    const slots = new Slots({ pace: { maxPerSecond: 2 } });
    assert.deepEqual([slots.freeAt(nowMs), slots.isPaced], [1, true]);
    slots.begin(nowMs);
    assert.deepEqual([slots.freeAt(nowMs), slots.mustWait(nowMs)], [0, true]);
    assert.ok(slots.startsMs > nowMs);
    assert.equal(slots.freeAt(slots.startsMs), 1);
  });

  it("are sound with half of them, of a target that can be reached", () => {
    const slots = new Slots({});
    assert.equal(slots.isSound, true);
    end(slots, timeout);
    assert.equal(slots.isSound, false);
    end(slots, delivered);
    assert.deepEqual([slots.isSound, slots.count], [true, 33]);
    for (let count = 0; count < 2; count += 1) end(slots, timeout);
    end(slots, delivered);
    assert.deepEqual([slots.isSound, slots.count], [false, 9]);
    const slow = new Slots({});
    slow.slow();
    assert.equal(slow.isSound, false, "a backlog is about to go out");
  });

  it("know how long acknowledged attempts usually take: what is quicker counts for more than what is slower", () => {
    const slots = new Slots({});
    const usualMs = (): number => slots.usualMs ?? -1;
    assert.equal(slots.usualMs, undefined);
    end(slots, delivered, 40);
    end(slots, timeout, 10_000);
    assert.equal(usualMs(), 40);
    for (let count = 0; count < 200; count += 1) end(slots, delivered, 8);
    assert.ok(usualMs() > 8 && usualMs() < 10, `${usualMs()} ms`);
    for (let count = 0; count < 64; count += 1) end(slots, delivered, 60);
    assert.ok(usualMs() < 13, `after a pause of the process ${usualMs()} ms`);
    for (let count = 0; count < 64; count += 1) end(slots, delivered, 1_000);
    assert.ok(usualMs() > 60, `of a target that has become slow ${usualMs()} ms`);
  });
});
