/** What hooks are asked about deletes, one by one and many at once. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { subscribe } from "../support/guard.ts";
import { Bucket, refusal, withBucket } from "../support/s3.ts";
import { until } from "../support/until.ts";

const at = { Bucket, Key: "k" };

function put(s3: S3Client, Key: string, more: object = {}) {
  return s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello", ...more }));
}

/** Each in the order of the request: `key` or `key Code: message`. */
async function removeAll(s3: S3Client, keys: readonly string[], more: object = {}): Promise<string[]> {
  const Objects = keys.map((Key) => ({ Key }));
  const { Deleted = [], Errors = [] } = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects, ...more } }),
  );
  return [
    ...Deleted.map(({ Key }) => `${Key}`),
    ...Errors.map(({ Key, Code, Message }) => `${Key} ${Code}: ${Message}`),
  ];
}

describe("DeleteObject", () => {
  it("asks about what is there, and about nothing else", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await put(s3, "k", { ContentType: "a/b", Metadata: { m: "1" }, Tagging: "t=1" });
    const bucket = await fixture.deps.store.objects.bucket("default", Bucket);
    assert.ok(bucket);
    const object = await fixture.deps.store.objects.object(bucket.uuid, "k");
    assert.ok(object);
    let denies = true;
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", () =>
      denies ? { decision: "deny", message: "it is kept" } : undefined,
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "other" }));
    assert.match(await refusal(s3.send(new DeleteObjectCommand({ ...at, IfMatch: '"other"' }))), /^412 /);
    assert.equal(fixture.guard.asked.length, 0);
    const denied = await refusal(s3.send(new DeleteObjectCommand(at)));
    assert.equal(denied, "403 AccessDenied: Function 'hook-1' refused PRE_OBJECT_DELETE: it is kept");
    assert.equal((await fixture.events()).length, 1);
    denies = false;
    await s3.send(new DeleteObjectCommand(at));
    const { signal: _, operation = "", ...told } = fixture.guard.asked[1] ?? assert.fail("nobody was asked");
    assert.deepEqual(told, {
      tenant: "default",
      type: "PRE_OBJECT_DELETE",
      resource: object.uuid,
      params: {
        uuid: object.uuid,
        bucket: Bucket,
        key: "k",
        size: 5,
        etag: "5d41402abc4b2a76b9719d911017c592",
        content_type: "a/b",
        last_modified: new Date(object.modifiedMs).toISOString(),
        reason: "DeleteObject",
        metadata: { m: "1" },
        tags: { t: "1" },
      },
      user: { username: "root", role: "admin" },
      actor: "root",
      origin: "s3",
      chainMs: 10_000,
    });
    const event = (await fixture.events()).at(-1);
    assert.deepEqual([event?.names.lifecycle, event?.id], ["POST_OBJECT_DELETE", operation]);
    assert.equal((await fixture.deps.store.operations.decision("default", operation))?.resource, object.uuid);
    assert.deepEqual([await fixture.blobCount(), fixture.guard.aborts.length], [0, 0]);
  });

  it("asks again when there is another object once hooks have agreed; nobody waits for them meanwhile", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await put(s3, "k", { Metadata: { version: "1" } });
    const seen: unknown[] = [];
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", async ({ params: { metadata } }) => {
      seen.push(metadata);
      if (seen.length === 1) await put(s3, "k", { Metadata: { version: "2" } });
    });
    await s3.send(new DeleteObjectCommand(at));
    assert.deepEqual(seen, [{ version: "1" }, { version: "2" }]);
    const [first, second] = fixture.guard.asked.map(({ operation }) => operation);
    assert.deepEqual(
      fixture.guard.aborts.map(({ operation, ran, reason }) => [operation, ran, reason]),
      [[first, [1], "It was changed by others while its hooks ran."]],
    );
    assert.equal((await fixture.events()).at(-1)?.id, second);
    assert.match(await refusal(s3.send(new HeadObjectCommand(at))), /^404 /);
  });

  it("gives up when that never ends", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await put(s3, "k");
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", async () => {
      await put(s3, "k");
    });
    assert.match(await refusal(s3.send(new DeleteObjectCommand(at))), /^503 SlowDown/);
    assert.equal(fixture.guard.asked.length, fixture.guard.aborts.length);
  });

  it("has nothing to do when the object is gone once hooks have agreed", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await put(s3, "k");
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", async () => {
      if (fixture.guard.asked.length === 1) await s3.send(new DeleteObjectCommand(at));
    });
    await s3.send(new DeleteObjectCommand(at));
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k", "OBJECT_DELETED k"]);
    assert.deepEqual(
      fixture.guard.aborts.map(({ operation }) => operation),
      [fixture.guard.asked[0]?.operation],
    );
  });
});

describe("DeleteObjects", () => {
  it("asks for each key, tells denials and failures in its answer, and deletes the others", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    for (const key of ["a", "denied", "fails", "z"]) await put(s3, key);
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", ({ params: { key } }) => {
      if (key === "denied") return { decision: "deny", message: "not <this>" };
      if (key === "fails") throw new Error("oops");
    });
    const denied = "denied AccessDenied: Function 'hook-1' refused PRE_OBJECT_DELETE: not <this>";
    const failed = "fails ServiceUnavailable: Function 'hook-1' failed: oops";
    assert.deepEqual(await removeAll(s3, ["z", "denied", "missing", "fails", "a"]), [
      "z",
      "missing",
      "a",
      denied,
      failed,
    ]);
    assert.deepEqual(await removeAll(s3, ["denied", "a"], { Quiet: true }), [denied]);
    const keys = (await fixture.told()).filter((told) => told.startsWith("OBJECT_DELETED"));
    assert.deepEqual(keys.toSorted(), ["OBJECT_DELETED a", "OBJECT_DELETED z"]);
    assert.ok(fixture.guard.asked.every(({ params }) => params["reason"] === "DeleteObjects"));
    assert.deepEqual(fixture.logged, []);
  });

  it("asks about sixteen at once, and about all", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const keys = Array.from({ length: 40 }, (_, index) => `k/${index}`);
    for (const key of keys) await put(s3, key);
    let running = 0;
    let most = 0;
    const go = Promise.withResolvers<void>();
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", async () => {
      running += 1;
      most = Math.max(most, running);
      await go.promise;
      running -= 1;
    });
    const removed = removeAll(s3, keys);
    await until("sixteen hooks run", () => running === 16);
    // What needs no hook does not wait for those that run.
    await put(s3, "other");
    go.resolve();
    assert.deepEqual((await removed).toSorted(), keys.toSorted());
    assert.equal(most, 16);
    assert.equal(fixture.guard.asked.length, 40);
  });
});
