/** Clocks are set, forward and back, by hand and by programs: nothing waits longer than its schedule allows because one was wrong. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import { type Engine, engine, failed, never, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const hour = 3_600_000;
const soon: RetryPolicy = { maxRetries: 3, scheduleMs: [2_000], jitter: 0 };
const steps: RetryPolicy = { maxRetries: 3, scheduleMs: [10_000, 120_000, 1_800_000], jitter: 0 };

/** What is due `waitMs` after `before` was tried so often is not tried before, and then is. */
async function triedAfter(at: Engine, waitMs: number, before: number): Promise<void> {
  await at.calm();
  at.clock.advance(waitMs - 1);
  await at.calm();
  assert.equal(at.tried.length, before, "not yet");
  at.clock.advance(1);
  await at.triedTimes(before + 1);
}

describe("the clock set while the process lives", () => {
  for (const [what, byMs] of [
    ["back by an hour", -hour],
    ["forward by an hour", hour],
  ] as const) {
    it(`${what}: what was due in two seconds is due in two seconds`, async () => {
      await using at = await engine();
      const rule = await at.subscribe({ policy: soon });
      at.answer = () => failed;
      const [event = 0] = await at.put("a");
      await at.becomes("waiting", event, rule);
      at.clock.set(at.clock.now() + byMs);
      await triedAfter(at, 2_000, 1);
      await until("it waits again", async () => (await at.delivery(event, rule))?.attempts === 2);
      await triedAfter(at, 2_000, 2);
    });

    it(`${what}: a redrive goes at once, and so does what is new`, async () => {
      await using at = await engine();
      const rule = await at.subscribe({ policy: { ...soon, maxRetries: 0 } });
      at.answer = () => failed;
      const [event = 0] = await at.put("a");
      await at.becomes("dead", event, rule);
      at.clock.set(at.clock.now() + byMs);
      at.answer = () => ok;
      const change = { do: "delivery.redrive", sequence: event, subscription: rule.number } as const;
      await at.publish({ changes: [{ ...change, dueMs: at.clock.steady() }] });
      await at.deliverer.wake(rule.number);
      await at.becomes("delivered", event, rule);
      const [next = 0] = await at.put("b");
      await at.becomes("delivered", next, rule);
    });
  }

  it("back by an hour: targets that hang are told from others after a second all the same", async () => {
    await using at = await engine();
    const sick = await Promise.all(Array.from({ length: 16 }, () => at.subscribe({ policy: soon })));
    const numbers = new Set(sick.map(({ number }) => number));
    at.answer = (tried) => (numbers.has(tried.subscription.number) ? never(tried) : ok);
    await at.put(...Array.from({ length: 64 }, (_, index) => `k${index}`));
    await at.triedTimes(1_024);
    at.clock.set(at.clock.now() - hour);
    const well = await at.subscribe({ policy: soon });
    const [event = 0] = await at.put("after");
    await at.calm();
    at.clock.advance(1_001);
    await at.becomes("delivered", event, well);
  });
});

describe("a start whose clock shows an earlier time", () => {
  it("tries what waits after its own wait, step by step of its policy", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: steps });
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("waiting", event, rule);
    for (const [index, waitMs] of [10_000, 120_000, 1_800_000].entries()) {
      await at.calm();
      at.clock.set(at.clock.now() - hour);
      await at.restart();
      await until("it is due in its own time", async () => {
        const { dueMs = Number.POSITIVE_INFINITY } = (await at.delivery(event, rule)) ?? {};
        return dueMs <= at.clock.now() + waitMs;
      });
      await triedAfter(at, waitMs, index + 1);
      const done = async (): Promise<boolean> => (await at.delivery(event, rule))?.attempts === index + 2;
      await until("its outcome is recorded", done);
    }
    assert.equal(await at.statusOf(event, rule), "dead");
  });

  it("sends at once what had found no slot, or was redriven", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: soon });
    const [event = 0] = await at.put("a");
    const { number: subscription, tenant } = rule;
    const dueMs = at.clock.steady();
    const parked = { sequence: event, subscription, tenant, status: "waiting", attempts: 0, tries: 0, dueMs } as const;
    await at.feed.settle({ records: [{ ...parked, parked: true }], done: [] });
    at.clock.set(at.clock.now() - hour);
    await at.restart();
    await at.becomes("delivered", event, rule);
  });

  it("waits for what an older version put off no longer than the longest step of its policy", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: steps });
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("waiting", event, rule);
    await at.stop();
    at.sql("UPDATE delivery SET wait_ms = NULL");
    at.clock.set(at.clock.now() - 3 * hour);
    await at.restart();
    await until("it is due", async () => ((await at.delivery(event, rule))?.dueMs ?? 0) <= at.clock.now() + 1_800_000);
  });

  it("leaves what is due later by its own wait as it is", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: steps });
    at.answer = () => failed;
    const events = await at.put(...Array.from({ length: 600 }, (_, index) => `k${index}`));
    for (const event of events) await at.becomes("waiting", event, rule);
    const before = await Promise.all(events.map(async (event) => (await at.delivery(event, rule))?.dueMs));
    at.clock.advance(5_000);
    await at.restart();
    await at.calm();
    assert.deepEqual(await Promise.all(events.map(async (event) => (await at.delivery(event, rule))?.dueMs)), before);
  });
});
