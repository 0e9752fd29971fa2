/** The whole way: an object written through S3, a rule made through the API, a real receiver. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type Received, type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";

interface ShownDelivery {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempt_count: number;
  readonly event: { readonly key: string; readonly sequence: string };
}

interface Made {
  readonly id: string;
  readonly path: string;
}

let open: { readonly server: RunningServer; readonly ears: WebhookReceiver } | undefined;
/** How many answers with which status a key still gets before 200, by `bucket/key`. */
const refusals = new Map<string, number[]>();

function scene(): { readonly server: RunningServer; readonly ears: WebhookReceiver } {
  assert.ok(open, "the server is there");
  return open;
}

before(async () => {
  const ears = await webhookReceiver(({ events: [event] }) => {
    return refusals.get(`${event?.bucket}/${event?.object.key}`)?.shift() ?? 200;
  });
  open = { ears, server: await runServer() };
});
after(async () => {
  await open?.server[Symbol.asyncDispose]();
  await open?.ears[Symbol.asyncDispose]();
});

async function bucketWithRule(bucket: string, rule: Readonly<Record<string, unknown>> = {}): Promise<Made> {
  const { server, ears } = scene();
  await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const path = `/api/cloud/buckets/${bucket}/notifications/`;
  const body = { url: `${ears.url}/${bucket}`, max_retries: 2, backoff: { schedule_ms: [0] }, ...rule };
  const { id } = await server.api<{ id: string }>("POST", path, body);
  return { id, path: `${path}${id}/` };
}

function put(Bucket: string, Key: string, ...answers: number[]): Promise<unknown> {
  refusals.set(`${Bucket}/${Key}`, answers);
  return scene().server.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
}

async function deliveries(bucket: string): Promise<ShownDelivery[]> {
  const path = `/api/cloud/deliveries/?bucket=${bucket}`;
  return (await scene().server.api<{ deliveries: ShownDelivery[] }>("GET", path)).deliveries;
}

async function becomes(status: string, bucket: string, key: string): Promise<ShownDelivery> {
  const find = async () => (await deliveries(bucket)).find(({ event }) => event.key === key);
  await until(`${bucket}/${key} is ${status}`, async () => (await find())?.status === status);
  return (await find()) ?? assert.fail("it was there a moment ago");
}

function heardOf(bucket: string, key: string) {
  return scene().ears.received.filter(({ events: [event] }) => event?.bucket === bucket && event.object.key === key);
}

function sequenceOf({ headers }: Received): string {
  return String(headers["x-signalbox-sequence"]);
}

describe('ack "200"', () => {
  it("is satisfied by 200 alone: other successes are tried again, and in the end dead", async () => {
    await bucketWithRule("strict");
    await put("strict", "a", 204, 201, 202);
    const { reason, attempt_count } = await becomes("dead", "strict", "a");
    assert.deepEqual([reason, attempt_count], ["status", 3]);
  });

  it("takes 410 for a failure like any: a dead letter after the last try, and the next event is sent", async () => {
    const rule = await bucketWithRule("gone");
    await put("gone", "a", 410, 410, 410);
    assert.equal((await becomes("dead", "gone", "a")).reason, "gone");
    await put("gone", "b");
    await becomes("delivered", "gone", "b");
    const shown = await scene().server.api<{ paused: { reason: string } | null }>("GET", rule.path);
    assert.equal(shown.paused, null);
  });
});

describe('ack "2xx"', () => {
  it("is satisfied by any of them", async () => {
    await bucketWithRule("lenient", { ack: "2xx" });
    for (const status of [200, 201, 202, 204]) await put("lenient", String(status), status);
    for (const status of [200, 201, 202, 204]) {
      assert.equal((await becomes("delivered", "lenient", String(status))).attempt_count, 1);
    }
  });

  it("pauses at the first 410, and sends that delivery too at resume", async () => {
    const rule = await bucketWithRule("left", { ack: "2xx" });
    await put("left", "a", 410);
    assert.equal((await becomes("paused", "left", "a")).attempt_count, 1);
    await scene().server.api("POST", `${rule.path}resume/`);
    assert.equal((await becomes("delivered", "left", "a")).attempt_count, 2);
  });
});

describe("headers", () => {
  it("name the delivery and its sequence, alike on each attempt and after a redrive", async () => {
    await bucketWithRule("named");
    await put("named", "a", 500, 500, 500, 500);
    const { id, event } = await becomes("dead", "named", "a");
    await scene().server.api("POST", `/api/cloud/deliveries/${id}/redrive/`);
    assert.equal((await becomes("delivered", "named", "a")).attempt_count, 5);
    const headers = heardOf("named", "a").map((one) => [
      one.headers["webhook-id"],
      one.headers["x-signalbox-sequence"],
      one.body,
    ]);
    assert.deepEqual(
      headers,
      Array.from({ length: 5 }, () => [id, event.sequence, headers[0]?.[2]]),
    );
    const { attempts } = await scene().server.api<{ attempts: { number: number; status: number }[] }>(
      "GET",
      `/api/cloud/deliveries/${id}/`,
    );
    assert.deepEqual(
      attempts.map(({ number, status }) => [number, status]),
      [
        [1, 500],
        [2, 500],
        [3, 500],
        [4, 500],
        [5, 200],
      ],
    );
  });

  it("give the later of two changes of an object the greater sequence", async () => {
    await bucketWithRule("ordered");
    for (let size = 1; size <= 5; size++) {
      await scene().server.s3.send(new PutObjectCommand({ Bucket: "ordered", Key: "a", Body: "x".repeat(size) }));
    }
    await until("all are heard", () => heardOf("ordered", "a").length === 5);
    const bySequence = heardOf("ordered", "a").toSorted((one, other) => (sequenceOf(one) < sequenceOf(other) ? -1 : 1));
    assert.deepEqual(
      bySequence.map(({ events: [event] }) => event?.object.size),
      [1, 2, 3, 4, 5],
    );
  });
});

describe("a redrive by filter", () => {
  it("sends all that is dead again, and is done", async () => {
    await bucketWithRule("many", { max_retries: 0 });
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    for (const key of keys) await put("many", key, 503);
    for (const key of keys) await becomes("dead", "many", key);
    const { server } = scene();
    const job = await server.api<{ id: string }>("POST", "/api/cloud/deliveries/redrive/", { bucket: "many" });
    for (const key of keys) await becomes("delivered", "many", key);
    const path = `/api/cloud/deliveries/redrive/${job.id}/`;
    const shown = await server.api<{ state: string; redriven: number }>("GET", path);
    assert.deepEqual([shown.state, shown.redriven], ["done", 20]);
  });
});

describe("a wrong URL", () => {
  it("that is mended gets what waits", async () => {
    const { server, ears } = scene();
    const wrong = { url: "http://127.0.0.1:1/nobody", backoff: { schedule_ms: [20] }, max_retries: 100 };
    const rule = await bucketWithRule("mended", wrong);
    await put("mended", "a");
    await becomes("waiting", "mended", "a");
    await server.api("PATCH", rule.path, { url: `${ears.url}/right` });
    await becomes("delivered", "mended", "a");
    assert.deepEqual(
      heardOf("mended", "a").map(({ path }) => path),
      ["/right"],
    );
  });
});

describe("deleting", () => {
  it("a rule makes dead letters of what waits, which no redrive sends", async () => {
    const rule = await bucketWithRule("dropped", { backoff: { schedule_ms: [86_400_000] } });
    await put("dropped", "a", 500);
    const { id } = await becomes("waiting", "dropped", "a");
    await scene().server.api("DELETE", rule.path);
    assert.equal((await becomes("dead", "dropped", "a")).reason, "subscription_deleted");
    await assert.rejects(scene().server.api("POST", `/api/cloud/deliveries/${id}/redrive/`), /409|conflict/);
  });

  it("a bucket still tells its last changes", async () => {
    await bucketWithRule("leaving");
    await put("leaving", "a", 500);
    const { s3 } = scene().server;
    await s3.send(new DeleteObjectCommand({ Bucket: "leaving", Key: "a" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "leaving" }));
    const names = () => heardOf("leaving", "a").map(({ events: [event] }) => event?.eventName);
    await until("both are heard", () => names().length === 3);
    const deleted = names().filter((name) => name === "OBJECT_DELETED");
    assert.equal(deleted.length, 1, "the other two are the write and its retry");
  });
});
