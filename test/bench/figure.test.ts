import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { atLeast, atMost, type Figure, figureLine, isMet, parseFigure } from "../../bench/support/figure.ts";

const lines: readonly (readonly [Figure, string])[] = [
  [{ name: "lists", value: 15.04, unit: "ms" }, "lists: 15.0 ms"],
  [
    { name: "deliver", value: 0.533, goal: atLeast(0.7), of: "20172 events/s, a bare loop 37862/s" },
    "deliver: ratio 0.53, goal at least 0.7: missed; 20172 events/s, a bare loop 37862/s",
  ],
  [
    { name: "match rate", value: 133_000.4, unit: "/s", goal: atLeast(100_000), of: "events: all" },
    "match rate: 133000/s, goal at least 100000/s: met; events: all",
  ],
  [{ name: "latency p99", value: 9.96, unit: "ms", goal: atMost(10) }, "latency p99: 9.96 ms, goal at most 10 ms: met"],
  [{ name: "match memory", value: -3, unit: "B", goal: atMost(150) }, "match memory: -3.00 B, goal at most 150 B: met"],
];

describe("the figure of a bench", () => {
  for (const [figure, line] of lines) {
    it(`is said as "${line}", and read from it`, () => {
      assert.equal(figureLine(figure), line);
      const read = parseFigure(line);
      assert.ok(read !== undefined);
      assert.equal(figureLine(read), line);
      assert.equal(isMet(read), isMet(figure));
      assert.equal(read.name, figure.name);
      assert.equal(read.unit, figure.unit);
      assert.deepEqual(read.goal, figure.goal);
      assert.equal(read.of, figure.of);
    });
  }

  it("is judged as it is shown", () => {
    assert.equal(isMet({ name: "deliver", value: 0.698, goal: atLeast(0.7) }), true);
    assert.equal(isMet({ name: "deliver", value: 0.694, goal: atLeast(0.7) }), false);
    assert.equal(isMet({ name: "deliver", value: 0.694 }), undefined);
    assert.equal(isMet({ name: "deliver", value: Number.NaN, goal: atLeast(0.7) }), false);
    assert.equal(isMet({ name: "deliver", value: Number.NaN, goal: atMost(0.7) }), false);
  });

  it("is not read from what else a bench prints", () => {
    for (const line of [
      "round 3: bare 30000/s, durable 20000/s",
      "",
      "Node.js v24.21.0",
      "prefixes: 4.22 us/event among 1000 filters",
    ])
      assert.equal(parseFigure(line), undefined, line);
  });
});
