import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anEvent, aSubscription, noonMs, uuid } from "../../test/conformance/store/given.ts";
import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import { defaultRetryPolicy, type Outcome, type RetryPolicy } from "../domain/retry.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AttemptResult } from "../targets/target.ts";
import { buriedRecord, judge } from "./judge.ts";

function withPolicy(policy: RetryPolicy): Subscription {
  const times = { updatedMs: noonMs, fromRevision: 1, revision: 1 };
  return { ...aSubscription(uuid("bucket")), number: 7, ...times, policy };
}

const due: DueDelivery = { event: { ...anEvent(uuid("bucket")), sequence: 12, revision: 1 }, attempts: 0, tries: 0 };
const middle = (): number => 0.5;
const patienceMs = 60_000;

function ended(outcome: Outcome, over: Partial<AttemptResult> = {}): AttemptResult {
  return { outcome, startedMs: noonMs, durationMs: 4, ...over };
}

describe("judge", () => {
  const subscription = withPolicy({ maxRetries: 1, scheduleMs: [1_000], jitter: 0 });
  const after = { nowMs: noonMs + 4, random: middle, patienceMs, revision: 3 };

  it("keeps of the attempt what callers are shown, and nothing that is empty", () => {
    const failed = ended(
      { kind: "failed", reason: "status" },
      { status: 503, message: "answered 503", snippet: "busy" },
    );
    assert.deepEqual(judge(subscription, due, failed, after), {
      record: {
        sequence: 12,
        subscription: 7,
        tenant: "acme",
        status: "waiting",
        attempts: 1,
        tries: 1,
        dueMs: noonMs + 1_004,
        waitMs: 1_000,
        attempt: {
          number: 1,
          startedMs: noonMs,
          durationMs: 4,
          revision: 3,
          status: 503,
          reason: "status",
          message: "answered 503",
          snippet: "busy",
        },
      },
      pause: false,
    });
    const acknowledged = judge(subscription, due, ended({ kind: "delivered" }, { status: 200, snippet: "" }), after);
    assert.deepEqual(acknowledged.record.attempt, {
      number: 1,
      startedMs: noonMs,
      durationMs: 4,
      revision: 3,
      status: 200,
    });
  });

  it("pauses at once when the receiver wants no more, and counts no try", () => {
    const { record, pause } = judge(subscription, due, ended({ kind: "stop", reason: "gone" }), after);
    assert.deepEqual(
      [pause, record.status, record.dueMs, record.attempts, record.tries],
      [true, "waiting", after.nowMs, 1, 0],
    );
  });

  it("does not pause after the last try, also when that was answered with 410 like any failure", () => {
    for (const reason of ["gone", "status"] as const) {
      const last = judge(subscription, { ...due, attempts: 1, tries: 1 }, ended({ kind: "failed", reason }), after);
      assert.deepEqual([last.record.status, last.record.reason, last.pause], ["dead", reason, false]);
    }
  });

  it("uses up no try while a busy receiver says when to come again, for as long as there is patience", () => {
    const busy = ended({ kind: "failed", reason: "status", busy: true, retryAfterMs: 5_000 });
    const first = judge(subscription, due, busy, after).record;
    assert.deepEqual(
      [first.status, first.attempts, first.tries, first.waitMs, first.patientMs, first.attempt?.number],
      ["waiting", 1, 0, 5_000, after.nowMs, 1],
    );
    const again = { ...due, attempts: 1, tries: 1, patientMs: noonMs };
    const late = judge(subscription, again, busy, { ...after, nowMs: noonMs + patienceMs - 1 }).record;
    assert.deepEqual([late.status, late.tries, late.patientMs], ["waiting", 1, noonMs]);
    const over = judge(subscription, again, busy, { ...after, nowMs: noonMs + patienceMs }).record;
    assert.deepEqual([over.status, over.reason], ["dead", "status"]);
    const silent = judge(subscription, again, ended({ kind: "failed", reason: "status", busy: true }), after).record;
    assert.equal(silent.status, "dead", "who does not say when to come again fails like others");
  });

  it("keeps what stands in a line there, and tells when the next of it may go", () => {
    const first = { ...due, line: "a" };
    const of = (outcome: Outcome, tries = 0): unknown => {
      const { line, releasedMs } = judge(subscription, { ...first, tries }, ended(outcome), after).record;
      return [line, releasedMs];
    };
    assert.deepEqual(of({ kind: "failed", reason: "status" }), ["a", undefined]);
    assert.deepEqual(of({ kind: "later", reason: "busy", waitMs: 1 }), ["a", undefined]);
    assert.deepEqual(of({ kind: "stop", reason: "gone" }), ["a", undefined]);
    assert.deepEqual(of({ kind: "delivered" }), ["a", after.nowMs]);
    assert.deepEqual(of({ kind: "failed", reason: "status" }, 1), ["a", after.nowMs]);
    const buried = buriedRecord(subscription, first, { reason: "not_visible", nowMs: noonMs });
    assert.deepEqual([buried.line, buried.releasedMs], ["a", noonMs]);
  });

  it("makes a dead letter, with its counts as they were, of what nobody is left to receive", () => {
    const { status, reason, attempts, tries, attempt } = buriedRecord(
      subscription,
      { ...due, attempts: 5, tries: 2 },
      { reason: "subscription_deleted", nowMs: noonMs },
    );
    assert.deepEqual([status, reason, attempts, tries, attempt], ["dead", "subscription_deleted", 5, 2, undefined]);
  });
});

/** What may happen to a delivery, in the order it happens. */
type Step = "ok" | "fail" | "fail, asked to wait" | "stop" | "redrive";

const outcomes: Record<Exclude<Step, "redrive">, Outcome> = {
  ok: { kind: "delivered" },
  fail: { kind: "failed", reason: "connection" },
  "fail, asked to wait": { kind: "failed", reason: "status", retryAfterMs: 100_000_000 },
  stop: { kind: "stop", reason: "gone" },
};

/** The same rules, written the long way: a list of what was tried since the last redrive, of which stops are left out. */
function naive(policy: RetryPolicy, steps: readonly Step[]): { status: string; attempts: number; waitMs?: number } {
  let attempts = 0;
  let failures = 0;
  let state: { status: string; waitMs?: number } = { status: "new" };
  for (const step of steps) {
    const finished = state.status === "delivered" || state.status === "dead";
    if (finished !== (step === "redrive")) continue;
    if (step === "redrive") {
      failures = 0;
      state = { status: "waiting", waitMs: 0 };
      continue;
    }
    attempts += 1;
    if (step === "ok") state = { status: "delivered" };
    else if (step === "stop") state = { status: "waiting", waitMs: 0 };
    else {
      failures += 1;
      const steps = policy.scheduleMs;
      const scheduled = failures > steps.length ? steps.at(-1) : steps[failures - 1];
      const waitMs = step === "fail" ? scheduled : 86_400_000;
      state = failures > policy.maxRetries ? { status: "dead" } : { status: "waiting", waitMs: waitMs ?? 0 };
    }
  }
  return { ...state, attempts };
}

/** The way that the engine and the store go together. */
function real(policy: RetryPolicy, steps: readonly Step[]): ReturnType<typeof naive> {
  const subscription = withPolicy(policy);
  let record: Pick<DeliveryRecord, "status" | "attempts" | "tries" | "dueMs"> | undefined;
  for (const step of steps) {
    const finished = record?.status === "delivered" || record?.status === "dead";
    if (finished !== (step === "redrive")) continue;
    if (step === "redrive") {
      record = { status: "waiting", attempts: record?.attempts ?? 0, tries: 0, dueMs: noonMs };
      continue;
    }
    const { attempts, tries } = record ?? due;
    const how = { nowMs: noonMs, random: middle, patienceMs, revision: 3 };
    record = judge(subscription, { ...due, attempts, tries }, ended(outcomes[step]), how).record;
  }
  const { status = "new", attempts = 0, dueMs } = record ?? {};
  return { status, attempts, ...(dueMs === undefined ? {} : { waitMs: dueMs - noonMs }) };
}

describe("any story of a delivery", () => {
  it("ends as the plain reading of the rules has it", () => {
    const policies = fc.record({
      maxRetries: fc.integer({ min: 0, max: 5 }),
      scheduleMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 4 }),
      jitter: fc.constant(0),
    });
    const step = fc.constantFrom<Step>("ok", "fail", "fail", "fail", "fail, asked to wait", "stop", "redrive");
    fc.assert(
      fc.property(policies, fc.array(step, { maxLength: 20 }), (policy, steps) => {
        assert.deepEqual(real(policy, steps), naive(policy, steps));
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps every wait within the jitter of its step", () => {
    const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        dice,
        fc.integer({ min: 0, max: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (random, tries, jitter) => {
          const policy = { ...defaultRetryPolicy, jitter };
          const how = { nowMs: noonMs, random: () => random, patienceMs, revision: 3 };
          const { record } = judge(withPolicy(policy), { ...due, attempts: tries, tries }, ended(outcomes.fail), how);
          const step = policy.scheduleMs[tries] ?? 0;
          const waitMs = (record.dueMs ?? 0) - noonMs;
          assert.ok(waitMs >= Math.floor(step * (1 - jitter)) && waitMs <= Math.ceil(step * (1 + jitter)));
        },
      ),
    );
  });
});
