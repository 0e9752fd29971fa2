import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { LogBudget } from "./log-budget.ts";

const limits = { logBytes: 1_500, logBurstBytes: 4_000, logBytesPerSecond: 1_000 };

describe("LogBudget", () => {
  it("gives each call its limit while the tenant's burst lasts, and then little, but never nothing", () => {
    const budget = new LogBudget(limits, fakeClock());
    budget.spend("a", 1_500);
    assert.equal(budget.left("a"), 1_500);
    budget.spend("a", 1_300);
    assert.equal(budget.left("a"), 1_200);
    budget.spend("a", 3_000);
    assert.equal(budget.left("a"), 1_024);
    assert.equal(budget.left("b"), 1_500, "nobody pays for another tenant");
  });

  it("is paid off with time", () => {
    const clock = fakeClock();
    const budget = new LogBudget(limits, clock);
    budget.spend("a", 6_000);
    clock.advance(2_000);
    assert.equal(budget.left("a"), 1_024);
    clock.advance(1_200);
    assert.equal(budget.left("a"), 1_200);
    clock.advance(60_000);
    assert.equal(budget.left("a"), 1_500);
  });

  it("forgets who owes nothing", () => {
    const clock = fakeClock();
    const budget = new LogBudget(limits, clock);
    for (let tenant = 0; tenant < 1_000; tenant += 1) budget.spend(`t${tenant}`, 10);
    budget.spend("debtor", 10_000);
    clock.advance(100);
    budget.spend("one more", 10);
    assert.equal(budget.left("debtor"), 1_024);
  });
});
