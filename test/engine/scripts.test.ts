/** Random answers for many deliveries at once, through the whole engine with restarts, against the plain rules. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Subscription } from "../../src/domain/subscription.ts";
import { type Answer, engine, failed, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const maxRetries = 3;

/** Whether each attempt of a delivery is acknowledged, in order; what is not said is. */
type Script = readonly boolean[];

function expected(script: Script): { status: string; attempts: number } {
  const success = [...script, true].indexOf(true);
  return success <= maxRetries
    ? { status: "delivered", attempts: success + 1 }
    : { status: "dead", attempts: maxRetries + 1 };
}

/** One script for each event and each of two rules. */
const scripts = fc.array(fc.tuple(...[0, 1].map(() => fc.array(fc.boolean(), { maxLength: 6 }))), {
  minLength: 1,
  maxLength: 120,
});

async function play(given: readonly (readonly Script[])[], restarts: number): Promise<void> {
  await using at = await engine();
  const policy = { maxRetries, scheduleMs: [0, 1_000, 0], jitter: 0.2 };
  const rules: Subscription[] = [];
  for (let count = 0; count < 2; count++) rules.push(await at.subscribe({ policy }));
  const answered = new Map<string, number>();
  at.answer = ({ id, key, subscription }): Answer => {
    const rule = rules.findIndex(({ number }) => number === subscription.number);
    const turn = answered.get(id) ?? 0;
    answered.set(id, turn + 1);
    return given[Number(key)]?.[rule]?.[turn] === false ? failed : ok;
  };
  const half = Math.ceil(given.length / 2);
  const keys = given.map((_, index) => String(index));
  const events = await at.put(...keys.slice(0, half));
  for (let count = 0; count < restarts; count++) await at.restart();
  events.push(...(await at.put(...keys.slice(half))));
  await until("everything is finished", async () => {
    at.clock.advance(400);
    await at.calm();
    const statuses = events.flatMap((event) => rules.map((rule) => at.statusOf(event, rule)));
    return (await Promise.all(statuses)).every((status) => status === "delivered" || status === "dead");
  });
  for (const [index, event] of events.entries()) {
    for (const [which, rule] of rules.entries()) {
      const delivery = await at.delivery(event, rule);
      const told = `event ${index} of rule ${which}: ${JSON.stringify(given[index]?.[which])}`;
      const wanted = expected(given[index]?.[which] ?? []);
      assert.deepEqual({ status: delivery?.status, attempts: delivery?.attempts }, wanted, told);
      const numbers = (await at.attempts(event, rule)).map(({ number }) => number);
      assert.deepEqual(
        numbers,
        Array.from({ length: wanted.attempts }, (_, attempt) => attempt + 1),
        told,
      );
    }
  }
  // A restart cancels nothing here, because every answer is given at once; so nothing was tried twice either.
  const total = events.length * 2;
  assert.equal(new Set(at.tried.map(({ id }) => id)).size, total);
  assert.deepEqual(at.errors, []);
}

describe("deliveries with random answers", () => {
  it("end as the rules say, whatever the others do, and over restarts", async () => {
    await fc.assert(fc.asyncProperty(scripts, fc.integer({ min: 0, max: 2 }), play), { numRuns: 12 });
  });
});
