/** Receivers that have too much to do, and say so: 429, and 503 with `Retry-After`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import { type Answer, type Engine, engine, failed, gone, ok, type Tried } from "../support/engine.ts";
import { until } from "../support/until.ts";

const policy: RetryPolicy = { maxRetries: 3, scheduleMs: [3_600_000], jitter: 0 };
const busy: Answer = { kind: "failed", reason: "status", status: 429, busy: true, retryAfterMs: 1_000 };
const dayMs = 86_400_000;

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}

/** Time passes in steps, with all that comes of each, until this is so. */
async function passing(at: Engine, stepMs: number, what: string, condition: () => boolean): Promise<void> {
  for (let steps = 0; !condition(); steps += 1) {
    assert.ok(steps < 2_000, what);
    await at.calm();
    at.clock.advance(stepMs);
    await at.calm();
  }
}

/** Takes so many in each window of time, and answers 429 to what is more. */
function taking(most: number, windowMs: number): (tried: Tried) => Answer {
  const taken = new Map<number, number>();
  return ({ atMs }) => {
    const window = Math.floor(atMs / windowMs);
    const before = taken.get(window) ?? 0;
    if (before >= most) return busy;
    taken.set(window, before + 1);
    return ok;
  };
}

describe("a receiver that takes five in two seconds", () => {
  it("gets all of sixty events, none of them is dead, and few are refused", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy });
    const delivered = new Set<string>();
    const take = taking(5, 2_000);
    at.answer = (tried) => {
      const answer = take(tried);
      if (answer.kind === "delivered") delivered.add(tried.key);
      return answer;
    };
    const events = await at.put(...keys(60));
    await passing(at, 500, `${delivered.size} were delivered`, () => delivered.size === 60);
    for (const event of events) await at.becomes("delivered", event, rule);
    assert.ok(at.tried.length <= 240, `${at.tried.length} attempts`);
  });
});

describe("a receiver that asks for patience", () => {
  it("uses up no try, and nothing else begins before it is over; the rest then begins with one", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy });
    at.answer = () => ({ ...busy, status: 503, retryAfterMs: 60_000 });
    const [first = 0] = await at.put("first");
    await until("it was refused", async () => (await at.delivery(first, rule))?.attempts === 1);
    const rest = await at.put(...keys(100));
    for (const event of rest) await at.becomes("waiting", event, rule);
    at.clock.advance(59_999);
    await at.calm();
    assert.equal(at.tried.length, 1, "nobody else is tried meanwhile");
    const open: (() => void)[] = [];
    at.answer = () => new Promise<Answer>((resolve) => open.push(() => resolve(ok)));
    at.clock.advance(1);
    await at.triedTimes(2);
    await at.calm();
    assert.equal(at.tried.length, 2, "one at first");
    open[0]?.();
    await at.triedTimes(4);
    await at.calm();
    assert.equal(at.tried.length, 4, "then two");
    at.answer = () => ok;
    for (const resolve of open) resolve();
    for (const event of [first, ...rest]) await at.becomes("delivered", event, rule);
  });

  it("is patiently asked for a day, also across restarts, and then fails like others", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: { ...policy, maxRetries: 1, scheduleMs: [0] } });
    at.answer = () => ({ ...busy, retryAfterMs: 3_600_000 });
    const [event = 0] = await at.put("a");
    for (let hours = 0; hours < 24; hours += 1) {
      await until(
        `it was asked ${hours + 1} times`,
        async () => (await at.delivery(event, rule))?.attempts === hours + 1,
      );
      await at.calm();
      if (hours % 8 === 7) await at.restart();
      at.clock.advance(3_600_000);
    }
    assert.equal(at.clock.now() - (at.tried[0]?.atMs ?? 0), dayMs);
    await until("that was a try", async () => (await at.delivery(event, rule))?.attempts === 25);
    await at.calm();
    at.clock.advance(3_600_000);
    assert.equal((await at.becomes("dead", event, rule)).attempts, 26);
  });

  it("does not keep another rule's receiver waiting", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy });
    const other = await at.subscribe({ policy });
    at.answer = ({ subscription }) => (subscription.number === rule.number ? { ...busy, retryAfterMs: 60_000 } : ok);
    const [first = 0, second = 0] = await at.put("a", "b");
    for (const event of [first, second]) await at.becomes("delivered", event, other);
  });

  it("is asked at once when its owner has changed where it is", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy });
    at.answer = () => ({ ...busy, retryAfterMs: 60_000 });
    const [first = 0] = await at.put("a");
    await at.becomes("waiting", first, rule);
    at.answer = () => ok;
    await at.change(rule, { target: { ...rule.target, timeoutMs: 5_000 } as never });
    const [second = 0] = await at.put("b");
    await at.becomes("delivered", second, rule);
  });
});

describe("a backlog", () => {
  /** Attempts that stay open until they are ended. */
  function held(at: Engine): (() => void)[] {
    const open: (() => void)[] = [];
    at.answer = () => new Promise<Answer>((resolve) => open.push(() => resolve(ok)));
    return open;
  }

  async function beginsWithOne(at: Engine, before: number): Promise<void> {
    await at.triedTimes(before + 1);
    await at.calm();
    assert.equal(at.tried.length, before + 1);
  }

  for (const how of ["resumed", "enabled", "started"] as const) {
    it(`begins with one slot when its rule is ${how}, and grows`, async () => {
      await using at = await engine();
      const rule = await at.subscribe({ policy });
      at.answer = () => (how === "started" ? failed : gone);
      const [first = 0] = await at.put("first");
      await at.becomes(how === "started" ? "waiting" : "paused", first, rule);
      if (how === "enabled") await at.change(rule, { paused: null, enabled: false });
      const events = how === "started" ? await at.put(...keys(99)) : [first];
      if (how === "resumed") events.push(...(await at.put(...keys(99))));
      await at.calm();
      for (const event of events) {
        await until("it waits", async () => ["paused", "waiting"].includes(await at.statusOf(event, rule)));
      }
      const before = at.tried.length;
      const open = held(at);
      if (how === "started") {
        at.clock.advance(3_600_000 - 1);
        await at.restart();
        at.clock.advance(1);
      } else await at.change(rule, how === "enabled" ? { enabled: true } : { paused: null });
      await beginsWithOne(at, before);
      at.answer = () => ok;
      open[0]?.();
      for (const event of events) await at.becomes("delivered", event, rule);
    });
  }
});
