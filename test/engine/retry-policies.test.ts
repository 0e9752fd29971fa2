/** The retries of the notifications face, as the engine makes them: to the second, and no more of them than were allowed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRequestedRetries, retryPolicyOf } from "../../src/domain/requested-retries.ts";
import { uuid } from "../conformance/store/given.ts";
import { type Engine, engine, failed } from "../support/engine.ts";

const ladder = [
  ...Array<number>(5).fill(5),
  ...Array<number>(4).fill(15),
  ...Array<number>(5).fill(60),
  ...Array<number>(4).fill(900),
  ...Array<number>(2).fill(3_600),
];

/** What was asked for, and the waits in seconds that must come of it. */
const policies: readonly (readonly [policy: object, waitsS: readonly number[]])[] = [
  [{ retryStrategy: "NONE", retryLimit: 9 }, []],
  [{}, [0, 5, 5, 5, 5]],
  [{ retryStrategy: "IMMEDIATE", retryLimit: 3, retryRate: 60 }, [0, 60, 60]],
  [{ retryStrategy: "IMMEDIATE", retryLimit: 0 }, []],
  [{ retryStrategy: "DELAYED", retryLimit: 4, retryDelay: 86_400, retryRate: 10 }, [86_400, 10, 10, 10]],
  [{ retryStrategy: "DELAYED", retryLimit: 1, retryDelay: 1, retryRate: 0 }, [1]],
  [{ retryStrategy: "EXPONENTIAL", retryLimit: 20, retryRate: 1 }, ladder],
];

async function watched(at: Engine, policy: object) {
  const scope = uuid("file");
  const retry = readRequestedRetries(policy);
  const one = await at.subscribe({ face: "notifications", scope, retry, policy: retryPolicyOf(retry) });
  const event = {
    id: "overwritten",
    tenant: "acme",
    resource: scope,
    names: { notifications: "OVERWRITTEN" } as const,
    owners: ["ada"],
    origin: "test",
    timeMs: at.clock.now(),
    data: { kind: "file", resource: {} },
  };
  const commit = await at.publish({ events: [event] });
  assert.ok(commit.kind === "committed");
  return { one, sequence: commit.sequences[0] ?? 0 };
}

describe("a policy of the notifications face", () => {
  for (const [policy, waitsS] of policies) {
    it(`${JSON.stringify(policy)}: the first try, and then after ${waitsS.join(", ") || "nothing"} s`, async () => {
      await using at = await engine();
      at.answer = () => failed;
      const { one, sequence } = await watched(at, policy);
      await at.triedTimes(1);
      for (const [index, waitS] of waitsS.entries()) {
        await at.calm();
        if (waitS > 0) {
          at.clock.advance(waitS * 1_000 - 1);
          await at.calm();
          assert.equal(at.tried.length, index + 1, "none is early");
          at.clock.advance(1);
        }
        await at.triedTimes(index + 2);
      }
      const { attempts } = await at.becomes("dead", sequence, one);
      assert.equal(attempts, waitsS.length + 1);
      at.clock.advance(30 * 86_400_000);
      await at.calm();
      assert.equal(at.tried.length, waitsS.length + 1);
      assert.equal((await at.store.subscriptions.get(one.uuid))?.outcome, undefined, "it is for all events, and lives");
    });
  }
});
