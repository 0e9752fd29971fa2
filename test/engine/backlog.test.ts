/** What waits when the process starts is taken a little at a time. Counted, not timed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import type { Feed } from "../../src/store/feed.ts";
import { readTogetherBytes } from "../../src/store/page.ts";
import type { Store } from "../../src/store/store.ts";
import { anEvent, committed } from "../conformance/store/given.ts";
import { type Engine, engine, failed, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const hour: RetryPolicy = { maxRetries: 3, scheduleMs: [3_600_000], jitter: 0 };

async function given(at: Engine, count: number, data: Record<string, string>): Promise<void> {
  for (let made = 0; made < count; made += 1_000) {
    const events = Array.from({ length: Math.min(1_000, count - made) }, () => ({ ...anEvent(at.bucket), data }));
    await committed(at.store, { events });
  }
}

/** What it was asked for and gave, at the most. */
interface Most {
  turns: number;
  outcomes: number;
  fedBytes: number;
  dueBytes: number;
}

function counting(most: Most): ({ store, feed }: { store: Store; feed: Feed }) => { store: Store; feed: Feed } {
  let open = 0;
  let fedInTurn = 0;
  return ({ store, feed }) => ({
    feed: {
      holds: (sequence) => feed.holds(sequence),
      next: async (max, signal) => {
        const fed = await feed.next(max, signal);
        if (fedInTurn === 0) setImmediate(() => (fedInTurn = 0));
        fedInTurn += fed.length;
        most.turns = Math.max(most.turns, fedInTurn);
        most.fedBytes = Math.max(
          most.fedBytes,
          fed.reduce((sum, { bytes }) => sum + bytes, 0),
        );
        return fed;
      },
      take: (settlement) => {
        const { records, done } = settlement;
        open += records.length;
        most.outcomes = Math.max(most.outcomes, open);
        const settled = (durable: boolean): void => {
          open -= records.length;
          settlement.settled(durable);
        };
        feed.take({ records, done, settled });
      },
      settle: async (settlement) => {
        open += settlement.records.length;
        most.outcomes = Math.max(most.outcomes, open);
        await feed.settle(settlement);
        open -= settlement.records.length;
      },
    },
    store: {
      ...store,
      deliveries: {
        ...store.deliveries,
        due: async (...query) => {
          const due = await store.deliveries.due(...query);
          const bytes = due.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
          most.dueBytes = Math.max(most.dueBytes, bytes);
          return due;
        },
      },
    },
  });
}

describe("a backlog of undispatched events", () => {
  it("to a target that refuses is taken in bounded steps, others getting their turn between them", async () => {
    const most: Most = { turns: 0, outcomes: 0, fedBytes: 0, dueBytes: 0 };
    await using at = await engine({ dispatching: false, between: counting(most) });
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => failed;
    const count = 10_000;
    await given(at, count, { key: "k", filling: "f".repeat(500) });
    await at.restart();
    const waiting = async (): Promise<number> => (await at.store.deliveries.depth()).waiting;
    await until("all of them wait", async () => (await waiting()) === count, 60_000);
    assert.ok(most.outcomes <= 4_096 + 1_024 + 64, `${most.outcomes} outcomes were in memory`);
    assert.ok(most.turns < count / 4, `${most.turns} events were taken in one turn of the loop`);
    assert.deepEqual(await at.store.deliveries.waiting({ max: 9 }), [
      { subscription: rule.number, dueMs: (await at.store.deliveries.waiting({ max: 1 }))[0]?.dueMs ?? 0 },
    ]);
  });

  it("of great size is read a megabyte at a time, and all of it arrives", async () => {
    const most: Most = { turns: 0, outcomes: 0, fedBytes: 0, dueBytes: 0 };
    await using at = await engine({ dispatching: false, between: counting(most) });
    await at.subscribe({ policy: hour });
    at.answer = () => failed;
    const filling = "f".repeat(250 * 1_024);
    await given(at, 100, { key: "k", filling });
    await at.restart();
    await until("all of them wait", async () => (await at.store.deliveries.depth()).waiting === 100, 60_000);
    at.answer = () => ok;
    at.clock.advance(3_600_000);
    await until("all of them arrived", async () => (await at.store.deliveries.depth()).waiting === 0, 60_000);
    const bound = readTogetherBytes + filling.length + 100;
    assert.ok(most.fedBytes <= bound, `${most.fedBytes} bytes were handed out at once`);
    assert.ok(most.dueBytes > 0 && most.dueBytes <= bound, `${most.dueBytes} bytes were claimed at once`);
  });
});

describe("what is due", () => {
  it("is found by a look at the store, should no hint of it have come", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => ok;
    const [sequence = 0] = await committed(at.store, { events: [{ ...anEvent(at.bucket), data: { key: "k" } }] });
    const of = { sequence, subscription: rule.number, tenant: rule.tenant };
    const parked = { ...of, status: "waiting", attempts: 0, tries: 0, dueMs: at.clock.now(), parked: true } as const;
    await at.feed.settle({ records: [parked], done: [sequence] });
    assert.equal(at.tried.length, 0);
    await at.deliverer.look();
    await until("it has arrived", async () => (await at.store.deliveries.depth()).waiting === 0);
    assert.equal(at.tried.length, 1);
    await at.deliverer.look();
    assert.equal(at.tried.length, 1);
  });
});
