/** Which element of a virtual list shows which row. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RowSlots } from "../../src/dashboard/parts/row-slots.ts";

describe("elements of a virtual list", () => {
  const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

  it("stay with their rows while these are in view", () => {
    const slots = new RowSlots();
    const before = new Map(slots.of(rows(0, 5)));
    const after = slots.of(rows(1, 6));
    for (const index of rows(1, 5)) assert.equal(after.get(index), before.get(index));
    assert.equal(after.get(5), before.get(0), "what comes takes the element of what went");
  });

  it("are taken over in order by rows far away", () => {
    const slots = new RowSlots();
    const before = [...slots.of(rows(0, 5)).values()];
    assert.deepEqual([...slots.of(rows(1_000, 1_005)).values()], before);
  });

  it("are never two of one, however many rows come and go", () => {
    const slots = new RowSlots();
    for (const [from, to] of [
      [0, 3],
      [2, 9],
      [7, 10],
      [0, 12],
      [11, 12],
      [0, 12],
    ] as const) {
      const used = [...slots.of(rows(from, to)).values()];
      assert.equal(new Set(used).size, to - from);
    }
  });
});
