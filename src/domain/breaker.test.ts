import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Breaker, Breakers, type CallResult } from "./breaker.ts";

const start = 1_700_000_000_000;

/** A breaker with a clock of its own. */
function given() {
  const breaker = new Breaker();
  let nowMs = start;
  return {
    breaker,
    after: (ms: number): void => {
      nowMs += ms;
    },
    admit: () => breaker.admit(nowMs),
    record: (result: CallResult, admitted: "go" | "probe" = "go") => breaker.record(admitted, result, nowMs),
    state: () => breaker.state(nowMs),
    /** Calls, as letters: `.` is well, `f` failed, `t` timed out. Tells at which it opened. */
    calls: (letters: string): number | undefined => {
      const at = Array.from(letters).findIndex((letter) => {
        assert.equal(breaker.admit(nowMs), "go");
        return breaker.record("go", letter === "." ? "ok" : letter === "f" ? "failed" : "timeout", nowMs) === "opened";
      });
      return at < 0 ? undefined : at + 1;
    },
    now: () => nowMs,
  };
}

describe("a breaker", () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["f".repeat(19), undefined],
    ["f".repeat(20), 20],
    [".f".repeat(10), 20],
    [".".repeat(11) + "f".repeat(9), undefined],
    [".".repeat(11) + "f".repeat(11), 22],
    ["tttt", undefined],
    ["ttttt", 5],
    ["tttt.tttt", undefined],
    ["ttttftttt", undefined],
    ["....ttttt", 9],
    [".".repeat(200), undefined],
  ];
  for (const [letters, at] of rows) {
    it(`after ${letters.slice(0, 30)} ${at === undefined ? "is closed" : `opens at call ${at}`}`, () => {
      assert.equal(given().calls(letters), at);
    });
  }

  it("counts the calls of the last minute only", () => {
    const { calls, after, state } = given();
    assert.equal(calls("f".repeat(15)), undefined);
    after(60_000);
    assert.equal(calls("f".repeat(15)), undefined);
    assert.deepEqual([state().calls, state().failures], [15, 15]);
    after(30_000);
    assert.equal(calls("f".repeat(5)), 5);
  });

  it("counts timeouts in a row however long they take", () => {
    const { calls, after } = given();
    for (let call = 0; call < 4; call++) {
      assert.equal(calls("t"), undefined);
      after(300_000);
    }
    assert.equal(calls("t"), 1);
  });

  it("lets no call go for 30 s, then one at a time", () => {
    const { calls, admit, after, now, state } = given();
    calls("ttttt");
    const openUntilMs = now() + 30_000;
    assert.deepEqual(admit(), { openUntilMs });
    after(29_999);
    assert.deepEqual(admit(), { openUntilMs });
    assert.equal(state().state, "open");
    after(1);
    assert.equal(state().state, "half_open");
    assert.equal(admit(), "probe");
    assert.deepEqual(admit(), { openUntilMs: now() + 1_000 });
    after(299_000);
    assert.notEqual(admit(), "probe");
  });

  it("closes and forgets when the probe is well", () => {
    const { calls, admit, after, record, state } = given();
    calls("f".repeat(20));
    after(30_000);
    assert.equal(admit(), "probe");
    assert.equal(record("ok", "probe"), "closed");
    assert.deepEqual(state(), { state: "closed", calls: 0, failures: 0, timeoutsInARow: 0 });
    assert.equal(calls("f".repeat(19)), undefined);
  });

  it("opens again when the probe fails", () => {
    const { calls, admit, after, record, state, now } = given();
    calls("ttttt");
    const sinceMs = now();
    after(30_000);
    assert.equal(admit(), "probe");
    assert.equal(record("failed", "probe"), "opened");
    assert.deepEqual(admit(), { openUntilMs: now() + 30_000 });
    assert.deepEqual(state().opened, { reason: "timeouts", sinceMs, untilMs: now() + 30_000 });
  });

  it("gives the probe to another when its outcome says nothing, or never comes", () => {
    const { calls, admit, after, record } = given();
    calls("ttttt");
    after(30_000);
    assert.equal(admit(), "probe");
    assert.equal(record("unknown", "probe"), undefined);
    assert.equal(admit(), "probe");
    after(330_000);
    assert.equal(admit(), "probe");
    assert.equal(record("ok", "probe"), "closed");
    assert.equal(admit(), "go");
    // The probe that was taken for lost.
    assert.equal(record("ok", "probe"), undefined);
  });

  it("learns nothing from calls that were let go before it opened", () => {
    const { calls, admit, after, record, state } = given();
    calls("ttttt");
    assert.equal(record("ok"), undefined);
    after(30_000);
    assert.equal(admit(), "probe");
    assert.equal(record("ok"), undefined);
    assert.equal(record("failed"), undefined);
    assert.equal(state().state, "half_open");
  });

  it("learns nothing from calls that say nothing", () => {
    const { calls, record, state } = given();
    calls("tttt");
    for (let call = 0; call < 50; call++) assert.equal(record("unknown"), undefined);
    assert.deepEqual(state(), { state: "closed", calls: 4, failures: 4, timeoutsInARow: 4 });
    assert.equal(calls("t"), 1);
  });

  it("tells why it is open, and what it had counted", () => {
    const { calls, after, state, now } = given();
    calls("..ff".repeat(5));
    const opened = { reason: "failures", sinceMs: now(), untilMs: now() + 30_000 };
    after(3_600_000);
    assert.deepEqual(state(), { state: "half_open", calls: 20, failures: 10, timeoutsInARow: 0, opened });
  });

  it("never lets two probes go, nor any call while it is open, whatever comes when", () => {
    const step = fc.record({
      ms: fc.integer({ min: -1_000, max: 40_000 }),
      result: fc.constantFrom<CallResult>("ok", "failed", "timeout", "unknown"),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const breaker = new Breaker();
        let [nowMs, probing, openUntilMs] = [start, false, 0];
        for (const { ms, result, ends } of steps) {
          nowMs += ms;
          const admission = breaker.admit(nowMs);
          if (typeof admission === "object") {
            assert.ok(admission.openUntilMs > nowMs);
            continue;
          }
          assert.ok(admission === "go" || !probing || nowMs >= openUntilMs + 330_000);
          assert.ok(nowMs >= openUntilMs);
          if (admission === "probe") [probing, openUntilMs] = [true, nowMs];
          if (!ends) continue;
          if (admission === "probe") probing = false;
          if (breaker.record(admission, result, nowMs) === "opened") openUntilMs = nowMs + 30_000;
        }
      }),
    );
  });
});

describe("breakers by key", () => {
  it("are one for each key", () => {
    const breakers = new Breakers();
    const breaker = breakers.of("a/1", start);
    for (let call = 0; call < 5; call++) breaker.record("go", "timeout", start);
    assert.equal(breakers.of("a/1", start), breaker);
    assert.equal(breakers.state("a/1", start).state, "open");
    // A new version begins anew.
    assert.equal(breakers.of("a/2", start).admit(start), "go");
    assert.deepEqual(breakers.state("never", start), { state: "closed", calls: 0, failures: 0, timeoutsInARow: 0 });
    assert.equal(breakers.size, 2);
  });

  it("are forgotten when nobody asks for them", () => {
    const breakers = new Breakers({ idleMs: 1_000 });
    const kept = breakers.of("kept", start);
    const idle = breakers.of("idle", start);
    assert.equal(breakers.of("kept", start + 900), kept);
    assert.equal(breakers.of("kept", start + 1_000), kept);
    assert.equal(breakers.size, 1);
    assert.notEqual(breakers.of("idle", start + 1_000), idle);
  });

  it("are never more than may be, the ones asked for least lately going first", () => {
    const breakers = new Breakers({ most: 3 });
    const [a] = ["a", "b", "c"].map((key) => breakers.of(key, start));
    breakers.of("a", start);
    for (const key of ["d", "e"]) breakers.of(key, start);
    assert.equal(breakers.size, 3);
    assert.equal(breakers.of("a", start), a);
  });
});
