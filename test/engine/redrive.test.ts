/** Sending dead letters again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { Redrive, RedriveFilter } from "../../src/store/records.ts";
import { aRecord, changed, uuid } from "../conformance/store/given.ts";
import { type Engine, engine, failed, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const once: RetryPolicy = { maxRetries: 0, scheduleMs: [0], jitter: 0 };
/** More than the steps that a job takes at once. */
const many = 1_201;

/** Events whose deliveries to the rule are dead: as if each had been tried and had failed. */
async function deadLetters(at: Engine, rule: Subscription, count: number): Promise<number[]> {
  const events = await at.put(...Array.from({ length: count }, (_, index) => `k${index}`));
  const records = events.map((event) => aRecord(event, rule, { status: "dead" }));
  await at.feed.next(count, new AbortController().signal);
  await at.feed.settle({ records, done: events });
  return events;
}

async function addJob(at: Engine, filter: RedriveFilter = {}): Promise<Redrive> {
  const redrive: Redrive = {
    uuid: uuid("job"),
    tenant: "acme",
    filter,
    state: "running",
    redriven: 0,
    looked: 0,
    createdMs: at.clock.now(),
    createdBy: "ada",
  };
  await changed(at.store, { do: "redrive.add", redrive });
  return redrive;
}

async function isDone(at: Engine, { uuid: of }: Redrive): Promise<void> {
  await until("the redrive is done", async () => (await at.store.redrives.redrive(of))?.state === "done");
}

describe("a redrive", () => {
  it("of one delivery sends it again at once, with as many tries as a new one", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: { ...once, maxRetries: 1 } });
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("dead", event, rule);
    const place = { sequence: event, subscription: rule.number };
    await changed(at.store, { do: "delivery.redrive", ...place, dueMs: at.clock.now() });
    await at.deliverer.wake(rule.number);
    await at.triedTimes(4);
    await at.becomes("dead", event, rule);
    at.answer = () => ok;
    await changed(at.store, { do: "delivery.redrive", ...place, dueMs: at.clock.now() });
    await at.deliverer.wake(rule.number);
    assert.equal((await at.becomes("delivered", event, rule)).attempts, 5);
  });

  it("job sends each dead letter once, in as many steps as it takes", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: once });
    await deadLetters(at, rule, many);
    const job = await addJob(at);
    at.redriver.run(job.uuid);
    await isDone(at, job);
    await at.triedTimes(many);
    await at.calm();
    assert.equal(at.tried.length, many);
    assert.equal((await at.store.redrives.redrive(job.uuid))?.redriven, many);
  });

  it("job that a stop or a crash interrupted goes on at the next start, and drives nothing twice", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: once });
    const events = await deadLetters(at, rule, many);
    const job = await addJob(at);
    await at.store.redrives.advanceRedrive(job.uuid, { max: 500, nowMs: at.clock.now() });
    at.answer = () => failed;
    // Those of the first step die once more before the job goes on; that must not drive them again.
    await at.deliverer.wake(rule.number);
    await at.triedTimes(500);
    for (const event of events.slice(0, 500)) await at.becomes("dead", event, rule);
    at.answer = () => ok;
    await at.restart({ dispatching: false });
    await isDone(at, job);
    await at.triedTimes(many);
    await at.calm();
    assert.equal(at.tried.length, many);
    assert.equal(new Set(at.tried.map(({ id }) => id)).size, many);
    assert.equal((await at.store.redrives.redrive(job.uuid))?.redriven, many);
  });

  it("job leaves alone what its filter does not mean, and what died after it was asked for", async () => {
    await using at = await engine();
    const [wanted, other] = [await at.subscribe({ policy: once }), await at.subscribe({ policy: once })];
    at.answer = () => failed;
    const [before = 0] = await at.put("before");
    await at.becomes("dead", before, wanted);
    await at.becomes("dead", before, other);
    const job = await addJob(at, { subscription: wanted.uuid });
    const [after = 0] = await at.put("after");
    await at.becomes("dead", after, wanted);
    await at.becomes("dead", after, other);
    at.answer = () => ok;
    at.redriver.run(job.uuid);
    await at.becomes("delivered", before, wanted);
    await isDone(at, job);
    await at.calm();
    for (const [event, rule] of [
      [before, other],
      [after, wanted],
      [after, other],
    ] as const) {
      assert.equal(await at.statusOf(event, rule), "dead");
    }
  });
});
