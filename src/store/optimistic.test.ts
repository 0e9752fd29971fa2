import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { untilCommitted } from "./optimistic.ts";

const busy = (): Error => new Error("busy");
const nextTurn = (): Promise<void> => new Promise(setImmediate);

describe("what is committed unless others come between", () => {
  it("is tried again at once a few times, and then after pauses", async () => {
    const clock = fakeClock();
    let tries = 0;
    const committed = untilCommitted({ busy, clock }, async () => {
      tries += 1;
      return tries === 6 ? { value: "done" } : undefined;
    });
    await nextTurn();
    assert.deepEqual([tries, clock.pending], [4, 1]);
    // The dice show a half: of 1 ms, and then of 2.
    clock.advance(0.5);
    await nextTurn();
    assert.deepEqual([tries, clock.pending], [5, 1]);
    clock.advance(1);
    assert.equal(await committed, "done");
    assert.equal(clock.pending, 0);
  });

  it("is given up after two seconds, however often it was tried", async () => {
    const clock = fakeClock();
    let tries = 0;
    const fromMs = clock.steady();
    let tookMs: number | undefined;
    const given = untilCommitted({ busy, clock }, async () => {
      tries += 1;
      return undefined;
    }).finally(() => {
      tookMs = clock.steady() - fromMs;
    });
    const refused = assert.rejects(given, { message: "busy" });
    for (let ms = 0; ms < 2_100; ms += 1) {
      await nextTurn();
      clock.advance(1);
    }
    await refused;
    assert.ok(tookMs !== undefined && tookMs >= 2_000 && tookMs <= 2_064, `${tookMs} ms`);
    assert.ok(tries > 32 && tries < 100, `${tries} tries`);
  });

  it("ends with what a try throws", async () => {
    const thrown = new Error("not there");
    const trying = untilCommitted({ busy, clock: fakeClock() }, () => Promise.reject(thrown));
    await assert.rejects(trying, thrown);
  });
});
