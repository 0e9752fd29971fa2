/** Subscriptions whose owner says how fast and in what order their events are sent. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import { type Answer, type Engine, engine, failed, gone, never, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const policy: RetryPolicy = { maxRetries: 1, scheduleMs: [10_000], jitter: 0 };

function keys(count: number, name = "k"): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}`);
}

describe("max_per_second", () => {
  it("bounds how many begin, the first ones and those that waited alike", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy, pace: { maxPerSecond: 4 } });
    const events = await at.put(...keys(9));
    const started = at.clock.now();
    while (at.tried.length < 9) {
      await at.calm();
      at.clock.advance(100);
      await at.calm();
      assert.ok(at.clock.now() - started < 10_000, `${at.tried.length} attempts`);
    }
    for (const event of events) await at.becomes("delivered", event, rule);
    for (const { atMs } of at.tried) {
      const within = at.tried.filter((one) => one.atMs >= atMs && one.atMs < atMs + 1_000).length;
      assert.ok(within <= 4, `${within} in a second`);
    }
  });

  it("keeps no other subscription waiting", async () => {
    await using at = await engine();
    await at.subscribe({ policy, pace: { maxPerSecond: 0.01 } });
    const other = await at.subscribe({ policy });
    const events = await at.put(...keys(100));
    for (const event of events) await at.becomes("delivered", event, other);
    assert.equal(at.tried.length, 101);
  });

  it("can be taken away, and then all goes", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy, pace: { maxPerSecond: 0.01 } });
    const events = await at.put(...keys(30));
    await at.triedTimes(1);
    await at.calm();
    await at.change(rule, { pace: {} });
    for (const event of events) await at.becomes("delivered", event, rule);
  });
});

describe("max_concurrency", () => {
  it("bounds how many run at once", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy, pace: { maxConcurrency: 3 } });
    let most = 0;
    let under = 0;
    at.answer = async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
      return ok;
    };
    const events = await at.put(...keys(50));
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.equal(most, 3);
  });
});

describe("ordered", () => {
  const ordered = { policy, pace: { ordered: true } } as const;

  /** Answers that are given when the test says so, and the order in which attempts began. */
  function held(at: Engine): { readonly open: Map<string, (answer: Answer) => void>; readonly began: string[] } {
    const open = new Map<string, (answer: Answer) => void>();
    const began: string[] = [];
    at.answer = (tried) => {
      const name = `${tried.key}${tried.event.sequence}`;
      began.push(name);
      return Promise.race([never(tried), new Promise<Answer>((resolve) => open.set(name, resolve))]);
    };
    return { open, began };
  }

  it("sends one at a time of each key, in order, and keys side by side", async () => {
    await using at = await engine();
    const rule = await at.subscribe(ordered);
    const under = new Map<string, number>();
    at.answer = async ({ key }) => {
      under.set(key, (under.get(key) ?? 0) + 1);
      assert.equal(under.get(key), 1, `one of ${key} at a time`);
      for (let turns = 0; turns < 3; turns += 1) await new Promise(setImmediate);
      under.set(key, 0);
      return ok;
    };
    const events: number[] = [];
    for (let round = 0; round < 10; round += 1) events.push(...(await at.put("a", "b", "c")));
    for (const event of events) await at.becomes("delivered", event, rule);
    for (const key of ["a", "b", "c"]) {
      const sequences = at.tried.filter((one) => one.key === key).map(({ event }) => event.sequence);
      assert.deepEqual(
        sequences,
        sequences.toSorted((one, other) => one - other),
      );
      assert.equal(sequences.length, 10);
    }
  });

  it("holds what stands behind one that failed, until that is acknowledged; other keys go on", async () => {
    await using at = await engine();
    const rule = await at.subscribe(ordered);
    const answers = [failed, ok, ok, ok];
    at.answer = ({ key }) => (key === "a" ? (answers.shift() ?? ok) : ok);
    const [first = 0] = await at.put("a");
    await until("it failed", async () => (await at.delivery(first, rule))?.attempts === 1);
    const [second = 0, third = 0, other = 0] = await at.put("a", "a", "b");
    await at.becomes("delivered", other, rule);
    assert.deepEqual([await at.statusOf(second, rule), await at.statusOf(third, rule)], ["waiting", "waiting"]);
    at.clock.advance(10_000);
    for (const event of [first, second, third]) await at.becomes("delivered", event, rule);
    assert.deepEqual(
      at.tried.filter(({ key }) => key === "a").map(({ event }) => event.sequence),
      [first, first, second, third],
    );
  });

  it("goes on behind one that is dead, and takes that back when it is sent again", async () => {
    await using at = await engine();
    const rule = await at.subscribe(ordered);
    at.answer = ({ event }) => (event.sequence === first ? failed : ok);
    let first = 0;
    [first = 0] = await at.put("a");
    await until("it failed", async () => (await at.delivery(first, rule))?.attempts === 1);
    const [second = 0] = await at.put("a");
    await at.calm();
    at.clock.advance(10_000);
    await at.becomes("dead", first, rule);
    await at.becomes("delivered", second, rule);
    at.answer = () => ok;
    const redrive = { do: "delivery.redrive", sequence: first, subscription: rule.number } as const;
    await at.publish({ changes: [{ ...redrive, dueMs: at.clock.steady() }] });
    await at.deliverer.wake(rule.number);
    await at.becomes("delivered", first, rule);
  });

  it("stays so across a restart, a pause and a deletion", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ ...ordered, policy: { ...policy, scheduleMs: [3_600_000] } });
    at.answer = () => failed;
    const [first = 0, second = 0, third = 0] = await at.put("a", "a", "a");
    await until("it failed", async () => (await at.delivery(first, rule))?.attempts === 1);
    for (const event of [second, third]) await at.becomes("waiting", event, rule);
    await at.restart();
    at.clock.advance(3_599_000);
    await at.calm();
    assert.equal(at.tried.length, 1);
    at.answer = () => gone;
    at.clock.advance(1_000);
    await at.becomes("paused", first, rule);
    await at.calm();
    assert.equal(at.tried.length, 2);
    at.answer = ({ event }) => (event.sequence === third ? failed : ok);
    await at.change(rule, { paused: null });
    for (const event of [first, second]) await at.becomes("delivered", event, rule);
    await until("the last failed", async () => (await at.delivery(third, rule))?.attempts === 1);
    const [fourth = 0] = await at.put("a");
    await at.becomes("waiting", fourth, rule);
    await at.unsubscribe(rule);
    for (const event of [third, fourth]) {
      assert.equal((await at.becomes("dead", event, rule)).reason, "subscription_deleted");
    }
  });

  it("is that of what comes from when it is said; what waits in a line stays in it when it is taken back", async () => {
    await using at = await engine();
    const rule = await at.subscribe(ordered);
    const [before = 0] = await at.put("well");
    await at.becomes("delivered", before, rule);
    const { open, began } = held(at);
    const [first = 0, second = 0] = await at.put("a", "a");
    await at.triedTimes(2);
    await at.becomes("waiting", second, rule);
    await at.change(rule, { pace: {} });
    const [third = 0] = await at.put("a");
    await at.triedTimes(3);
    await at.calm();
    assert.deepEqual(began, [`a${first}`, `a${third}`]);
    open.get(`a${first}`)?.(ok);
    await at.triedTimes(4);
    for (const resolve of open.values()) resolve(ok);
    for (const event of [first, second, third]) await at.becomes("delivered", event, rule);
  });
});
