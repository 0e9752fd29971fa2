import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { until } from "../../test/support/until.ts";
import { silentLog } from "../log.ts";
import type { Upkeep } from "../store/store.ts";
import { type Retention, retain } from "./retain.ts";

const dayMs = 86_400_000;

/** An upkeep of which the test says how each step ends; `steps` tells what was asked. */
function scene(over: Partial<Retention> = {}) {
  const clock = fakeClock();
  const steps: string[] = [];
  const answers = {
    prune: [] as boolean[],
    release: [] as boolean[],
    used: [] as number[],
    fail: false,
    stopAfter: 1_000,
  };
  const stop = new AbortController();
  const upkeep: Upkeep = {
    prune: async ({ beforeMs, deadBeforeMs, max }) => {
      if (answers.fail) throw new Error("the disk is full");
      const age = (ms: number): number => (clock.now() - ms) / dayMs;
      steps.push(`prune ${age(beforeMs)} ${age(deadBeforeMs)} ${max}`);
      if (steps.length === answers.stopAfter) stop.abort();
      return { dropped: max, more: answers.prune.shift() ?? false };
    },
    release: async () => {
      steps.push("release");
      return answers.release.shift() ?? false;
    },
    usedBytes: async () => answers.used.shift() ?? 0,
    holdsSealed: () => Promise.resolve(false),
    completeRuns: () => Promise.resolve(new Set<string>()),
    relieve: async () => {},
    ready: async () => {},
  };
  const times = { keepMs: 30 * dayMs, keepDeadMs: 90 * dayMs, keepBytes: undefined };
  const run = (): Promise<void> => retain({ upkeep, clock, log: silentLog, ...times, ...over }, stop.signal);
  return { clock, steps, answers, stop, run };
}

describe("retain", () => {
  it("goes in small steps until nothing is left to drop, then gives the space back, then rests", async () => {
    const { clock, steps, answers, stop, run } = scene();
    answers.prune = [true, true, false];
    answers.release = [true, false];
    const running = run();
    await until("it rests", () => clock.pending === 1);
    const step = "prune 30 90 500";
    assert.deepEqual(steps, [step, step, step, "release", "release"]);
    clock.advance(60_000);
    await until("it rests again", () => clock.pending === 1);
    assert.equal(steps.length, 7);
    stop.abort();
    await running;
  });

  it("drops what is finished before its time while too much is in use, dead letters never", async () => {
    const { clock, steps, answers, stop, run } = scene({ keepBytes: 1_000 });
    answers.prune = [false, true, true, true];
    answers.used = [3_000, 2_000, 1_000];
    const running = run();
    await until("it rests", () => clock.pending === 1);
    assert.deepEqual(steps, ["prune 30 90 500", "prune 0 90 500", "prune 0 90 500", "release"]);
    stop.abort();
    await running;
  });

  it("gives up for now when nothing more can be dropped, however much is in use", async () => {
    const { clock, steps, answers, stop, run } = scene({ keepBytes: 1_000 });
    answers.used = [9_000, 9_000, 9_000];
    const running = run();
    await until("it rests", () => clock.pending === 1);
    assert.deepEqual(steps, ["prune 30 90 500", "prune 0 90 500", "release"]);
    stop.abort();
    await running;
  });

  it("goes on after a failure", async () => {
    const { clock, steps, answers, stop, run } = scene();
    answers.fail = true;
    const running = run();
    await until("it rests", () => clock.pending === 1);
    answers.fail = false;
    clock.advance(60_000);
    await until("it rests again", () => clock.pending === 1);
    assert.deepEqual(steps, ["prune 30 90 500", "release"]);
    stop.abort();
    await running;
  });

  it("looks more often when little is kept, and stops between two steps", async () => {
    const { clock, answers, stop, run, steps } = scene({ keepMs: 60_000, keepDeadMs: 60_000 });
    const running = run();
    await until("it rests", () => clock.pending === 1);
    answers.prune = Array.from({ length: 10 }, () => true);
    answers.stopAfter = steps.length + 5;
    clock.advance(3_000);
    await running;
    assert.equal(steps.length, answers.stopAfter);
    assert.equal(stop.signal.aborted, true);
  });
});
