/** Several events in one request on every face and in every format: what is sent, signed and shown, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEvent, HTTP } from "cloudevents";
import { verifyWebhook } from "../../src/client/webhooks.ts";
import { type BatchReceiver, batchReceiver, type HeardBatch } from "../support/batch-receiver.ts";
import { until } from "../support/until.ts";
import { type AtWork, asked, atWork } from "./at-work.ts";

interface BatchFace {
  readonly name: string;
  readonly about: (at: AtWork) => object;
  readonly type: string;
  /** What the documented payload tells of a `cat`. */
  readonly told: (data: Readonly<Record<string, unknown>>) => unknown;
}

const faces: readonly BatchFace[] = [
  {
    name: "objects",
    about: () => ({ event: "OBJECT_CREATED_PUT", bucket: "pictures" }),
    type: "application/json",
    told: ({ object }) => (object as { key: string }).key,
  },
  {
    name: "lifecycle",
    about: () => ({ event: "POST_USER_CREATE" }),
    type: "application/x-ndjson",
    told: ({ params }) => (params as { username: string }).username,
  },
  {
    name: "notifications",
    about: ({ bucket }) => ({ event: "CONTENT_CHANGED", resource: bucket }),
    type: "application/x-ndjson",
    told: ({ file }) => (file as { name: string }).name,
  },
];

const two = { max_events: 2, max_wait_ms: 60_000 };

interface Detail {
  readonly rendered: string;
  readonly batch: { readonly id: string; readonly size: number } | null;
  readonly request: {
    readonly body: string;
    readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  };
}

/** That what was heard was signed, says which deliveries it was, and is shown as what it was: one request of two. */
async function checkTold(at: AtWork, batch: HeardBatch, secret: string | undefined): Promise<void> {
  const signed = await verifyWebhook(secret ?? "", batch.headers, batch.bytes);
  assert.deepEqual(signed, { kind: "ok" });
  const id = String(batch.headers["webhook-id"]);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(batch.headers["x-signalbox-sequence"], batch.events.at(-1)?.sequence);
  for (const { delivery, sequence, record } of batch.events) {
    assert.ok(delivery.startsWith(sequence), delivery);
    const path = `/api/cloud/deliveries/${delivery}/`;
    const look = () => at.server.api<{ status: string }>("GET", path).catch(() => undefined);
    await until("it is recorded", async () => (await look())?.status === "delivered");
    const detail = await at.server.api<Detail>("GET", `${path}attempts/1/`);
    assert.deepEqual([detail.rendered, detail.batch], ["part", { id, size: 2 }]);
    const header = (name: string) => detail.request.headers.find((one) => one.name === name)?.value;
    assert.deepEqual([header("webhook-id"), header("webhook-signature"), header("content-length")], [id, null, null]);
    assert.ok(detail.request.body.includes(JSON.stringify(record)), detail.request.body);
  }
}

async function heardAll(receiver: BatchReceiver, count: number): Promise<readonly HeardBatch[]> {
  await until(`${count} requests`, () => receiver.heard.length >= count);
  assert.equal(receiver.heard.length, count);
  return receiver.heard;
}

async function bothKeys(at: AtWork): Promise<void> {
  for (const key of ["cat", "dog"]) {
    await at.put(key);
    await at.user(key);
  }
}

describe("batches", () => {
  it("hold the documented payloads of every face, each with its delivery and its sequence", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const secrets = new Map<string, string | undefined>();
    for (const { name, about } of faces) {
      const target = { type: "webhook", url: `${receiver.url}/${name}`, batch: two };
      secrets.set(`/${name}`, (await at.subscribe({ ...about(at), target })).signing_secret);
    }
    await bothKeys(at);
    for (const batch of await heardAll(receiver, 3)) {
      const face = faces.find(({ name }) => batch.path === `/${name}`);
      assert.equal(batch.headers["content-type"], face?.type);
      assert.deepEqual(
        batch.events.map(({ record }) => face?.told(record)),
        ["cat", "dog"],
      );
      await checkTold(at, batch, secrets.get(batch.path));
    }
  });

  it("are batches of CloudEvents, which the SDK reads, and compressed where that is wanted", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const secrets = new Map<string, string | undefined>();
    for (const { name, about } of faces) {
      const url = `${receiver.url}/${name}`;
      const target = { type: "webhook", url, batch: two, format: "cloudevents", compression: "gzip" };
      secrets.set(`/${name}`, (await at.subscribe({ ...about(at), target })).signing_secret);
    }
    await bothKeys(at);
    for (const batch of await heardAll(receiver, 3)) {
      const face = faces.find(({ name }) => batch.path === `/${name}`);
      assert.equal(batch.headers["content-encoding"], "gzip");
      assert.equal(batch.headers["content-type"], "application/cloudevents-batch+json");
      const headers = { "content-type": batch.headers["content-type"] };
      const read = HTTP.toEvent({ headers, body: batch.text });
      assert.ok(Array.isArray(read));
      for (const one of read) assert.ok(one instanceof CloudEvent && one.validate());
      assert.deepEqual(
        batch.events.map(({ record }) => face?.told(record["data"] as never)),
        ["cat", "dog"],
      );
      await checkTold(at, batch, secrets.get(batch.path));
    }
  });

  it("hold records of S3, and what each rule of a bucket asked for beside them", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const rules = "/api/cloud/buckets/pictures/notifications/";
    const rule = { url: `${receiver.url}/s3`, format: "s3", batch: two };
    const made = await at.server.api<{ signing_secret: string; batch: object }>("POST", rules, rule);
    assert.deepEqual(made.batch, { max_events: 2, max_wait_ms: 60_000, max_bytes: 1_048_576, split_on_failure: true });
    const other = { url: `${receiver.url}/fields`, fields: ["sequence", "reason"], batch: two };
    await at.server.api("POST", rules, other);
    for (const key of ["cat", "dog"]) await at.put(key);
    const heard = await heardAll(receiver, 2);
    const [s3, own] = ["/s3", "/fields"].map((path) => heard.find((one) => one.path === path));
    assert.ok(s3 !== undefined && own !== undefined);
    assert.deepEqual(Object.keys(JSON.parse(s3.text) as object), ["Records"]);
    await checkTold(at, s3, made.signing_secret);
    for (const { record } of own.events) {
      assert.equal(record["reason"], "PutObject");
      assert.equal(JSON.stringify(record).split('"sequence"').length, 2, "it is there once");
    }
  });

  it("are of each subscription that goes to a destination, in the words of its face", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const target = { type: "webhook", url: receiver.url, batch: two };
    const made = await at.server.api<{ signing_secret: string }>("POST", "/api/cloud/destinations/", {
      name: "orders",
      target,
    });
    for (const { about } of faces)
      await at.subscribe({ ...about(at), target: { type: "destination", name: "orders" } });
    await bothKeys(at);
    const heard = await heardAll(receiver, 3);
    const types = heard.map(({ headers }) => String(headers["content-type"]));
    assert.deepEqual(types.toSorted(), faces.map(({ type }) => type).toSorted());
    for (const batch of heard) await checkTold(at, batch, made.signing_secret);
    const path = "/api/cloud/destinations/orders/";
    const changed = await at.server.api<{ target: { batch: unknown } }>("PATCH", path, { target: { batch: null } });
    assert.equal(changed.target.batch, null);
    await at.put("cow");
    await until("each is alone", () => heard.length === 5);
    assert.deepEqual(
      heard.slice(3).map(({ headers }) => headers["content-type"]),
      ["application/json", "application/json"],
    );
  });

  it("are asked for on the notifications face in its own spelling, and stay when what was read is sent back", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const path = "/notifications/v2/";
    interface Answer {
      readonly id: string;
      readonly batch?: object;
    }
    const ask = async (method: string, to: string, body: object) => {
      const response = await fetch(`${at.server.url}${to}`, {
        method,
        headers: { authorization: `Bearer ${at.server.token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { result: Answer; message: string };
      return { ...answer, status: response.status };
    };
    const body = { url: receiver.url, event: "CONTENT_CHANGED", associatedUuid: at.bucket, persistent: true };
    const { result } = await ask("POST", path, { ...body, batch: { MAXEVENTS: "2", maxWaitMs: 60_000 } });
    const batch = { maxEvents: 2, maxWaitMs: 60_000, maxBytes: 1_048_576, splitOnFailure: true };
    assert.deepEqual(result.batch, batch);
    for (const key of ["cat", "dog"]) await at.put(key);
    const [heard] = await heardAll(receiver, 1);
    assert.equal(heard?.events.length, 2);
    const one = `${path}${result.id}`;
    assert.deepEqual((await ask("PATCH", one, { event: "*" })).result.batch, batch);
    assert.deepEqual((await ask("PUT", one, result)).result.batch, batch);
    const slower = await ask("PATCH", one, { batch: { maxEvents: 3 } });
    assert.deepEqual(slower.result.batch, { ...batch, maxEvents: 3 });
    assert.deepEqual((await ask("PATCH", one, { url: `${receiver.url}/2` })).result.batch, { ...batch, maxEvents: 3 });
    assert.equal((await ask("PATCH", one, { batch: null })).result.batch, undefined);
    const refused: readonly (readonly [object, RegExp])[] = [
      [{ batch: 1 }, /batch: must be an object/],
      [{ batch: { maxEvents: 1_001, maxBytes: 1 } }, /batch\.maxEvents: .* from 1 to 1000; batch\.maxBytes: .* 1024/],
      [{ batch: { maxEvent: 1 } }, /batch\.maxEvent: .*Did you mean "maxEvents"/],
      [{ batch: { splitOnFailure: 1 } }, /batch\.splitOnFailure: must be true or false/],
      [{ batch: {}, url: "ada@example.com" }, /batch: is for webhooks/],
      [{ batch: {}, url: `${receiver.url}/\${EVENT}` }, /batch: is for a url without macros/],
    ];
    for (const [wrong, says] of refused) {
      const { status, message } = await ask("POST", path, { ...body, ...wrong });
      assert.deepEqual([status, says.test(message)], [400, true], message);
    }
  });

  it("are tried out as one, and refused where they can be none", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const rules = "/api/cloud/buckets/pictures/notifications/";
    const { id } = await at.server.api<{ id: string }>("POST", rules, { url: receiver.url, batch: {} });
    await at.server.api("POST", `${rules}${id}/test/`);
    const [tried] = receiver.heard;
    assert.deepEqual([tried?.events.length, tried?.events[0]?.record["test"]], [1, true]);
    assert.equal(tried?.events[0]?.delivery, tried?.headers["webhook-id"]);
    const refused: readonly (readonly [object, string, RegExp])[] = [
      [{ format: "cloudevents-binary", batch: {} }, "batch", /choose cloudevents/],
      [{ url: `${receiver.url}/\${EVENT}`, batch: {} }, "batch", /without macros/],
      [{ batch: { max_events: 0 } }, "batch.max_events", /1/],
      [{ batch: { max_events: 1_001 } }, "batch.max_events", /1000/],
      [{ batch: { max_wait_ms: 60_001 } }, "batch.max_wait_ms", /60000/],
      [{ batch: { max_bytes: 1_023 } }, "batch.max_bytes", /1024/],
      [{ batch: { max_byte: 1_024 } }, "batch.max_byte", /./],
      [{ batch: [] }, "batch", /./],
    ];
    for (const [wrong, path, says] of refused) {
      const answer = await asked(at.server, "POST", rules, { url: receiver.url, ...wrong });
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, path], answer.message);
      assert.match(answer.message, says);
    }
    const changed = await at.server.api<{ batch: object }>("PATCH", `${rules}${id}/`, { batch: { max_events: 7 } });
    assert.deepEqual(changed.batch, {
      max_events: 7,
      max_wait_ms: 1_000,
      max_bytes: 1_048_576,
      split_on_failure: true,
    });
    const binary = await asked(at.server, "PATCH", `${rules}${id}/`, { format: "cloudevents-binary" });
    assert.deepEqual([binary.status, binary.fields[0]?.path], [400, "batch"]);
  });

  it("are no larger than their owner wants, but for one event that is", async () => {
    await using receiver = await batchReceiver();
    await using at = await atWork();
    const batch = { max_events: 100, max_bytes: 1_024, max_wait_ms: 50 };
    await at.subscribe({
      event: "OBJECT_CREATED_PUT",
      bucket: "pictures",
      target: { type: "webhook", url: receiver.url, batch },
    });
    const keys = Array.from({ length: 20 }, (_, index) => `${"k".repeat(10 * index)}${index}`);
    const large = "l".repeat(1_000);
    await Promise.all([...keys, large].map((key) => at.put(key)));
    const told = () =>
      receiver.heard.flatMap(({ events }) => events.map(({ record }) => String(faces[0]?.told(record))));
    await until("all are there", () => told().length === 21);
    assert.deepEqual(told().toSorted(), [...keys, large].toSorted());
    for (const { events, bytes } of receiver.heard) {
      assert.ok(bytes.length <= 1_024 || events.length === 1, `${events.length} events in ${bytes.length} bytes`);
    }
    assert.ok(receiver.heard.length < 21, "some went together");
  });
});
