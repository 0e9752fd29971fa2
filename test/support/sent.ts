/** Deliveries past the engine: rules, events of objects, and what became of them. */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/domain/delivery.ts";
import { deliveryUuid, parseUuid, uuidV7 } from "../../src/domain/ids.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { WireFacts } from "../../src/domain/wire-facts.ts";
import type { Bucket } from "../../src/store/records.ts";
import type { TestApi } from "./api.ts";

export async function ruleOn(api: TestApi, bucket: Bucket): Promise<Subscription> {
  const path = `/api/cloud/buckets/${bucket.name}/notifications/`;
  const { data, text } = await api.ask("POST", path, { url: "https://receiver.example/" }, { tenant: bucket.tenant });
  const uuid = parseUuid(String(data["id"]));
  const rule = uuid === undefined ? undefined : await api.deps.store.subscriptions.get(uuid);
  assert.ok(rule, text);
  return rule;
}

/** What a receiver answered that failed. */
const seen: WireFacts = {
  headers: [
    ["content-type", "text/plain"],
    ["retry-after", "120"],
  ],
  address: "203.0.113.7",
  dnsMs: 1,
  connectMs: 1,
  firstByteMs: 3,
};

/** An event of a bucket, and what became of it for a rule. Gives the delivery's id. */
export async function sent(
  api: TestApi,
  bucket: Bucket,
  rule: Subscription,
  status: DeliveryRecord["status"] = "dead",
): Promise<string> {
  const timeMs = api.clock.now();
  const commit = await api.deps.store.commit({
    events: [
      {
        id: uuidV7({ nowMs: timeMs, bytes: api.clock.bytes(10) }),
        tenant: bucket.tenant,
        resource: bucket.uuid,
        scope: bucket.uuid,
        names: { objects: "OBJECT_CREATED_PUT" },
        origin: "s3",
        timeMs,
        data: { bucket: bucket.name, key: "a.txt", size: 1, eTag: "c4ca4238a0b923820dcc509a6f75849b" },
      },
    ],
  });
  const sequence = commit.kind === "committed" ? (commit.sequences[0] ?? 0) : 0;
  const failed = status === "delivered" ? {} : ({ reason: "status", message: "answered 500" } as const);
  const record: DeliveryRecord = {
    sequence,
    subscription: rule.number,
    tenant: bucket.tenant,
    status,
    attempts: 1,
    tries: 1,
    ...(status === "waiting" ? { dueMs: timeMs + 5000 } : {}),
    ...(status === "dead" ? { reason: "status" as const } : {}),
    attempt: {
      number: 1,
      startedMs: timeMs,
      durationMs: 3,
      revision: rule.revision,
      ...(status === "delivered" ? {} : { wire: seen }),
      status: status === "delivered" ? 200 : 500,
      ...failed,
      snippet: "no",
    },
  };
  await api.feed.settle({ records: [record], done: [sequence] });
  return deliveryUuid(sequence, rule.uuid);
}
