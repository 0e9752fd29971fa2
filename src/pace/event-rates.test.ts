import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { EventRates } from "./event-rates.ts";

function rates(perSecond: number, limits: Readonly<Record<string, number>> = {}) {
  const at = { ms: 10_000 };
  const sharers = { size: 1 };
  const own = { now: () => at.ms, sharers };
  return { at, sharers, rates: new EventRates(perSecond, new Map(Object.entries(limits)), own) };
}

/** How many of `count` requests come through, each of which makes one event. */
function through(of: EventRates, tenant: string, count: number): number {
  let made = 0;
  for (let nth = 0; nth < count; nth += 1) {
    try {
      using _admitted = of.admit(tenant);
      of.took(tenant, 1);
      made += 1;
    } catch (error) {
      assert.ok(error instanceof SignalboxError && error.code === "too_many_requests");
    }
  }
  return made;
}

describe("a tenant's rate of events", () => {
  it("is shared out among the nodes there are, of which each lets at least one through", () => {
    const { at, sharers, rates: of } = rates(6, { small: 1, none: 0 });
    sharers.size = 3;
    assert.equal(through(of, "acme", 100), 4);
    assert.equal(through(of, "small", 100), 2);
    assert.equal(through(of, "none", 100), 0);
    assert.deepEqual(of.state("acme"), { limit: 6, used: 12 }, "of all nodes, as far as one can tell");
    at.ms += 1_000;
    assert.equal(through(of, "acme", 100), 2);
    sharers.size = 1;
    at.ms += 10_000;
    assert.equal(through(of, "acme", 100), 12);
  });

  it("is what another node's operator has set, once that is read", () => {
    const { rates: of } = rates(5, { small: 1, kept: 3 });
    assert.equal(through(of, "kept", 100), 6);
    of.setLimits(
      new Map([
        ["big", 10],
        ["kept", 3],
      ]),
    );
    assert.deepEqual([through(of, "big", 100), through(of, "small", 100)], [20, 10]);
    assert.equal(through(of, "kept", 100), 0, "nothing begins anew where nothing has changed");
  });

  it("lets twice the limit come at once, then so many a second, and each tenant for itself", () => {
    const { at, rates: of } = rates(5, { small: 1 });
    assert.equal(through(of, "acme", 100), 10);
    assert.equal(through(of, "small", 100), 2);
    at.ms += 1_000;
    assert.equal(through(of, "acme", 100), 5);
    assert.equal(through(of, "small", 100), 1);
    at.ms += 3_600_000;
    assert.equal(through(of, "acme", 100), 10);
  });

  it("is not passed by requests that are all under way before the first is committed", () => {
    const { rates: of } = rates(5);
    const under = Array.from({ length: 10 }, () => of.admit("acme"));
    assert.throws(() => of.admit("acme"), /may make 5 events_per_second/);
    for (const one of under) {
      of.took("acme", 1);
      one[Symbol.dispose]();
      one[Symbol.dispose]();
    }
    assert.throws(() => of.judge("acme"));
  });

  it("gives back what came to nothing, and lets one request that made many be paid for afterwards", () => {
    const { at, rates: of } = rates(5);
    for (let nth = 0; nth < 100; nth += 1) of.admit("acme")[Symbol.dispose]();
    of.took("acme", 35);
    at.ms += 5_000;
    assert.throws(() => of.judge("acme"), { code: "too_many_requests" });
    at.ms += 200;
    of.judge("acme");
  });

  it("says when to try again, and how many there were", () => {
    const { at, rates: of } = rates(4);
    through(of, "acme", 8);
    const data = (): unknown => {
      try {
        of.judge("acme");
        return undefined;
      } catch (error) {
        return (error as SignalboxError).data;
      }
    };
    assert.deepEqual(data(), { quota: "events_per_second", limit: 4, used: 8, retry_after_ms: 250 });
    assert.deepEqual(of.state("acme"), { limit: 4, used: 8 });
    at.ms += 250;
    assert.equal(data(), undefined);
    at.ms += 2_000;
    assert.deepEqual(of.state("acme"), { limit: 4, used: 0 });
  });

  it("can be set anew at any time; nought lets nothing through", () => {
    const { rates: of } = rates(5);
    assert.equal(through(of, "acme", 100), 10);
    of.setLimit("acme", 50);
    assert.equal(through(of, "acme", 1_000), 100);
    of.setLimit("acme", 0);
    assert.equal(through(of, "acme", 10), 0);
    of.setLimit("acme", null);
    assert.equal(through(of, "acme", 100), 10);
  });
});
