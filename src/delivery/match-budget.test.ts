import assert from "node:assert/strict";
import { it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { MatchBudget } from "./match-budget.ts";

it("what a tenant's filters may take is shared out among the nodes there are", () => {
  const sharers = { size: 4 };
  const clock = fakeClock();
  const budget = new MatchBudget(clock, 100, sharers);
  budget.charge("acme", 50);
  assert.equal(budget.waitMs("acme"), 40, "a millisecond of the twenty-five that this node gives in a second");
  sharers.size = 1;
  assert.equal(budget.waitMs("acme"), 10);
  assert.equal(new MatchBudget(clock, 2, { size: 4 }).msPerSecond, 2);
});
