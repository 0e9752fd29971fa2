import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../test/support/clock.ts";
import { addressLimit } from "./address-limit.ts";

const minuteMs = 60_000;

describe("addressLimit", () => {
  it("lets 30 through at once and then one a minute, by default", () => {
    const clock = fakeClock();
    const limit = addressLimit({ clock });
    for (let index = 0; index < 30; index += 1) assert.equal(limit.take("ada@example.com"), 0);
    assert.equal(limit.take("ada@example.com"), minuteMs);
    assert.equal(limit.take("bob@example.com"), 0);
    clock.advance(minuteMs);
    assert.equal(limit.take("ada@example.com"), 0);
    clock.advance(24 * 60 * minuteMs);
    for (let index = 0; index < 30; index += 1) assert.equal(limit.take("ada@example.com"), 0);
    assert.notEqual(limit.take("ada@example.com"), 0);
  });

  it("takes what follows a + and the case of letters for the same mailbox", () => {
    const limit = addressLimit({ clock: fakeClock(), burst: 2 });
    assert.equal(limit.take("ada+job-1@example.com"), 0);
    assert.equal(limit.take("Ada@Example.com"), 0);
    assert.notEqual(limit.take("ada+job-2+x@example.com"), 0);
    assert.equal(limit.take("ada@other.example.com"), 0);
  });

  it("gives each who waits a time of their own, none more than an hour off", () => {
    const clock = fakeClock();
    const limit = addressLimit({ clock, burst: 1 });
    limit.take("a@x.com");
    const waits = Array.from({ length: 100 }, () => limit.take("a@x.com"));
    assert.deepEqual(waits.slice(0, 3), [minuteMs, 2 * minuteMs, 3 * minuteMs]);
    assert.equal(Math.max(...waits), 60 * minuteMs);
    // A mail that comes at the time it was given gets through.
    for (let index = 0; index < 59; index += 1) {
      clock.advance(minuteMs);
      assert.equal(limit.take("a@x.com"), 0);
    }
  });

  it("gives back what was not used", () => {
    const limit = addressLimit({ clock: fakeClock(), burst: 1 });
    assert.equal(limit.take("a@x.com"), 0);
    limit.giveBack("A+b@x.com");
    assert.equal(limit.take("a@x.com"), 0);
    limit.giveBack("a@x.com");
    limit.giveBack("a@x.com");
    assert.equal(limit.take("a@x.com"), 0);
    assert.notEqual(limit.take("a@x.com"), 0);
    limit.giveBack("stranger@x.com");
  });

  it("keeps count of so many addresses, and forgets those that were quiet for longest", () => {
    const limit = addressLimit({ clock: fakeClock(), burst: 1, maxAddresses: 2 });
    assert.equal(limit.take("a@x.com"), 0);
    assert.equal(limit.take("b@x.com"), 0);
    assert.notEqual(limit.take("a@x.com"), 0);
    assert.equal(limit.take("c@x.com"), 0);
    assert.notEqual(limit.take("a@x.com"), 0);
    assert.equal(limit.take("b@x.com"), 0);
  });

  it("never lets more through than the burst and the rate allow, and lets everybody through in the end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 60 }),
        (burst, perHour, steps) => {
          const clock = fakeClock();
          const startMs = clock.now();
          const limit = addressLimit({ clock, burst, perHour });
          let through = 0;
          for (const step of steps) {
            clock.advance(step);
            const waitMs = limit.take("a@x.com");
            assert.ok(waitMs >= 0 && waitMs <= 3_600_000);
            if (waitMs === 0) through += 1;
            assert.ok(through <= burst + ((clock.now() - startMs) * perHour) / 3_600_000 + 1e-6);
          }
          clock.advance(3_600_000);
          assert.equal(limit.take("a@x.com"), 0);
        },
      ),
    );
  });
});
