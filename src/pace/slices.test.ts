import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inSteps, Slices } from "./slices.ts";

/** A clock that moves by one millisecond whenever it is read. */
function readClock(): () => number {
  let nowMs = 0;
  return () => (nowMs += 1);
}

function* counted(name: string, steps: number, log: string[]): Generator<void, string, void> {
  for (let step = 1; step <= steps; step += 1) {
    log.push(`${name}${step}`);
    yield;
  }
  return name;
}

describe("slices", () => {
  it("resolve with what a work returns, and reject with what it throws", async () => {
    const slices = new Slices();
    assert.equal(await slices.run("a", counted("a", 3, [])), "a");
    const fails = (function* (): Generator<void, void, void> {
      yield;
      throw new RangeError("no");
    })();
    await assert.rejects(slices.run("a", fails), RangeError);
    assert.equal(slices.waiting(), 0);
  });

  it("give payers turns, and the works of one payer in order", async () => {
    const log: string[] = [];
    const slices = new Slices({ nowMs: readClock() });
    await Promise.all([
      slices.run("a", counted("a", 2, log)),
      slices.run("a", counted("A", 2, log)),
      slices.run("b", counted("b", 2, log)),
    ]);
    assert.equal(log.join(" "), "a1 b1 a2 b2 A1 A2");
  });

  it("spend no more than a slice in one turn of the loop", async () => {
    const slices = new Slices({ sliceMs: 4, nowMs: readClock() });
    let turns = 0;
    let open = true;
    const count = (): void => {
      turns += 1;
      if (open) setImmediate(count);
    };
    setImmediate(count);
    await slices.run("a", counted("a", 40, []));
    open = false;
    assert.ok(turns >= 9, `${turns} turns for 40 steps of 1 ms in slices of 4 ms`);
  });

  it("refuse a payer with too much waiting, and no other", async () => {
    const slices = new Slices({ maxWaiting: 2 });
    const first = slices.run("a", counted("a", 2, []));
    const second = slices.run("a", counted("a", 2, []));
    await assert.rejects(slices.run("a", counted("a", 1, [])), { code: "too_many_requests" });
    assert.equal(await slices.run("b", counted("b", 1, [])), "b");
    await Promise.all([first, second]);
    assert.equal(await slices.run("a", counted("a", 1, [])), "a");
  });

  it("let a payer rest that used up its budget, while others go on", async () => {
    const log: string[] = [];
    const slices = new Slices({ sliceMs: 3, budget: { burstMs: 4, perSecondMs: 100 }, nowMs: readClock() });
    const greedy = slices.run("a", counted("a", 9, log));
    const modest = [slices.run("b", counted("b", 3, log)), slices.run("c", counted("c", 3, log))];
    await Promise.all(modest);
    const beforeRest = log.filter((step) => step.startsWith("a")).length;
    assert.ok(beforeRest <= 5, `a took ${beforeRest} steps of 1 ms with a burst of 4 ms: ${log.join(" ")}`);
    assert.equal(await greedy, "a");
  });

  it("remember what a payer owes while it has no work", async () => {
    let nowMs = 0;
    const slices = new Slices({ budget: { burstMs: 10, perSecondMs: 1_000 }, nowMs: () => nowMs });
    const costly = (ms: number) =>
      (function* (): Generator<void, void, void> {
        yield;
        nowMs += ms;
      })();
    await slices.run("a", costly(1_000));
    let done = false;
    const next = slices.run("a", costly(1)).then(() => (done = true));
    await slices.run("b", costly(1));
    assert.equal(done, false, "a rests for 990 ms of the clock");
    nowMs += 1_000;
    await slices.run("b", costly(1));
    await next;
    assert.ok(done);
  });

  it("give a work up when its caller has gone, and run its finally blocks", async () => {
    const slices = new Slices();
    const gone = new AbortController();
    let cleaned = false;
    const endless = (function* (): Generator<void, void, void> {
      try {
        for (;;) yield;
      } finally {
        cleaned = true;
      }
    })();
    const running = slices.run("a", endless, gone.signal);
    setImmediate(() => gone.abort());
    await assert.rejects(running, { name: "AbortError" });
    assert.ok(cleaned);
    assert.equal(slices.waiting(), 0);
  });
});

describe("inSteps", () => {
  it("visits every item and yields after each step", () => {
    const seen: number[] = [];
    const yields = [...inSteps([1, 2, 3, 4, 5], 2, (item) => seen.push(item))].length;
    assert.deepEqual([seen, yields], [[1, 2, 3, 4, 5], 2]);
  });
});
