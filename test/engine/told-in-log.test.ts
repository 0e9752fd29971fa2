import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deliveryUuid } from "../../src/domain/ids.ts";
import { engine, failed, ok } from "../support/engine.ts";

/** What the log tells of deliveries: what failed, and nothing else. */

describe("the log of deliveries", () => {
  it("has one line for each attempt that failed, and one for a dead letter, with all that finds them", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: { maxRetries: 1, scheduleMs: [1_000], jitter: 0 } });
    at.answer = () => failed;
    const [sequence = 0] = await at.put("a.txt");
    const first = await at.becomes("waiting", sequence, rule);
    at.clock.advance(1_000);
    await at.becomes("dead", sequence, rule);
    const about = {
      tenant: "acme",
      subscription: rule.uuid,
      target: new URL(rule.target.kind === "webhook" ? rule.target.url : "").host,
      deliveryId: deliveryUuid(sequence, rule.uuid),
      eventId: first.event.id,
      event: "OBJECT_CREATED_PUT",
    };
    const tried = { ...about, durationMs: 0, status: 500, reason: "status" };
    const nextAttemptAt = new Date(first.dueMs ?? 0).toISOString();
    assert.deepEqual(at.logged, [
      { level: "info", message: "an attempt failed", fields: { ...tried, attempt: 1, nextAttemptAt } },
      { level: "info", message: "an attempt failed", fields: { ...tried, attempt: 2 } },
      { level: "warn", message: "a delivery is a dead letter", fields: { ...about, attempts: 2, reason: "status" } },
    ]);
  });

  it("says nothing of what succeeds, and no URL", async () => {
    await using at = await engine();
    const rule = await at.subscribe();
    at.answer = () => ok;
    const [sequence = 0] = await at.put("a.txt");
    await at.becomes("delivered", sequence, rule);
    assert.deepEqual(at.logged, []);
  });

  it("warns of no letter that died because its owner deleted the subscription", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: { maxRetries: 3, scheduleMs: [60_000], jitter: 0 } });
    at.answer = () => failed;
    const [sequence = 0] = await at.put("a.txt");
    await at.becomes("waiting", sequence, rule);
    await at.unsubscribe(rule);
    await at.becomes("dead", sequence, rule);
    assert.deepEqual(
      at.logged.map(({ level, message }) => [level, message]),
      [
        ["info", "an attempt failed"],
        ["info", "a delivery ended as its subscription was deleted"],
      ],
    );
  });
});
