/** One-shot means one: whatever races, and whatever becomes of the process. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recordedOf, uuid } from "../conformance/store/given.ts";
import { type Engine, engine, failed, never, ok } from "../support/engine.ts";

const file = uuid("file");
const watching = {
  face: "notifications",
  scope: file,
  once: true,
  policy: { maxRetries: 2, scheduleMs: [1_000], jitter: 0 },
} as const;

/** So many times the file is overwritten, in as many commits. */
async function overwritten(at: Engine, times: number): Promise<number[]> {
  const one = async (index: number): Promise<number> => {
    const commit = await at.publish({
      events: [
        {
          id: `${index}`,
          tenant: "acme",
          resource: file,
          names: { notifications: "OVERWRITTEN" },
          owners: ["ada"],
          origin: "test",
          timeMs: at.clock.now(),
          data: { kind: "file", resource: { path: `turn ${index}` } },
        },
      ],
    });
    assert.ok(commit.kind === "committed");
    return commit.sequences[0] ?? 0;
  };
  return Promise.all(Array.from({ length: times }, (_, index) => one(index)));
}

const outcomeOf = async (at: Engine, of: { readonly uuid: Parameters<Engine["store"]["subscriptions"]["get"]>[0] }) =>
  (await at.store.subscriptions.get(of.uuid))?.outcome;

describe("a one-shot subscription", () => {
  it("hears exactly one of two hundred events that race, the first", async () => {
    await using at = await engine();
    const one = await at.subscribe(watching);
    const sequences = await overwritten(at, 200);
    await at.triedTimes(1);
    await at.calm();
    assert.deepEqual(
      at.tried.map(({ event }) => event.sequence),
      [Math.min(...sequences)],
    );
    assert.equal(await outcomeOf(at, one), "complete");
    await overwritten(at, 3);
    await at.calm();
    assert.equal(at.tried.length, 1);
  });

  it("hears the same one, and only that, when the process ends in the midst of it", async () => {
    await using at = await engine({ dispatching: false });
    const one = await at.subscribe(watching);
    const sequences = await overwritten(at, 200);
    at.answer = never;
    at.startDispatch();
    await at.triedTimes(1);
    await at.restart();
    await at.triedTimes(2);
    await at.restart();
    at.answer = () => ok;
    await at.restart();
    await at.becomes("delivered", Math.min(...sequences), one);
    await at.calm();
    assert.deepEqual([...new Set(at.tried.map(({ event }) => event.sequence))], [Math.min(...sequences)]);
    assert.equal(new Set(at.tried.map(({ id }) => id)).size, 1, "under the same webhook-id");
    assert.equal(await outcomeOf(at, one), "complete");
  });

  it("takes an event before the first attempt, also when it ended between the two", async () => {
    await using at = await engine({ dispatching: false });
    const one = await at.subscribe(watching);
    const [first = 0, second = 0] = await overwritten(at, 2);
    const dueMs = at.clock.now();
    const take = { do: "subscription.take", tenant: "acme", subscriptions: [one.number], dueMs } as const;
    await at.publish({ changes: [{ ...take, sequence: first }] });
    await at.restart();
    await at.becomes("delivered", first, one);
    await at.calm();
    assert.deepEqual(
      at.tried.map(({ event }) => event.sequence),
      [first],
    );
    assert.equal(await at.delivery(second, one), undefined);
  });

  it("fails with its event, and is complete once that was sent again", async () => {
    await using at = await engine();
    at.answer = () => failed;
    const one = await at.subscribe(watching);
    const [sequence = 0] = await overwritten(at, 1);
    await at.triedTimes(1);
    for (const tries of [2, 3]) {
      await at.calm();
      assert.equal(await outcomeOf(at, one), undefined, "as long as there are retries it is active");
      at.clock.advance(1_000);
      await at.triedTimes(tries);
    }
    await at.becomes("dead", sequence, one);
    assert.equal(await outcomeOf(at, one), "failed");
    await overwritten(at, 1);
    await at.calm();
    assert.equal(at.tried.length, 3);
    at.answer = () => ok;
    await at.publish({
      changes: [{ do: "delivery.redrive", sequence, subscription: one.number, dueMs: at.clock.now() }],
    });
    await at.deliverer.wake(one.number);
    await at.becomes("delivered", sequence, one);
    assert.equal(await outcomeOf(at, one), "complete");
  });

  it("is not used up by what was sent to it because somebody asked for that", async () => {
    await using at = await engine();
    const one = await at.subscribe(watching);
    const other = await at.subscribe({ ...watching, once: true });
    const event = {
      id: "forced",
      tenant: "acme",
      resource: file,
      names: { notifications: "FORCED_EVENT" } as const,
      origin: "api",
      timeMs: at.clock.now(),
      addressee: one.uuid,
      data: { kind: "file", resource: {} },
    };
    await at.publish({ events: [event] });
    await at.triedTimes(1);
    await at.calm();
    assert.deepEqual(
      at.tried.map(({ subscription }) => subscription.uuid),
      [one.uuid],
    );
    await overwritten(at, 1);
    await at.triedTimes(3);
    assert.deepEqual(
      at.tried
        .slice(1)
        .map(({ subscription }) => subscription.uuid)
        .toSorted(),
      [one.uuid, other.uuid].toSorted(),
    );
  });

  it("goes with two thousand others in a moment, each of which hears it once", async () => {
    await using at = await engine({ dispatching: false });
    const subscriptions = 2_000;
    const made = [];
    for (let index = 0; index < subscriptions; index += 1) made.push(at.subscribe(watching));
    await Promise.all(made);
    const [sequence = 0] = await overwritten(at, 1);
    at.startDispatch();
    await at.triedTimes(subscriptions);
    await at.calm();
    assert.equal((await recordedOf(at.store, sequence, sequence)).size, subscriptions);
    assert.equal(new Set(at.tried.map(({ subscription }) => subscription.number)).size, subscriptions);
  });
});

describe("a delivery that could not be tried yet", () => {
  it("waits as long as it was told to, and nothing is counted", async () => {
    await using at = await engine();
    const one = await at.subscribe({ ...watching, policy: { maxRetries: 0, scheduleMs: [0], jitter: 0 } });
    at.answer = () => ({ kind: "later", reason: "rate_limited", waitMs: 60_000 });
    const [sequence = 0] = await overwritten(at, 1);
    for (const times of [1, 2, 3]) {
      await at.triedTimes(times);
      await at.calm();
      const { status, attempts } = (await at.delivery(sequence, one)) ?? assert.fail("it is recorded");
      assert.deepEqual([status, attempts], ["waiting", 0]);
      assert.deepEqual(await at.attempts(sequence, one), []);
      at.clock.advance(59_999);
      await at.calm();
      assert.equal(at.tried.length, times);
      if (times === 3) at.answer = () => ok;
      at.clock.advance(1);
    }
    await at.becomes("delivered", sequence, one);
    assert.equal((await at.delivery(sequence, one))?.attempts, 1);
  });

  it("is dead at once when it never will be taken, whatever the policy allows", async () => {
    await using at = await engine();
    const one = await at.subscribe({ ...watching, policy: { maxRetries: 9, scheduleMs: [0], jitter: 0 } });
    at.answer = () => ({ kind: "refused", reason: "mail_refused" });
    const [sequence = 0] = await overwritten(at, 1);
    const { reason, attempts } = await at.becomes("dead", sequence, one);
    assert.deepEqual([reason, attempts, at.tried.length], ["mail_refused", 1, 1]);
  });
});
