/** What pausing, disabling and deleting rules and buckets does to what waits for them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import { changed } from "../conformance/store/given.ts";
import { type Answer, engine, failed, gone, never, ok } from "../support/engine.ts";
import { until } from "../support/until.ts";

const quick: RetryPolicy = { maxRetries: 2, scheduleMs: [0], jitter: 0 };
const hour: RetryPolicy = { maxRetries: 2, scheduleMs: [3_600_000], jitter: 0 };
/** What a webhook with `ack: "200"` makes of a 410. */
const goneLikeAny: Answer = { kind: "failed", reason: "gone", status: 410 };

describe("410 Gone", () => {
  it('under ack "2xx" pauses at once; what it matches is kept and goes on at resume, with all its tries', async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: quick });
    at.answer = () => gone;
    const [first = 0] = await at.put("first");
    assert.equal((await at.becomes("paused", first, rule)).attempts, 1);
    const [second = 0] = await at.put("second");
    await at.becomes("paused", second, rule);
    await at.calm();
    assert.equal(at.tried.length, 1, "while paused nothing is sent");
    const { paused } = (await at.store.subscriptions.get(rule.uuid)) ?? {};
    assert.deepEqual(paused, { reason: "gone", sinceMs: at.clock.now() });

    at.answer = ({ key }) => (key === "first" ? failed : ok);
    await at.change(rule, { paused: null });
    await at.becomes("delivered", second, rule);
    const dead = await at.becomes("dead", first, rule);
    assert.equal(dead.attempts, 1 + 3, "the 410 used up none of its tries");
  });

  it('under ack "200" is retried like any failure, and in the end a dead letter; the rule goes on', async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => goneLikeAny;
    const [event = 0] = await at.put("a");
    for (let tries = 1; tries <= 2; tries++) {
      await until(`try ${tries}`, async () => (await at.delivery(event, rule))?.attempts === tries);
      assert.equal((await at.store.subscriptions.get(rule.uuid))?.paused, undefined);
      at.clock.advance(3_600_000);
    }
    const dead = await at.becomes("dead", event, rule);
    assert.deepEqual([dead.attempts, dead.reason], [3, "gone"]);
    at.answer = () => ok;
    const [next = 0] = await at.put("next");
    await at.becomes("delivered", next, rule);
    assert.equal((await at.store.subscriptions.get(rule.uuid))?.paused, undefined);
    assert.equal(await at.statusOf(event, rule), "dead", "what is dead waits for a redrive");
  });

  it("stays a pause after a restart, and concerns no other rule", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: quick });
    const other = await at.subscribe({ policy: quick });
    at.answer = ({ subscription }) => (subscription.number === rule.number ? gone : ok);
    const [event = 0] = await at.put("a");
    await at.becomes("paused", event, rule);
    await at.becomes("delivered", event, other);
    await at.restart();
    at.clock.advance(86_400_000);
    await at.calm();
    assert.equal(at.tried.length, 2);
    assert.equal(await at.statusOf(event, rule), "paused");
  });
});

describe("a disabled rule", () => {
  it("keeps what waits, matches nothing, and goes on when it is enabled", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => failed;
    const [before = 0] = await at.put("before");
    await at.becomes("waiting", before, rule);
    await at.change(rule, { enabled: false });
    assert.equal(await at.statusOf(before, rule), "paused");
    const [meanwhile = 0] = await at.put("meanwhile");
    at.clock.advance(86_400_000);
    await at.calm();
    assert.deepEqual(at.keysFor(rule), ["before"]);
    at.answer = () => ok;
    await at.change(rule, { enabled: true });
    await at.becomes("delivered", before, rule);
    const [after = 0] = await at.put("after");
    await at.becomes("delivered", after, rule);
    assert.equal(await at.statusOf(meanwhile, rule), "unknown");
  });
});

describe("a deleted rule", () => {
  it("makes dead letters of what waits, due or not, and is sent nothing more", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => failed;
    const events = await at.put(...Array.from({ length: 300 }, (_, index) => `k${index}`));
    for (const event of events) await at.becomes("waiting", event, rule);
    await at.unsubscribe(rule);
    for (const event of events) assert.equal((await at.becomes("dead", event, rule)).reason, "subscription_deleted");
    const sent = at.tried.length;
    at.clock.advance(86_400_000);
    await at.put("later");
    await at.calm();
    assert.equal(at.tried.length, sent);
  });

  it("makes a dead letter, too, of the attempt that was under way and failed; not of one that was acknowledged", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: quick });
    const ends: ((answer: Answer) => void)[] = [];
    at.answer = (tried) => Promise.race([never(tried), new Promise<Answer>((resolve) => ends.push(resolve))]);
    const [fails = 0, succeeds = 0] = await at.put("fails", "succeeds");
    await at.triedTimes(2);
    await at.unsubscribe(rule);
    const failsFirst = at.tried[0]?.key === "fails";
    ends[failsFirst ? 0 : 1]?.(failed);
    ends[failsFirst ? 1 : 0]?.(ok);
    await at.becomes("delivered", succeeds, rule);
    assert.equal((await at.becomes("dead", fails, rule)).reason, "subscription_deleted");
    assert.equal(at.tried.length, 2);
  });

  it("is remembered over a restart: what waited is a dead letter then", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => failed;
    const [event = 0] = await at.put("a");
    await at.becomes("waiting", event, rule);
    // As if the process ended before the deliverer heard of it.
    await changed(at.store, { do: "subscription.remove", uuid: rule.uuid, atMs: at.clock.now() });
    await at.restart();
    at.clock.advance(3_600_000);
    assert.equal((await at.becomes("dead", event, rule)).reason, "subscription_deleted");
    assert.equal(at.tried.length, 1);
  });
});

describe("a removed bucket", () => {
  it("ends its rules, but what they had matched is still sent, retries included", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ policy: hour });
    at.answer = () => (at.tried.length < 2 ? failed : ok);
    const [event = 0] = await at.put("last words");
    await changed(at.store, { do: "bucket.remove", bucket: at.bucket, atMs: at.clock.now() });
    at.startDispatch();
    await at.becomes("waiting", event, rule);
    await at.restart();
    at.clock.advance(3_600_000);
    assert.equal((await at.becomes("delivered", event, rule)).attempts, 2);
    const [after = 0] = await at.put("nobody listens");
    await at.calm();
    assert.equal(await at.statusOf(after, rule), "unknown");
  });
});
