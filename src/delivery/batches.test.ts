/** Several events in one request: when they leave, what becomes of them, and what of those that fail. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { committed } from "../../test/conformance/store/given.ts";
import { batched, keys, requests } from "../../test/support/batched.ts";
import { type Answer, engine, failed, gone, never, ok, type Tried } from "../../test/support/engine.ts";
import { until } from "../../test/support/until.ts";
import { onlyInMemoryMs } from "./lane.ts";

describe("a batch", () => {
  it("leaves as soon as it is full, and the rest when the first of it has waited as long as it may", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 3, maxWaitMs: 1_000 }));
    const events = await at.put(...keys(0, 7));
    await at.triedTimes(2);
    await at.calm();
    assert.deepEqual(requests(at), ["k0 k1 k2", "k3 k4 k5"]);
    at.clock.advance(999);
    await at.calm();
    assert.equal(at.tried.length, 2);
    at.clock.advance(1);
    await at.triedTimes(3);
    assert.equal(requests(at)[2], "k6");
    for (const event of events) await at.becomes("delivered", event, rule);
    await until("all events are done", () => at.store.events.isDispatched(events.at(-1) ?? 0));
  });

  it("is one attempt of each of its events, which says so", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 2 }));
    at.answer = () => failed;
    const [first = 0, second = 0] = await at.put("a", "b");
    await until("it is recorded", async () => (await at.delivery(second, rule))?.attempts === 1);
    at.answer = () => ok;
    at.clock.advance(90_000);
    for (const event of [first, second]) {
      const { last, attempts } = await at.becomes("delivered", event, rule);
      assert.deepEqual([last?.batch?.size, attempts], [2, 2]);
      const made = await at.attempts(event, rule);
      assert.deepEqual(
        made.map(({ batch, status }) => [batch?.size, status]),
        [
          [2, 500],
          [2, undefined],
        ],
      );
    }
  });

  it("that waits longer than a line may hold is kept in the store, and is as full as if it were not", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 100, maxWaitMs: 60_000 }));
    const events = await at.put(...keys(0, 3));
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    for (const event of events) await at.becomes("waiting", event, rule);
    events.push(...(await at.put(...keys(3, 5))));
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    for (const event of events) await at.becomes("waiting", event, rule);
    assert.equal(at.tried.length, 0);
    at.clock.advance(60_000 - 2 * onlyInMemoryMs);
    await at.triedTimes(1);
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["k0 k1 k2 k3 k4"], "those that came later need not wait as long");
  });

  it("that fills up in the store leaves before its time", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 4, maxWaitMs: 60_000 }));
    const events = await at.put(...keys(0, 3));
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    for (const event of events) await at.becomes("waiting", event, rule);
    events.push(...(await at.put("k3")));
    await at.calm();
    at.clock.advance(onlyInMemoryMs);
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["k3 k0 k1 k2"], "who fills it is due, and finds the others");
  });

  it("goes no faster than its owner wants, in requests, and is the fuller for it", async () => {
    await using at = await engine();
    const pace = { maxPerSecond: 1 };
    const rule = await at.subscribe({ ...batched({ maxEvents: 10, maxWaitMs: 100 }), pace });
    const events = await at.put(...keys(0, 25));
    await at.calm();
    at.clock.advance(100);
    await at.triedTimes(1);
    await at.calm();
    assert.equal(at.tried.length, 1);
    for (const times of [2, 3]) {
      at.clock.advance(1_100);
      await at.triedTimes(times);
    }
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(
      at.tried.map((one) => one.keys.length),
      [10, 10, 5],
    );
  });

  it("of an ordered subscription holds one event of each key, in its order", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ ...batched({ maxEvents: 10, maxWaitMs: 100 }), pace: { ordered: true } });
    const events = await at.put("a", "b", "a", "c", "b", "a");
    await at.calm();
    at.clock.advance(100);
    for (const event of events) await at.becomes("delivered", event, rule);
    for (const one of at.tried) assert.equal(new Set(one.keys).size, one.keys.length, one.keys.join());
    assert.deepEqual(requests(at)[0], "a b c");
    assert.equal(at.tried.flatMap((one) => one.keys).length, 6);
  });

  it("is sent as its owner wants it when it leaves, also when only the store knows of a change", async () => {
    await using at = await engine();
    const given = batched({ maxEvents: 10, maxWaitMs: 1_000 });
    const { uuid } = await at.subscribe(given);
    await at.put("a", "b");
    await at.calm();
    const patch = { target: { ...given.target, timeoutMs: 1_234 } };
    await committed(at.store, { changes: [{ do: "subscription.change", uuid, patch, atMs: at.clock.now() }] });
    at.clock.advance(1_000);
    await at.triedTimes(1);
    const [{ subscription } = {}] = at.tried;
    assert.equal(subscription?.target.kind === "webhook" && subscription.target.timeoutMs, 1_234);
  });

  it("need not wait for anything", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 100, maxWaitMs: 0 }));
    const [event = 0] = await at.put("a");
    await at.becomes("delivered", event, rule);
  });

  it("is known of what was acknowledged, also when that was sent again alone", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 2, maxWaitMs: 100 }));
    const [event = 0, other = 0] = await at.put("a", "b");
    for (const one of [event, other]) await at.becomes("delivered", one, rule);
    const { number: subscription } = rule;
    const again = { do: "delivery.redrive", sequence: event, subscription, dueMs: at.clock.steady() } as const;
    await committed(at.store, { changes: [again] });
    await at.deliverer.wake(subscription);
    await until("it was sent again", async () => (await at.attempts(event, rule)).length === 2);
    assert.deepEqual(
      (await at.attempts(event, rule)).map(({ batch }) => batch?.size),
      [2, undefined],
    );
  });

  it("of one event is a subscription's that is for one", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ ...batched({ maxEvents: 10, maxWaitMs: 60_000 }), once: true });
    const [event = 0] = await at.put("a", "b");
    await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["a"]);
  });

  it("takes no more slots than one, however many events it has", async () => {
    await using at = await engine();
    await at.subscribe({ ...batched({ maxEvents: 2 }), pace: { maxConcurrency: 2 } });
    at.answer = never;
    await at.put(...keys(0, 8));
    await at.triedTimes(2);
    await at.calm();
    assert.deepEqual(requests(at), ["k0 k1", "k2 k3"]);
  });
});

describe("a batch that failed", () => {
  it("is tried again as it was, all of it at once, and then one by one: the rest does not wait for who is poison", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 5 }));
    at.answer = ({ keys: of }: Tried): Answer => (of.includes("k2") ? failed : ok);
    const events = await at.put(...keys(0, 5));
    const recorded = (attempts: number) => async () => {
      const all = await Promise.all(events.map((event) => at.delivery(event, rule)));
      return all.every((one) => (one?.attempts ?? 0) >= attempts);
    };
    await until("the first try is recorded", recorded(1));
    const due = await Promise.all(events.map(async (event) => (await at.delivery(event, rule))?.dueMs));
    assert.equal(new Set(due).size, 1, "the dice are thrown once");
    at.clock.advance(90_000);
    await until("the second try is recorded", recorded(2));
    assert.deepEqual(requests(at), ["k0 k1 k2 k3 k4", "k0 k1 k2 k3 k4"]);
    at.clock.advance(90_000);
    for (const [index, event] of events.entries()) if (index !== 2) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at).slice(2).toSorted(), keys(0, 5), "each goes alone");
    const [poison = 0] = events.slice(2);
    for (let left = 3; left > 0; left -= 1) {
      await at.calm();
      at.clock.advance(90_000);
    }
    assert.equal((await at.becomes("dead", poison, rule)).attempts, 6);
    assert.equal(at.tried.filter((one) => one.keys.length === 1 && one.key !== "k2").length, 4);
  });

  it("stays together, if its owner wants that", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ ...batched({ maxEvents: 2, splitOnFailure: false }) });
    at.answer = () => failed;
    const [event = 0] = await at.put("a", "b");
    for (let times = 1; times <= 4; times += 1) {
      await until(`try ${times} is recorded`, async () => (await at.delivery(event, rule))?.attempts === times);
      at.clock.advance(90_000);
    }
    assert.deepEqual(requests(at).slice(0, 4), ["a b", "a b", "a b", "a b"]);
  });

  it("since its receiver is gone pauses the subscription, and goes on with it", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 2 }));
    at.answer = () => gone;
    const events = await at.put("a", "b");
    for (const event of events) await at.becomes("paused", event, rule);
    at.answer = () => ok;
    await at.change(rule, { paused: null });
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["a b", "a b"]);
  });
});

describe("after a stop", () => {
  it("what stood in line, and what was under way, is sent again, with the same ids", async () => {
    await using at = await engine();
    const rule = await at.subscribe(batched({ maxEvents: 3, maxWaitMs: 1_000 }));
    at.answer = never;
    const events = await at.put(...keys(0, 5));
    await at.triedTimes(1);
    await at.restart({ dispatching: false });
    for (const event of events) assert.equal(await at.statusOf(event, rule), "unknown");
    at.answer = () => ok;
    at.startDispatch();
    await at.triedTimes(2);
    await at.calm();
    at.clock.advance(1_000);
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["k0 k1 k2", "k0 k1 k2", "k3 k4"]);
    assert.equal(at.tried[0]?.id, at.tried[1]?.id);
  });
});

describe("without batches any more", () => {
  it("what stood in line goes one by one", async () => {
    await using at = await engine();
    const given = batched({ maxEvents: 10, maxWaitMs: 5_000 });
    const rule = await at.subscribe(given);
    const events = await at.put("a", "b");
    await at.calm();
    const { batch: _, ...target } = given.target;
    await at.change(rule, { target });
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.deepEqual(requests(at), ["a", "b"]);
  });
});
