/** The document of object notifications, sentence by sentence: objects written by a client of S3, rules with its examples, a receiver. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type Received, type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";

const Bucket = "my-bucket";

interface Scene extends AsyncDisposable {
  readonly server: RunningServer;
  readonly ears: WebhookReceiver;
  rule(path: string, more?: object): Promise<{ readonly id: string }>;
  put(key: string, body?: Buffer): Promise<unknown>;
  remove(key: string): Promise<unknown>;
  /** What a rule's path has heard, once it is so much. */
  heard(path: string, count: number): Promise<readonly Received[]>;
}

async function scene(answer: (request: Received) => number = () => 200): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const ears = opened.use(await webhookReceiver(answer));
  const server = opened.use(await runServer({ SIGNALBOX_EVENT_SOURCE: "tigris" }));
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const owned = opened.move();
  const at = (path: string) => ears.received.filter((one) => one.path === path);
  return {
    server,
    ears,
    rule: (path, more = {}) =>
      server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: `${ears.url}${path}`, ...more }),
    put: (Key, Body = Buffer.from("x")) => server.s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    remove: (Key) => server.s3.send(new DeleteObjectCommand({ Bucket, Key })),
    heard: async (path, count) => {
      await until(`${count} at ${path}`, () => at(path).length >= count);
      return at(path);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");
const named = (all: readonly Received[]) =>
  all.map(({ events: [event] }) => `${event?.eventName} ${event?.object.key}`);

describe("Notification Format", () => {
  it("is what a receiver gets of the example's two objects, member by member", async () => {
    await using at = await scene();
    await at.rule("/hook");
    const text = Buffer.alloc(1024, "a");
    const image = Buffer.alloc(2048, "b");
    await at.put("path/to/myfile.txt", text);
    await at.put("path/to/anotherfile.jpg", image);
    await at.remove("path/to/anotherfile.jpg");
    const all = (await at.heard("/hook", 3)).toSorted((one, other) =>
      String(one.headers["x-signalbox-sequence"]) < String(other.headers["x-signalbox-sequence"]) ? -1 : 1,
    );
    const about = (eventName: string, key: string, bytes: Buffer, nth: number) => {
      const eventTime = all[nth]?.events[0]?.eventTime ?? "";
      assert.match(eventTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const object = { key, size: bytes.length, eTag: md5(bytes) };
      return JSON.stringify({
        events: [{ eventVersion: "1", eventSource: "tigris", eventName, eventTime, bucket: Bucket, object }],
      });
    };
    assert.deepEqual(
      all.map(({ body }) => body),
      [
        about("OBJECT_CREATED_PUT", "path/to/myfile.txt", text, 0),
        about("OBJECT_CREATED_PUT", "path/to/anotherfile.jpg", image, 1),
        about("OBJECT_DELETED", "path/to/anotherfile.jpg", image, 2),
      ],
    );
    assert.ok(all.every(({ headers }) => headers["content-type"] === "application/json"));
  });
});

describe("Notification Types", () => {
  it("are OBJECT_CREATED_PUT of what is created or updated, and OBJECT_DELETED of what is deleted", async () => {
    await using at = await scene();
    await at.rule("/hook");
    await at.put("a.txt");
    await at.put("a.txt", Buffer.from("updated"));
    await at.remove("a.txt");
    await at.remove("a.txt");
    await at.put("last.txt");
    const all = await at.heard("/hook", 4);
    assert.deepEqual(named(all).toSorted(), [
      "OBJECT_CREATED_PUT a.txt",
      "OBJECT_CREATED_PUT a.txt",
      "OBJECT_CREATED_PUT last.txt",
      "OBJECT_DELETED a.txt",
    ]);
  });
});

describe("Filtering", () => {
  it("sends what the two examples want, and nothing else", async () => {
    await using at = await scene();
    await at.rule("/images", { filter: 'WHERE key REGEXP "^images"' });
    await at.rule("/deletes", { filter: 'WHERE "Event-Type" = "OBJECT_DELETED"' });
    await at.rule("/all");
    for (const key of ["images/cat.jpg", "notes/images.txt"]) {
      await at.put(key);
      await at.remove(key);
    }
    await at.heard("/all", 4);
    assert.deepEqual(named(await at.heard("/images", 2)).toSorted(), [
      "OBJECT_CREATED_PUT images/cat.jpg",
      "OBJECT_DELETED images/cat.jpg",
    ]);
    assert.deepEqual(named(await at.heard("/deletes", 2)).toSorted(), [
      "OBJECT_DELETED images/cat.jpg",
      "OBJECT_DELETED notes/images.txt",
    ]);
  });
});

describe("Webhook Authentication", () => {
  it("sets the header of the type that was chosen, with its credentials", async () => {
    await using at = await scene();
    await at.rule("/basic", { auth: { type: "basic", username: "john", password: "open:sesame" } });
    await at.rule("/token", { auth: { type: "bearer", token: "a-token" } });
    await at.rule("/none");
    await at.put("a.txt");
    const sent = async (path: string) => (await at.heard(path, 1))[0]?.headers.authorization;
    assert.equal(await sent("/basic"), `Basic ${Buffer.from("john:open:sesame").toString("base64")}`);
    assert.equal(await sent("/token"), "Bearer a-token");
    assert.equal(await sent("/none"), undefined);
  });
});

describe("Webhook", () => {
  it("is tried three times more unless it answers 200, and then given up; the next event is sent", async () => {
    await using at = await scene(({ events: [event] }) => (event?.object.key === "bad.txt" ? 202 : 200));
    const { id } = await at.rule("/hook", { backoff: { schedule_ms: [0] } });
    await at.put("bad.txt");
    const dead = async () => {
      const path = `/api/cloud/deliveries/?status=dead&rule=${id}`;
      return (await at.server.api<{ deliveries: readonly { readonly attempt_count: number }[] }>("GET", path))
        .deliveries;
    };
    await until("it is given up", async () => (await dead()).length === 1);
    assert.deepEqual(
      (await dead()).map(({ attempt_count: count }) => count),
      [4],
    );
    await at.put("good.txt");
    const all = await at.heard("/hook", 5);
    assert.deepEqual(
      all.map(({ events: [event] }) => event?.object.key),
      ["bad.txt", "bad.txt", "bad.txt", "bad.txt", "good.txt"],
    );
    const ids = new Set(all.slice(0, 4).map(({ headers }) => headers["webhook-id"]));
    assert.equal(ids.size, 1, "a receiver knows them for one");
  });
});

describe("Notification ordering guarantees and delivery", () => {
  it("gives events in whatever order, and Last-Modified tells theirs", async () => {
    // The first of them fails once, so that it comes after the second.
    let fails = 1;
    await using at = await scene(({ events: [event] }) => (event?.object.size === 1 && fails-- > 0 ? 500 : 200));
    await at.rule("/hook", { fields: ["lastModified"], backoff: { schedule_ms: [0] } });
    const times: number[] = [];
    for (const size of [1, 2]) {
      const written = Date.now();
      await until("the clock goes on", () => Date.now() > written);
      await at.put("a.txt", Buffer.alloc(size));
      const { LastModified } = await at.server.s3.send(new HeadObjectCommand({ Bucket, Key: "a.txt" }));
      times.push(LastModified?.getTime() ?? 0);
    }
    const all = (await at.heard("/hook", 3)).map(({ events: [event] }) => event ?? assert.fail());
    const told = new Map(all.map((event) => [event.object.size, event.eventTime]));
    assert.ok(String(told.get(1)) < String(told.get(2)));
    for (const event of all) {
      assert.equal((event.object as { lastModified?: string }).lastModified, event.eventTime);
      assert.equal(Math.floor(Date.parse(event.eventTime) / 1000) * 1000, times[event.object.size - 1]);
    }
  });
});
