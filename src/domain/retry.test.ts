import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { defaultRetryPolicy, longestAskedWaitMs, nextStep, type Outcome, type RetryPolicy } from "./retry.ts";

const failed: Outcome = { kind: "failed", reason: "status" };
const middle = (): number => 0.5;
const nowMs = 1_000_000;

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxRetries: fc.integer({ min: 0, max: 100 }),
  scheduleMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 10 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("nextStep", () => {
  it("retries three times and then gives up, by default", () => {
    const waits = [1, 2, 3, 4].map((attempt) => {
      const step = nextStep(defaultRetryPolicy, { outcome: failed, attempt, nowMs, random: middle });
      return step.kind === "retry" ? step.dueMs - nowMs : step;
    });
    assert.deepEqual(waits, [10_000, 120_000, 1_800_000, { kind: "dead", reason: "status" }]);
  });

  it("ends on success and pauses when the receiver wants no more, whatever the attempt", () => {
    for (const attempt of [1, 4, 1000]) {
      const step = (outcome: Outcome) => nextStep(defaultRetryPolicy, { outcome, attempt, nowMs, random: middle });
      assert.deepEqual(step({ kind: "delivered" }), { kind: "done" });
      assert.deepEqual(step({ kind: "stop", reason: "gone" }), { kind: "pause", reason: "gone" });
    }
  });

  it("never retries when no retry is allowed", () => {
    const policy = { ...defaultRetryPolicy, maxRetries: 0 };
    assert.equal(nextStep(policy, { outcome: failed, attempt: 1, nowMs, random: middle }).kind, "dead");
  });

  it("repeats the last step of a short schedule", () => {
    const policy = { maxRetries: 9, scheduleMs: [10, 20], jitter: 0 };
    const step = nextStep(policy, { outcome: failed, attempt: 7, nowMs, random: middle });
    assert.deepEqual(step, { kind: "retry", dueMs: nowMs + 20 });
  });

  it("waits as long as the receiver asks, when that is longer and at most a day", () => {
    const wait = (retryAfterMs: number): number => {
      const step = nextStep(defaultRetryPolicy, {
        outcome: { ...failed, retryAfterMs },
        attempt: 1,
        nowMs,
        random: middle,
      });
      return step.kind === "retry" ? step.dueMs - nowMs : Number.NaN;
    };
    assert.equal(wait(60_000), 60_000);
    assert.equal(wait(1), 10_000);
    assert.equal(wait(Number.MAX_SAFE_INTEGER), longestAskedWaitMs);
  });

  it("allows exactly maxRetries retries (property)", () => {
    fc.assert(
      fc.property(policies, dice, (policy, roll) => {
        let attempt = 1;
        while (nextStep(policy, { outcome: failed, attempt, nowMs, random: () => roll }).kind === "retry") attempt += 1;
        assert.equal(attempt - 1, policy.maxRetries);
      }),
    );
  });

  it("keeps each wait within its jitter, and in whole milliseconds not before now (property)", () => {
    fc.assert(
      fc.property(policies, dice, fc.integer({ min: 1, max: 100 }), (policy, roll, attempt) => {
        const step = nextStep(policy, { outcome: failed, attempt, nowMs, random: () => roll });
        if (step.kind !== "retry") return;
        const base = policy.scheduleMs[Math.min(attempt, policy.scheduleMs.length) - 1] ?? Number.NaN;
        const wait = step.dueMs - nowMs;
        assert.ok(Number.isInteger(step.dueMs) && wait >= 0);
        assert.ok(Math.abs(wait - base) <= base * policy.jitter + 0.5);
      }),
    );
  });
});
