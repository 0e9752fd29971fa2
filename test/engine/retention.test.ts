/** What is dropped in time, what never, and that the disk gets its space back. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Retention, retain } from "../../src/delivery/retain.ts";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { silentLog } from "../../src/log.ts";
import { aRecord } from "../conformance/store/given.ts";
import { type Engine, engine, failed, gone, keyOf, ok } from "../support/engine.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";

const dayMs = 86_400_000;
const hourly: RetryPolicy = { maxRetries: 100, scheduleMs: [3_600_000], jitter: 0 };

/** Retention at work until its scope ends. */
function retaining(at: Engine, over: Partial<Retention> = {}): Disposable {
  const stop = new AbortController();
  const times = { keepMs: 30 * dayMs, keepDeadMs: 90 * dayMs, keepBytes: undefined };
  const upkeep = at.store.upkeep;
  void retain({ upkeep, clock: at.clock, log: silentLog, ...times, ...over }, stop.signal);
  return { [Symbol.dispose]: () => stop.abort() };
}

async function kept(at: Engine): Promise<string[]> {
  return (await at.store.events.after(0, 100_000)).map(keyOf);
}

async function untilNothingIsLeft(at: Engine, stepMs: number): Promise<void> {
  await until("nothing is left", async () => {
    at.clock.advance(stepMs);
    return (await kept(at)).length === 0;
  });
}

/** Many finished events of about 1 KiB each, by the short way. */
async function finished(at: Engine, rule: Subscription, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    const sequences = await at.put(
      ...Array.from({ length: 1_000 }, (_, index) => `${done + index} ${"x".repeat(1_000)}`),
    );
    const taken: number[] = [];
    while (taken.length < sequences.length) {
      const fed = await at.feed.next(1_000, new AbortController().signal);
      taken.push(...fed.map(({ event }) => event.sequence));
    }
    await at.feed.settle({
      records: taken.map((event) => aRecord(event, rule, { status: "delivered" })),
      done: taken,
    });
  }
}

describe("retention by age", () => {
  it("drops what is finished and old, dead letters at their own time, and what is undelivered never", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: { ...hourly, maxRetries: 0 } });
    const stubborn = await at.subscribe({
      policy: { ...hourly, scheduleMs: [dayMs] },
      filter: stored('WHERE key = "waits"'),
    });
    const paused = await at.subscribe({ filter: stored('WHERE key = "paused"') });
    at.answer = ({ key, subscription }) => {
      if (subscription.number === stubborn.number) return failed;
      if (subscription.number === paused.number) return gone;
      return key === "dead" ? failed : ok;
    };
    const [delivered = 0, dead = 0, waits = 0, keeps = 0] = await at.put("delivered", "dead", "waits", "paused");
    await at.becomes("delivered", delivered, rule);
    await at.becomes("dead", dead, rule);
    await at.becomes("waiting", waits, stubborn);
    await at.becomes("paused", keeps, paused);
    await at.becomes("delivered", keeps, rule);
    await at.calm();

    using _ = retaining(at);
    at.clock.advance(29 * dayMs);
    const [young = 0] = await at.put("young");
    await at.becomes("delivered", young, rule);
    await at.calm();
    assert.equal((await kept(at)).length, 5);
    at.clock.advance(2 * dayMs);
    await until("what was delivered is dropped", async () => !(await kept(at)).includes("delivered"));
    await at.calm();
    assert.deepEqual((await kept(at)).toSorted(), ["dead", "paused", "waits", "young"]);
    for (let fortnights = 0; fortnights < 5; fortnights++) {
      at.clock.advance(14 * dayMs);
      await at.calm();
    }
    await until("the dead letter is dropped", async () => !(await kept(at)).includes("dead"));
    await at.calm();
    assert.deepEqual((await kept(at)).toSorted(), ["paused", "waits"], "a hundred days old, and kept");

    at.answer = () => ok;
    await at.change(paused, { paused: null });
    await at.becomes("delivered", keeps, paused);
    await untilNothingIsLeft(at, dayMs);
  });

  it("leaves what was never dispatched, and the filters that it was to meet", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ filter: stored('WHERE key = "old"') });
    const [event = 0] = await at.put("old");
    await at.change(rule, { filter: stored('WHERE key = "new"') });
    using _ = retaining(at);
    at.clock.advance(400 * dayMs);
    await at.calm();
    at.clock.advance(60_000);
    await at.calm();
    at.startDispatch();
    await at.becomes("delivered", event, rule);
  });

  it("leaves sequences growing, though nothing is left and the clock went back", async () => {
    await using at = await engine();
    const [before = 0] = await at.put("before");
    await at.calm();
    {
      using _ = retaining(at, { keepMs: dayMs });
      await untilNothingIsLeft(at, 2 * dayMs);
    }
    at.clock.advance(-10 * dayMs);
    await at.restart();
    const [after = 0] = await at.put("after");
    assert.ok(after > before);
  });
});

describe("retention by size", () => {
  it("drops the oldest that are finished, keeps what is undelivered, and gives the space back", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: hourly });
    const [waits = 0] = await at.put("waits");
    await at.feed.next(1, new AbortController().signal);
    await at.feed.settle({ records: [aRecord(waits, rule, { status: "waiting" })], done: [waits] });
    await finished(at, rule, 10_000);
    const before = await at.store.upkeep.usedBytes();
    assert.ok(before > 10_000_000);
    const keepBytes = 4_000_000;
    at.clock.advance(1);
    using _ = retaining(at, { keepBytes });
    await until("it is small enough", async () => (await at.store.upkeep.usedBytes()) <= keepBytes);
    await until("the space is given back", async () => !(await at.store.upkeep.release(1)));
    const left = await kept(at);
    assert.equal(left[0], "waits");
    assert.ok(left.at(-1)?.startsWith("9999 "), "the newest is kept");
    const numbers = left.slice(1).map((key) => Number.parseInt(key, 10));
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => 10_000 - numbers.length + index),
      "and all that came after the oldest that is left",
    );
    assert.ok((await at.databaseBytes()) < before / 2, "the file is smaller");
  });
});
