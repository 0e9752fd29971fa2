/** A sick target costs only itself. Counted, not timed: the clock stands still unless it is moved. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onlyInMemoryMs } from "../../src/delivery/lane.ts";
import { slotsPerTarget } from "../../src/domain/pace.ts";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { Feed } from "../../src/store/feed.ts";
import { anEvent, committed } from "../conformance/store/given.ts";
import { type Answer, type Engine, engine, never, ok, type Tried } from "../support/engine.ts";
import { until } from "../support/until.ts";

const hour: RetryPolicy = { maxRetries: 100, scheduleMs: [3_600_000], jitter: 0 };
const timeoutMs = 10_000;

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${String(index).padStart(4, "0")}`);
}

/** Hangs until the target's timeout, by the engine's clock. */
function hang(at: Engine, tried: Tried): Promise<{ kind: "failed"; reason: "timeout" | "internal" }> {
  return new Promise((resolve) => {
    const cancel = at.clock.after(timeoutMs, () => resolve({ kind: "failed", reason: "timeout" }));
    tried.signal.addEventListener("abort", () => {
      cancel();
      resolve({ kind: "failed", reason: "internal" });
    });
  });
}

function underWay(at: Engine, { number }: Subscription): number {
  return at.tried.filter(({ subscription, over }) => subscription.number === number && !over).length;
}

/** Moves the clock in small steps until `isSo`; events take their way between the steps. */
async function advanceUntil(at: Engine, stepMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let step = 0; !(await isSo()); step++) {
    assert.ok(step < 1_000, "it comes in the end");
    at.clock.advance(stepMs);
    await at.calm();
  }
}

describe("a target that hangs", () => {
  it("never holds more than its slots, fewer with each timeout, and delays nobody else", async () => {
    await using at = await engine();
    const sick = await at.subscribe({ policy: hour });
    const healthy = await at.subscribe({ policy: hour });
    at.answer = (tried) => (tried.subscription.number === sick.number ? hang(at, tried) : ok);
    const events = await at.put(...keys(300));
    await advanceUntil(at, 50, () => at.keysFor(healthy).length === 300);
    for (const event of events) await at.becomes("delivered", event, healthy);
    assert.equal(at.keysFor(sick).length, slotsPerTarget);
    assert.equal(underWay(at, sick), slotsPerTarget);
    // The rest stands in line for seconds at most, and then waits in the store, as does what is under way.
    const waiting = async (): Promise<number> =>
      (await at.store.deliveries.due(sick.number, at.clock.now(), 1_000)).length;
    at.clock.advance(onlyInMemoryMs);
    await until("all are in the store", async () => (await waiting()) === 300);

    // Sixty-four timeouts leave one slot, and it stays one.
    at.clock.advance(timeoutMs);
    await at.triedTimes(300 + slotsPerTarget + 1);
    for (let turn = 0; turn < 3; turn++) {
      await at.calm();
      assert.equal(underWay(at, sick), 1);
      at.clock.advance(timeoutMs);
    }
    const more = await at.put("more");
    await at.becomes("delivered", more[0] ?? 0, healthy);
  });

  it("gets what waits in order once it is back, and its slots with it", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = (tried) => hang(at, tried);
    const events = await at.put(...keys(200));
    await at.calm();
    await advanceUntil(at, 100, async () => (await at.statusOf(events[199] ?? 0, rule)) === "waiting");
    at.answer = () => ok;
    at.clock.advance(timeoutMs);
    for (const event of events.slice(slotsPerTarget)) await at.becomes("delivered", event, rule);
    const parked = at.keysFor(rule).slice(slotsPerTarget);
    assert.deepEqual(parked, keys(200).slice(slotsPerTarget), "the oldest first");
    at.clock.advance(3_600_000);
    for (const event of events) await at.becomes("delivered", event, rule);
  });
});

describe("a flood", () => {
  const count = 6_000;
  /** Of what one line may take, what is under way or on its way to the disk, and one batch. */
  const most = 4_096 + slotsPerTarget + 1_024 + 64;

  async function flooded(at: Engine): Promise<void> {
    for (let made = 0; made < count; made += 1_000) {
      await committed(at.store, { events: Array.from({ length: 1_000 }, () => anEvent(at.bucket)) });
    }
  }

  it("to a quick target is not parked: what finds no place in its line stays in the log", async () => {
    let parked = 0;
    const counting = (feed: Feed): Feed => ({
      next: (max, signal) => feed.next(max, signal),
      holds: (sequence) => feed.holds(sequence),
      settle: (settlement) => feed.settle(settlement),
      take: (settlement) => {
        parked += settlement.records.filter((record) => record.parked === true).length;
        feed.take(settlement);
      },
    });
    await using at = await engine({ between: ({ store, feed }) => ({ store, feed: counting(feed) }) });
    const rule = await at.subscribe({ policy: hour });
    const [before = 0] = await at.put("before");
    await at.becomes("delivered", before, rule);
    const held: ((answer: Answer) => void)[] = [];
    at.answer = () => new Promise<Answer>((resolve) => held.push(resolve));
    await flooded(at);
    const known = (): number => [...at.deliverer.firstAttempts.all()].length;
    await until("its line is full", () => known() > 4_096);
    for (let turn = 0; turn < 10; turn += 1) await at.calm();
    assert.ok(known() <= most, `${known()} were known`);
    assert.equal(held.length, slotsPerTarget);
    at.answer = () => ok;
    for (const resolve of held) resolve(ok);
    await until("all are tried", () => at.tried.length === count + 1);
    assert.equal(parked, 0);
  });

  it("to a target that stops answering holds up others for no more than a hundred milliseconds", async () => {
    await using at = await engine();
    const sick = await at.subscribe({ policy: hour });
    const healthy = await at.subscribe({ policy: hour });
    const [before = 0] = await at.put("before");
    for (const rule of [sick, healthy]) await at.becomes("delivered", before, rule);
    at.answer = (tried) => (tried.subscription.number === sick.number ? never(tried) : ok);
    const startedMs = at.clock.steady();
    await flooded(at);
    await at.publish({ events: [anEvent(at.bucket)] });
    await advanceUntil(at, 5, () => at.keysFor(healthy).length === count + 2);
    const tookMs = at.clock.steady() - startedMs;
    assert.ok(tookMs <= 150, `${tookMs} ms`);
    assert.ok([...at.deliverer.firstAttempts.all()].length <= most);
    assert.equal(at.keysFor(sick).length, 1 + slotsPerTarget);
  });
});

describe("very many targets that hang", () => {
  it("hold up the others for no more than a second of theirs", async () => {
    await using at = await engine();
    const sick: Subscription[] = [];
    for (let count = 0; count < 20; count++)
      sick.push(await at.subscribe({ policy: hour, event: "OBJECT_CREATED_PUT" }));
    const first = sick[0]?.number ?? 0;
    const last = sick.at(-1)?.number ?? 0;
    at.answer = (tried) =>
      tried.subscription.number >= first && tried.subscription.number <= last ? never(tried) : ok;
    // Twenty times sixty-four are more than may begin at once.
    const flood = await at.put(...keys(70));
    await at.triedTimes(1_024);
    await at.calm();
    assert.equal(at.tried.length, 1_024);
    const healthy = await at.subscribe({ policy: hour });
    const [event = 0] = await at.put("healthy");
    // Those that hang no longer count as quick after a second; nothing of theirs has ended.
    await advanceUntil(at, 250, async () => (await at.statusOf(event, healthy)) === "delivered");
    assert.ok(at.tried.every(({ subscription, over }) => over === (subscription.number === healthy.number)));
    for (const rule of sick) assert.ok(underWay(at, rule) <= slotsPerTarget);
    assert.equal(flood.length, 70);
  });
});
