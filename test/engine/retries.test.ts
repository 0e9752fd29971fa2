/** How often, and when, what fails is tried again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import { fakeClock } from "../support/clock.ts";
import { type Engine, engine, failed, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

function policy(over: Partial<RetryPolicy> = {}): { readonly policy: RetryPolicy } {
  return { policy: { maxRetries: 3, scheduleMs: [5_000, 30_000, 120_000], jitter: 0, ...over } };
}

/** Moves to the very millisecond before something falls due, sees that nothing happens, and takes the last step. */
async function toTheMillisecond(at: Engine, waitMs: number): Promise<void> {
  const before = at.tried.length;
  at.clock.advance(waitMs - 1);
  await at.calm();
  assert.equal(at.tried.length, before, `not before ${waitMs} ms`);
  at.clock.advance(1);
  await at.triedTimes(before + 1);
}

describe("retries", () => {
  for (const [dice, share] of [
    [0, 0.8],
    [0.5, 1],
    [1 - 2 ** -53, 1.2],
  ] as const) {
    it(`come after 10 s, 2 min and 30 min by default, times ${share} when the dice say so; then it is dead`, async () => {
      await using at = await engine({ clock: fakeClock(undefined, dice) });
      const rule = await at.subscribe();
      at.answer = () => failed;
      const [event = 0] = await at.put("a");
      await at.triedTimes(1);
      for (const step of [10_000, 120_000, 1_800_000]) {
        await at.becomes("waiting", event, rule);
        await at.calm();
        await toTheMillisecond(at, step * share);
      }
      const dead = await at.becomes("dead", event, rule);
      assert.deepEqual([dead.attempts, dead.reason, dead.dueMs], [4, "status", undefined]);
      at.clock.advance(86_400_000);
      await at.calm();
      assert.equal(at.tried.length, 4, "nobody tries what is dead");

      const starts = at.tried.map(({ atMs }) => atMs);
      const attempts = await at.attempts(event, rule);
      assert.deepEqual(
        attempts.map(({ number, startedMs, status, reason }) => [number, startedMs, status, reason]),
        starts.map((startedMs, index) => [index + 1, startedMs, 500, "status"]),
      );
    });
  }

  it("are not made with max_retries 0", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ maxRetries: 0 }));
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    assert.equal((await at.becomes("dead", event, rule)).attempts, 1);
    await at.calm();
    assert.equal(at.tried.length, 1);
  });

  it("come at once when the schedule says 0 ms, as many as there may be", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ maxRetries: 7, scheduleMs: [0] }));
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    assert.equal((await at.becomes("dead", event, rule)).attempts, 8);
    assert.equal(at.tried.length, 8);
    assert.equal(new Set(at.tried.map(({ atMs }) => atMs)).size, 1, "no time has passed");
  });

  it("repeat the last step when there are more of them than steps", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ maxRetries: 4, scheduleMs: [1_000, 3_000] }));
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.triedTimes(1);
    for (const step of [1_000, 3_000, 3_000, 3_000]) {
      await at.becomes("waiting", event, rule);
      await at.calm();
      await toTheMillisecond(at, step);
    }
    assert.equal((await at.becomes("dead", event, rule)).attempts, 5);
  });

  it("wait for as long as Retry-After asks, when that is longer than the schedule", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ scheduleMs: [5_000] }));
    at.answer = ({ key }) => ({ ...failed, retryAfterMs: key === "longer" ? 60_000 : 1_000 });
    const [longer = 0, shorter = 0] = await at.put("longer", "shorter");
    const dues = [];
    for (const event of [longer, shorter]) dues.push((await at.becomes("waiting", event, rule)).dueMs);
    assert.deepEqual(dues, [at.clock.now() + 60_000, at.clock.now() + 5_000]);
  });

  it("end with the first acknowledgement", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ scheduleMs: [0] }));
    at.answer = () => (at.tried.length < 3 ? failed : ok);
    const [event = 0] = await at.put("a");
    assert.equal((await at.becomes("delivered", event, rule)).attempts, 3);
    await at.calm();
    assert.equal(at.tried.length, 3);
    const reasons = (await at.attempts(event, rule)).map(({ number, reason }) => [number, reason]);
    assert.deepEqual(reasons, [
      [1, "status"],
      [2, "status"],
      [3, undefined],
    ]);
  });

  it("go on after a restart where they were", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ scheduleMs: [60_000] }));
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("waiting", event, rule);
    at.clock.advance(20_000);
    await at.restart();
    await toTheMillisecond(at, 40_000);
    at.answer = () => ok;
    await until("the second failure is recorded", async () => (await at.delivery(event, rule))?.attempts === 2);
    await at.restart();
    at.clock.advance(60_000);
    assert.equal((await at.becomes("delivered", event, rule)).attempts, 3);
  });
});

describe("what stays the same", () => {
  it("is the id and the sequence, on every attempt, redrive and after a restart", async () => {
    await using at = await engine();
    const rule = await at.subscribe(policy({ maxRetries: 1, scheduleMs: [0] }));
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("dead", event, rule);
    await at.restart();
    const redrive = {
      do: "delivery.redrive",
      sequence: event,
      subscription: rule.number,
      dueMs: at.clock.now(),
    } as const;
    await at.store.commit({ changes: [redrive] });
    await at.deliverer.wake(rule.number);
    await at.triedTimes(4);
    const dead = await at.becomes("dead", event, rule);
    assert.equal(dead.attempts, 4, "the count of all attempts goes on, that of tries began anew");
    assert.equal(new Set(at.tried.map(({ id }) => id)).size, 1);
    assert.deepEqual([...new Set(at.tried.map((one) => one.event.sequence))], [event]);
    assert.deepEqual(
      (await at.attempts(event, rule)).map(({ number }) => number),
      [1, 2, 3, 4],
    );
  });
});
