import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../test/support/clock.ts";
import { DueQueue } from "./due-queue.ts";

interface Named {
  readonly name: string;
}

function sleeper(name: string): Named {
  return { name };
}

function scene() {
  const clock = fakeClock(0);
  const rung: string[] = [];
  const alarm = new DueQueue<Named>(clock, ({ name }) => rung.push(`${name} ${clock.now()}`));
  return { clock, alarm, rung };
}

describe("an alarm", () => {
  it("wakes each at its time with a single timer", () => {
    const { clock, alarm, rung } = scene();
    for (const [name, atMs] of [
      ["b", 200],
      ["a", 100],
      ["c", 300],
    ] as const)
      alarm.set(sleeper(name), atMs);
    assert.equal(clock.pending, 1);
    clock.advance(1_000);
    assert.deepEqual(rung, ["a 100", "b 200", "c 300"]);
    assert.equal(clock.pending, 0);
  });

  it("wakes who asked more than once at the earliest of the times, and once", () => {
    const { clock, alarm, rung } = scene();
    const one = sleeper("one");
    for (const atMs of [300, 100, 200]) alarm.set(one, atMs);
    assert.equal(alarm.has(one), true);
    clock.advance(1_000);
    assert.deepEqual(rung, ["one 100"]);
    assert.equal(alarm.has(one), false);
    alarm.set(one, 1_500);
    clock.advance(1_000);
    assert.deepEqual(rung, ["one 100", "one 1500"]);
  });

  it("wakes at once whom it should have woken before", () => {
    const { clock, alarm, rung } = scene();
    clock.advance(500);
    alarm.set(sleeper("late"), 100);
    clock.advance(0);
    assert.deepEqual(rung, ["late 500"]);
  });

  it("waits longer than a timer of the platform can", () => {
    const { clock, alarm, rung } = scene();
    alarm.set(sleeper("far"), 5_000_000_000);
    clock.advance(4_999_999_999);
    assert.deepEqual(rung, []);
    clock.advance(1);
    assert.deepEqual(rung, ["far 5000000000"]);
  });

  it("lets who is woken set it again", () => {
    const clock = fakeClock(0);
    const times: number[] = [];
    const one = sleeper("one");
    const alarm = new DueQueue<Named>(clock, () => {
      times.push(clock.now());
      if (times.length < 3) alarm.set(one, clock.now() + 10);
    });
    alarm.set(one, 10);
    clock.advance(100);
    assert.deepEqual(times, [10, 20, 30]);
  });

  it("is silent once stopped", () => {
    const { clock, alarm, rung } = scene();
    alarm.set(sleeper("a"), 100);
    alarm.stop();
    alarm.set(sleeper("b"), 50);
    clock.advance(1_000);
    assert.deepEqual([rung, clock.pending], [[], 0]);
  });

  it("wakes everyone exactly when due, over any sequence of requests", () => {
    const request = fc.record({
      who: fc.nat(4),
      inMs: fc.integer({ min: 0, max: 50 }),
      passMs: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 100 }), (requests) => {
        const clock = fakeClock(0);
        const expected = new Map<string, number>();
        const alarm = new DueQueue<Named>(clock, ({ name }) => {
          assert.equal(clock.now(), expected.get(name), name);
          expected.delete(name);
        });
        const sleepers = Array.from({ length: 5 }, (_, index) => sleeper(String(index)));
        for (const { who, inMs, passMs } of requests) {
          const one = sleepers[who];
          if (one === undefined) continue;
          const atMs = clock.now() + inMs;
          expected.set(one.name, Math.min(atMs, expected.get(one.name) ?? atMs));
          alarm.set(one, atMs);
          clock.advance(passMs);
        }
        clock.advance(100);
        assert.deepEqual([...expected], []);
      }),
    );
  });
});
