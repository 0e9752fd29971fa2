import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, type Engine, engine, failed, gone, never, ok, type Tried } from "../../test/support/engine.ts";
import { until } from "../../test/support/until.ts";
import type { RetryPolicy } from "../domain/retry.ts";
import type { Feed } from "../store/feed.ts";
import type { Store } from "../store/store.ts";
import { onlyInMemoryMs } from "./lane.ts";

const hour: RetryPolicy = { maxRetries: 3, scheduleMs: [3_600_000], jitter: 0 };

/** Keys `k0`, `k1`, … */
function keys(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `k${from + index}`);
}

/** Attempts that end when the test says so. */
function heldAttempts(at: Engine): { readonly end: (answer: Answer, ...of: string[]) => void } {
  const open: { readonly key: string; readonly resolve: (answer: Answer) => void }[] = [];
  at.answer = (tried: Tried) =>
    Promise.race([never(tried), new Promise<Answer>((resolve) => open.push({ key: tried.key, resolve }))]);
  return {
    end: (answer, ...of) => {
      for (const one of open) if (of.length === 0 || of.includes(one.key)) one.resolve(answer);
    },
  };
}

describe("parked deliveries", () => {
  it("are sent as soon as slots come free, although all that heldAttempts them are tried again much later", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    const attempts = heldAttempts(at);
    await at.put(...keys(0, 64));
    await at.triedTimes(64);
    const late = await at.put(...keys(64, 74));
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    for (const event of late) await at.becomes("waiting", event, rule);
    await at.calm();
    assert.equal(at.tried.length, 64, "there are 64 slots");
    attempts.end(failed);
    at.answer = () => ok;
    for (const event of late) await at.becomes("delivered", event, rule);
    assert.equal(at.clock.pending > 0, true, "the others wait for their hour");
  });

  it("are attempted once, also when they are claimed before the engine knows that they are durable", async () => {
    const recorded: (() => void)[] = [];
    const late = (feed: Feed): Feed => ({
      next: (max, signal) => feed.next(max, signal),
      holds: (sequence) => feed.holds(sequence),
      settle: (settlement) => feed.settle(settlement),
      take: (settlement) => {
        const { records, done } = settlement;
        const parked = records.some((record) => record.parked === true);
        const tell = (durable: boolean): void => settlement.settled(durable);
        feed.take({
          records,
          done,
          settled: (durable) => (parked ? recorded.push(() => tell(durable)) : tell(durable)),
        });
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store, feed: late(feed) }) });
    const rule = await at.subscribe({ policy: hour });
    const attempts = heldAttempts(at);
    await at.put(...keys(0, 64));
    await at.triedTimes(64);
    const [event = 0] = await at.put("parked");
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    await until("it is parked, and the engine does not know", () => recorded.length === 1);
    attempts.end(ok, ...keys(0, 64));
    await at.calm();
    await at.deliverer.wake(rule.number);
    await at.triedTimes(65);
    for (const tell of recorded) tell();
    await at.calm();
    await at.deliverer.wake(rule.number);
    await at.calm();
    assert.equal(at.tried.length, 65);
    attempts.end(ok);
    await at.becomes("delivered", event, rule);
  });
});

describe("a first attempt that goes on for long", () => {
  it("is recorded as waiting, so that its event is done, and then as what came of it; it is made once", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    const attempts = heldAttempts(at);
    const [first = 0, second = 0] = await at.put("first", "second");
    await at.triedTimes(2);
    at.clock.advance(onlyInMemoryMs - 1_000);
    await at.calm();
    assert.deepEqual([await at.statusOf(first, rule), !(await at.store.events.isDispatched(first))], ["unknown", true]);
    at.clock.advance(1_000);
    for (const event of [first, second]) await at.becomes("waiting", event, rule);
    await until("both events are done", () => at.store.events.isDispatched(second));
    await at.deliverer.wake(rule.number);
    await at.calm();
    assert.equal(at.tried.length, 2, "it is under way, whatever the store calls it");
    attempts.end(ok, "first");
    attempts.end(failed, "second");
    assert.equal((await at.becomes("delivered", first, rule)).attempts, 1);
    await until("the failure is recorded", async () => (await at.delivery(second, rule))?.attempts === 1);
    at.answer = () => ok;
    at.clock.advance(3_600_000);
    await at.becomes("delivered", second, rule);
    assert.deepEqual(at.keysFor(rule), ["first", "second", "second"]);
  });

  it("and ends while that is on its way to the disk ends as what came of it", async () => {
    const held: (() => void)[] = [];
    const handed: string[] = [];
    const late = (feed: Feed): Feed => ({
      next: (max, signal) => feed.next(max, signal),
      holds: (sequence) => feed.holds(sequence),
      settle: (settlement) => feed.settle(settlement),
      take: (settlement) => {
        const [record] = settlement.records;
        if (record?.status === "waiting") held.push(() => feed.take(settlement));
        else feed.take(settlement);
        if (record !== undefined) handed.push(record.status);
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store, feed: late(feed) }) });
    const rule = await at.subscribe({ policy: hour });
    const attempts = heldAttempts(at);
    const [event = 0] = await at.put("a");
    await at.triedTimes(1);
    at.clock.advance(onlyInMemoryMs);
    await until("it is being recorded", () => held.length === 1);
    attempts.end(ok);
    await at.calm();
    assert.deepEqual(handed, ["waiting"]);
    held[0]?.();
    await at.becomes("delivered", event, rule);
    assert.deepEqual(handed, ["waiting", "delivered"]);
  });

  it("is made again after a stop, once", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = never;
    const [event = 0] = await at.put("a");
    await at.triedTimes(1);
    at.clock.advance(onlyInMemoryMs);
    await at.becomes("waiting", event, rule);
    await at.stop();
    at.answer = () => ok;
    await at.restart();
    assert.equal((await at.becomes("delivered", event, rule)).attempts, 1);
    await at.calm();
    assert.equal(at.tried.length, 2);
  });
});

/** Attempts in all slots of a rule, and two events that stand in line behind them. */
async function fullSlots(at: Awaited<ReturnType<typeof engine>>) {
  const rule = await at.subscribe({ policy: hour });
  const attempts = heldAttempts(at);
  await at.put(...keys(0, 64));
  await at.triedTimes(64);
  const line = await at.put("line1", "line2");
  await at.calm();
  return { rule, attempts, line };
}

describe("a pause", () => {
  it("also keeps those that stood in line for a slot", async () => {
    await using at = await engine();
    const { rule, attempts, line } = await fullSlots(at);
    attempts.end(gone, "k0");
    attempts.end(ok, ...keys(1, 64));
    for (const event of line) await at.becomes("paused", event, rule);
    await at.calm();
    assert.equal(at.tried.length, 64);
  });
});

describe("a rule that is disabled", () => {
  it("keeps those that stood in line for a slot", async () => {
    await using at = await engine();
    const { rule, attempts, line } = await fullSlots(at);
    await at.change(rule, { enabled: false });
    attempts.end(ok, ...keys(0, 64));
    for (const event of line) await at.becomes("paused", event, rule);
    await at.calm();
    assert.equal(at.tried.length, 64);
  });
});

describe("stop", () => {
  it("lets attempts under way finish within the grace, and records them", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    const attempts = heldAttempts(at);
    const [event = 0] = await at.put("a");
    await at.triedTimes(1);
    const stopped = at.stop(new AbortController().signal);
    attempts.end(ok);
    await stopped;
    await at.restart();
    assert.equal(await at.statusOf(event, rule), "delivered");
    await at.calm();
    assert.equal(at.tried.length, 1);
  });

  it("cancels what is under way when the grace ends; it is made again, nothing of it was recorded or is kept", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = (tried) => (tried.key === "second" ? failed : never(tried));
    const [first = 0, second = 0] = await at.put("first", "second");
    await at.becomes("waiting", second, rule);
    await at.triedTimes(2);
    const grace = new AbortController();
    const stopped = at.stop(grace.signal);
    grace.abort();
    await stopped;
    at.answer = () => ok;
    await at.restart();
    const { attempts } = await at.becomes("delivered", first, rule);
    assert.equal(attempts, 1, "the attempt that was cancelled counts for nothing");
    assert.deepEqual(at.keysFor(rule).toSorted(), ["first", "first", "second"]);
    assert.equal(new Set(at.tried.filter(({ key }) => key === "first").map(({ id }) => id)).size, 1);
    at.clock.advance(3_600_000);
    await at.becomes("delivered", second, rule);
  });

  it("begins nothing more, also when a claim was on its way", async () => {
    let answer = (): void => {};
    const slow = (store: Store): Store => ({
      ...store,
      deliveries: {
        ...store.deliveries,
        due: async (...query) => {
          const due = await store.deliveries.due(...query);
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          return due;
        },
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store: slow(store), feed }) });
    const rule = await at.subscribe({ policy: { ...hour, scheduleMs: [0] } });
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("waiting", event, rule);
    await at.calm();
    const stopped = at.deliverer.stop(new AbortController().signal);
    answer();
    await stopped;
    await at.calm();
    assert.equal(at.tried.length, 1);
  });
});
