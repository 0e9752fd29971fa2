/** Ten thousand events in batches to a receiver that fails every third request: none is lost, and order stays where it was asked for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { putEvent } from "../../bench/support/events.ts";
import type { Uuid } from "../../src/index.ts";
import { batchReceiver, type HeardEvent } from "../support/batch-receiver.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

const events = 10_000;
const keys = 250;

function keyOf({ record }: HeardEvent): string {
  return (record as { object: { key: string } }).object.key;
}

/** Publishes all, some hundreds at a time, and waits until each was acknowledged. */
async function delivered(rule: object) {
  await using receiver = await batchReceiver();
  await using server = await runServer({ SIGNALBOX_QUOTA_EVENTS_PER_SECOND: "1000000" });
  await server.s3.send(new CreateBucketCommand({ Bucket: "many" }));
  const { buckets } = await server.api<{ buckets: readonly [{ uuid: Uuid; name: string }] }>(
    "GET",
    "/api/cloud/buckets/",
  );
  const [bucket] = buckets;
  const backoff = { schedule_ms: [50], jitter: 0.2 };
  const body = { url: receiver.url, max_retries: 100, backoff, ...rule };
  await server.api("POST", "/api/cloud/buckets/many/notifications/", body);
  let requests = 0;
  const acknowledged = new Set<string>();
  receiver.answer = (batch) => {
    requests += 1;
    if (requests % 3 === 0) return 500;
    for (const { delivery } of batch.events) acknowledged.add(delivery);
    return 200;
  };
  for (let published = 0; published < events; ) {
    const some = Array.from({ length: 500 }, (_, index) => putEvent(bucket, `k${(published + index) % keys}`));
    await Promise.all(some.map((event) => server.signalbox.publish(event)));
    published += some.length;
  }
  await until("each was acknowledged", () => acknowledged.size === events, 120_000);
  const waits = "/api/cloud/deliveries/?status=waiting&limit=1";
  const left = (): Promise<{ deliveries: readonly unknown[] }> => server.api("GET", waits);
  await until("nothing waits", async () => (await left()).deliveries.length === 0);
  const dead = await server.api<{ deliveries: readonly unknown[] }>("GET", "/api/cloud/deliveries/?status=dead");
  assert.deepEqual(dead.deliveries, []);
  return receiver.heard;
}

describe("ten thousand events in batches", () => {
  it("all arrive, each with one id, however often requests fail", async () => {
    const heard = await delivered({ batch: { max_events: 1_000, max_wait_ms: 200 } });
    const all = heard.flatMap((batch) => batch.events);
    const ids = new Map(all.map(({ delivery, sequence }) => [delivery, sequence]));
    assert.deepEqual([ids.size, new Set(ids.values()).size], [events, events]);
    const taken = heard.filter(({ answer }) => answer === 200).flatMap((batch) => batch.events);
    assert.equal(taken.length, events, "what was acknowledged is not sent again");
    assert.ok(heard.some((batch) => batch.events.length > 500));
    assert.ok(heard.every((batch) => batch.events.length <= 1_000));
  });

  it("arrive in the order of each key where that was asked for", async () => {
    const heard = await delivered({ ordered: true, batch: { max_events: 100, max_wait_ms: 50 } });
    const last = new Map<string, string>();
    for (const { events: together, answer } of heard) {
      const of = together.map(keyOf);
      assert.equal(new Set(of).size, of.length, "one of each key");
      for (const one of together) {
        // What failed comes again before what is behind it.
        assert.ok(one.sequence > (last.get(keyOf(one)) ?? ""), `${one.sequence} of ${keyOf(one)}`);
        if (answer === 200) last.set(keyOf(one), one.sequence);
      }
    }
    assert.equal(last.size, keys);
    assert.ok(heard.some((batch) => batch.events.length > 50));
  });
});
