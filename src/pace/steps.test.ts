import assert from "node:assert/strict";
import { it } from "node:test";
import { Steps } from "./steps.ts";

/** Computes for so long. */
function busy(ms: number): void {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < ms);
}

it("parts of several works take turns, and the loop goes on between them", async () => {
  const steps = new Steps();
  const order: string[] = [];
  const work = async (name: string, parts: number): Promise<void> => {
    for (let part = 1; part <= parts; part += 1) {
      await steps.next(async () => {
        order.push(`${name}${part}`);
        busy(5);
      });
    }
  };
  let turns = 0;
  let going = true;
  const turn = (): void => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all([work("a", 3), work("b", 2)]);
  going = false;
  assert.deepEqual(order, ["a1", "b1", "a2", "b2", "a3"]);
  assert.ok(turns >= 4, `${turns} turns`);
});

it("a part that fails ends its own work only", async () => {
  const steps = new Steps();
  await assert.rejects(
    steps.next(() => Promise.reject(new Error("no"))),
    { message: "no" },
  );
  assert.equal(await steps.next(async () => 1), 1);
});
