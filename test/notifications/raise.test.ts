/** What Signalbox itself raises on what it keeps, in the commit of the change. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import type { Event } from "../../src/domain/event.ts";
import { kindNameOf } from "../../src/domain/notifications/resource-data.ts";
import { resourceOf } from "../../src/domain/notifications/view.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { allowing, makeApp, makeFunction } from "../support/functions.ts";
import { Bucket, failure, objectData, withBucket } from "../support/s3.ts";
import { lastSequence, raisedSince } from "./hearing.ts";

/** `app CREATED`. */
function named(events: readonly Event[]): readonly string[] {
  return events.map((event) => `${kindNameOf(event)} ${event.names.notifications}`);
}

const at = { Bucket, Key: "a/b.txt" };

describe("what happens to objects", () => {
  it("is told of the file, with who owns it and the bucket that it lies in", async () => {
    await using fixture = await withBucket();
    const ann = await fixture.someone("ann", "developer");
    const { s3 } = ann;
    await s3.send(new PutObjectCommand({ ...at, Body: "1" }));
    await s3.send(new PutObjectCommand({ ...at, Body: "2" }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: "c", CopySource: `${Bucket}/${at.Key}` }));
    await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }));
    await s3.send(new DeleteObjectCommand(at));
    const events = await fixture.allEvents();
    assert.deepEqual(
      events.map(({ names }) => [names.notifications, names.objects]),
      [
        ["CREATED", undefined],
        ["UPLOADED", "OBJECT_CREATED_PUT"],
        ["OVERWRITTEN", "OBJECT_CREATED_PUT"],
        ["CREATED", "OBJECT_CREATED_PUT"],
        ["METADATA_UPDATED", undefined],
        ["DELETED", "OBJECT_DELETED"],
      ],
    );
    const [bucket, ...files] = events;
    assert.deepEqual([bucket?.owners, bucket?.resource.slice(-3)], [["root"], "101"]);
    for (const { owners, scope } of files) assert.deepEqual([owners, scope], [["ann", "root"], bucket?.resource]);
    const tagged = files[3] ?? assert.fail();
    assert.deepEqual([tagged.names.lifecycle, objectData(tagged.data).tags], [undefined, { k: "v" }]);
    assert.deepEqual([tagged.resource, resourceOf(tagged)["path"]], [files[0]?.resource, at.Key]);
    assert.equal(resourceOf(files[4] ?? assert.fail())["status"], "DELETED");
  });

  it("counts as use of the bucket as far as its rules may hear it, and no more", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ ...at, Body: "1" }));
    await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [] } }));
    const day = new Date().toISOString().slice(0, 10);
    const query = { tenant: "default", fromDay: "2000-01-01", toDay: day };
    const { usage } = await fixture.deps.store.events.usage(query, { max: 9 });
    assert.deepEqual(
      usage.map(({ scope, accepted }) => [scope.slice(-3), accepted]),
      [["101", 1]],
    );
  });

  it("leaves grants for who hears of the end, and for nobody else", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const { store } = fixture.deps;
    await s3.send(new PutObjectCommand({ ...at, Body: "1" }));
    const file = (await fixture.events()).at(-1)?.resource ?? assert.fail();
    await store.commit({
      changes: [{ do: "grant.put", grant: { resource: file, grantee: "ben", permission: "read" } }],
    });
    await s3.send(new DeleteObjectCommand(at));
    assert.equal(await store.grants.grant(file, "ben"), undefined);
    const [seers] = await store.grants.seersOf([{ tenant: "default", resources: [file], developers: false }]);
    assert.ok(seers?.has("ben"));
  });
});

describe("a download", () => {
  it("is told where that was asked for: of each GET that is answered with bytes", async () => {
    await using fixture = await withBucket({ downloadEvents: true });
    const { s3 } = fixture.admin;
    const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: "hello" }));
    const from = await lastSequence(fixture.deps.store);
    await s3.send(new HeadObjectCommand(at));
    assert.equal(await failure(s3.send(new GetObjectCommand({ ...at, IfNoneMatch: ETag }))), "304 Unknown");
    assert.deepEqual(named(await raisedSince(fixture.deps.store, from)), []);
    const { Body } = await s3.send(new GetObjectCommand(at));
    const [told, ...others] = await raisedSince(fixture.deps.store, from);
    assert.equal(await Body?.transformToString(), "hello");
    assert.deepEqual([told?.names, told?.actor, others], [{ notifications: "DOWNLOAD" }, "root", []]);
  });

  it("is told to nobody where it was not", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ ...at, Body: "hello" }));
    const from = await lastSequence(fixture.deps.store);
    await (await s3.send(new GetObjectCommand(at))).Body?.transformToString();
    assert.equal(await lastSequence(fixture.deps.store), from);
  });

  it("goes on when it cannot be told, and the log says so", async () => {
    let full = false;
    await using fixture = await withBucket({
      downloadEvents: true,
      publish: (publish) => (unit) => (full ? Promise.reject(new Error("the disk is full")) : publish(unit)),
    });
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ ...at, Body: "hello" }));
    full = true;
    const { Body } = await s3.send(new GetObjectCommand(at));
    assert.equal(await Body?.transformToString(), "hello");
    assert.match(fixture.logged.join("\n"), /a download could not be announced .*the disk is full/);
  });
});

describe("buckets", () => {
  it("are created and deleted", async () => {
    await using fixture = await withBucket();
    const { s3 } = await fixture.someone("ann", "member");
    await s3.send(new CreateBucketCommand({ Bucket: "hers" }));
    assert.equal(await failure(s3.send(new CreateBucketCommand({ Bucket }))), "409 BucketAlreadyExists");
    await s3.send(new DeleteBucketCommand({ Bucket: "hers" }));
    const [, created, deleted, ...others] = await raisedSince(fixture.deps.store);
    assert.deepEqual(named([created ?? assert.fail(), deleted ?? assert.fail()]), ["bucket CREATED", "bucket DELETED"]);
    assert.deepEqual([created?.actor, created?.origin, created?.owners, others], ["ann", "s3", ["ann"], []]);
    assert.equal(resourceOf(deleted ?? assert.fail())["name"], "hers");
  });
});

/** What is raised by `work`. */
async function during(api: TestApi, work: () => Promise<unknown>): Promise<readonly string[]> {
  const { store } = api.deps;
  const from = await lastSequence(store);
  await work();
  return named(await raisedSince(store, from));
}

describe("what happens to users, apps and functions", () => {
  it("is told of a profile under a name of its own, in the event that functions hear", async () => {
    await using api = await testApi();
    const user = { username: "ada", email: "ada@example.com" };
    const { data } = await api.ask("POST", "/api/cloud/users/", user);
    const one = `/api/cloud/users/${String(data["id"])}/`;
    await api.ask("PATCH", one, { first_name: "Ada" });
    await api.ask("PATCH", one, { first_name: "Ada" });
    await api.ask("DELETE", one);
    const events = await raisedSince(api.deps.store);
    assert.deepEqual(
      events.map(({ names, owners, resource }) => [names, owners, resource]),
      ["CREATE", "UPDATE", "DELETE"].map((verb) => [
        { lifecycle: `POST_USER_${verb}`, notifications: `${verb}D` },
        ["ada"],
        data["uuid"],
      ]),
    );
    assert.equal(resourceOf(events[2] ?? assert.fail())["first_name"], "Ada");
  });

  it("is told of apps", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/apps/", { name: "Shop" });
    await api.ask("PATCH", "/api/apps/shop/", { name: "Shops" });
    await api.ask("DELETE", "/api/apps/shop/");
    const events = await raisedSince(api.deps.store);
    assert.deepEqual(named(events), ["app REGISTERED", "app UPDATED", "app DELETED"]);
    assert.deepEqual(
      events.map((event) => resourceOf(event)["name"]),
      ["Shop", "Shops", "Shops"],
    );
    assert.equal(new Set(events.map(({ resource }) => resource)).size, 1);
  });

  it("is told of functions: what was switched on or off as that", async () => {
    await using api = await testApi();
    await makeApp(api);
    const { path } = await makeFunction(api);
    const changed = async (method: string, to: string, body?: unknown): Promise<readonly string[]> =>
      during(api, async () => {
        const { status, text } = await api.ask(method, `${path}${to}`, body);
        assert.equal(status, 200, text);
      });
    assert.deepEqual(named(await raisedSince(api.deps.store)), ["app REGISTERED", "function CREATED"]);
    assert.deepEqual(await changed("PATCH", "", { enabled: false }), ["function DISABLED"]);
    assert.deepEqual(await changed("PATCH", "", { enabled: false }), []);
    assert.deepEqual(await changed("PATCH", "", { enabled: true, timeout_ms: 1_000 }), [
      "function UPDATED",
      "function ENABLED",
    ]);
    assert.deepEqual(await changed("PATCH", "", { secrets: { KEY: "s" } }), ["function UPDATED"]);
    assert.deepEqual(await changed("PATCH", "", { code: `${allowing}\n` }), ["function UPDATED"]);
    assert.deepEqual(await changed("POST", "versions/1/activate/"), ["function UPDATED"]);
    assert.deepEqual(await changed("POST", "versions/1/activate/"), []);
    assert.doesNotMatch(JSON.stringify(await raisedSince(api.deps.store)), /"KEY"|"s"/);
    assert.deepEqual(await changed("DELETE", ""), ["function DELETED"]);
  });
});

describe("what happens to subscriptions of the other faces", () => {
  it("is told of rules, without their url", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    const url = "https://receiver.example/hook?key=secret";
    const { data } = await api.ask("POST", rules, { url });
    const one = `${rules}${String(data["id"])}/`;
    await api.ask("PATCH", one, { enabled: false });
    await api.ask("POST", `${one}rotate-secret/`);
    await api.ask("DELETE", one);
    const events = await raisedSince(api.deps.store);
    assert.deepEqual(
      named(events),
      ["CREATED", "UPDATED", "UPDATED", "DELETED"].map((name) => `subscription ${name}`),
    );
    assert.deepEqual(
      events.map((event) => resourceOf(event)["enabled"]),
      [true, false, false, false],
    );
    assert.doesNotMatch(JSON.stringify(events), /secret|whsec/);
  });

  it("is told of subscribers, also when they end with their function", async () => {
    await using api = await testApi();
    await makeApp(api);
    const { id, path } = await makeFunction(api);
    const event = "/api/cloud/events/POST_USER_CREATE/";
    const ask = async (method: string, to: string, body?: unknown) => {
      const answer = await api.ask(method, to, body);
      assert.equal(answer.status, 200, answer.text);
      return answer;
    };
    const one = { id: "" };
    const subscribed = await during(api, async () => {
      const { data } = await ask("POST", `${event}subscribe/`, { function_id: id });
      one.id = String(data["id"]);
    });
    assert.deepEqual(subscribed, ["subscription CREATED"]);
    const changed = await during(api, () => ask("PATCH", `${event}subscribers/${one.id}/`, { enabled: false }));
    assert.deepEqual(changed, ["subscription UPDATED"]);
    const unsubscribed = await during(api, () => ask("POST", `${event}unsubscribe/`, { function_id: id }));
    assert.deepEqual(unsubscribed, ["subscription DELETED"]);
    await ask("POST", `${event}subscribe/`, { function_id: id });
    assert.deepEqual(await during(api, () => ask("DELETE", path)), ["subscription DELETED", "function DELETED"]);
  });
});
