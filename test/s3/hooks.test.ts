/** What hooks are asked about writes, and what comes of their answers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { catalogOf } from "../../src/domain/event-types.ts";
import { lifecycleOf } from "../../src/domain/lifecycle.ts";
import { SignalboxError } from "../../src/errors.ts";
import { fakeGuard, subscribe } from "../support/guard.ts";
import { Bucket, objectData, refusal, type S3Fixture, withBucket } from "../support/s3.ts";
import { send } from "../support/sign.ts";

const at = { Bucket, Key: "k" };

async function tagsOf(s3: S3Client): Promise<Record<string, string>> {
  const { TagSet } = await s3.send(new GetObjectTaggingCommand(at));
  return Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

async function objectAt({ deps }: S3Fixture, key: string) {
  const bucket = await deps.store.objects.bucket("default", Bucket);
  assert.ok(bucket);
  return deps.store.objects.object(bucket.uuid, key);
}

describe("metadata and tags that call themselves secrets", () => {
  it("stay with the object, and no hook or function hears of them", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", async () => ({
      decision: "allow",
      patch: { metadata: { m: "2", added: "x" }, tags: { t: null } },
    }));
    const Metadata = { m: "1", "upload-token": "hunter2" };
    await s3.send(new PutObjectCommand({ ...at, Body: "hello", Metadata, Tagging: "t=2&password=hunter2" }));
    assert.doesNotMatch(JSON.stringify(fixture.guard.asked.map(({ params }) => params)), /hunter2/);
    const { Metadata: kept } = await s3.send(new HeadObjectCommand(at));
    assert.deepEqual(kept, { "upload-token": "hunter2", m: "2", added: "x" });
    assert.deepEqual(await tagsOf(s3), { password: "hunter2" });
    const [event] = await fixture.events();
    assert.ok(event);
    assert.deepEqual(lifecycleOf(event).params["metadata"], { m: "2", added: "x" });
    assert.deepEqual(lifecycleOf(event).params["tags"], {});
  });
});

describe("PutObject", () => {
  it("asks before the first byte, tells what the headers tell, and keeps the decision with the object", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const seen: unknown[] = [];
    subscribe(fixture.guard, "PRE_OBJECT_PUT", async () => {
      seen.push(await fixture.blobCount());
    });
    await s3.send(
      new PutObjectCommand({ ...at, Body: "hello", ContentType: "a/b", Metadata: { m: "1" }, Tagging: "t=2" }),
    );
    assert.deepEqual(seen, [0]);
    const [asked, ...others] = fixture.guard.asked;
    assert.ok(asked);
    assert.equal(others.length, 0);
    const { signal, operation = "", ...told } = asked;
    assert.deepEqual(told, {
      tenant: "default",
      type: "PRE_OBJECT_PUT",
      params: {
        bucket: Bucket,
        key: "k",
        size: 5,
        content_type: "a/b",
        reason: "PutObject",
        metadata: { m: "1" },
        tags: { t: "2" },
      },
      user: { username: "root", role: "admin" },
      actor: "root",
      origin: "s3",
      chainMs: 10_000,
    });
    assert.equal(signal?.aborted, false);
    const [event] = await fixture.events();
    assert.equal(event?.names.lifecycle, "POST_OBJECT_PUT");
    assert.equal(event?.id, operation);
    const decision = await fixture.deps.store.operations.decision("default", operation);
    assert.equal(decision?.resource, event?.resource);
    assert.deepEqual(fixture.guard.aborts, []);
  });

  it("is told the size of the object, not that of its chunks", async () => {
    await using fixture = await withBucket();
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => {});
    await fixture.admin.s3.send(new PutObjectCommand({ ...at, Body: "x".repeat(100_000) }));
    assert.equal(fixture.guard.asked[0]?.params["size"], 100_000);
  });

  it("stores the metadata and tags that hooks leave", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({
      decision: "allow",
      patch: { metadata: { owner: "Zürich", gone: null }, tags: { class: "internal" } },
    }));
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({
      decision: "allow",
      patch: { tags: { class: "secret", old: null } },
    }));
    const Metadata = { kept: "1", gone: "2" };
    await s3.send(new PutObjectCommand({ ...at, Body: "x", Metadata, Tagging: "a=1&old=2" }));
    const head = await s3.send(new HeadObjectCommand(at));
    assert.deepEqual(head.Metadata, { kept: "1", owner: "=?UTF-8?B?WsO8cmljaA==?=" });
    assert.deepEqual(await tagsOf(s3), { a: "1", class: "secret" });
    const [event] = await fixture.events();
    assert.ok(event);
    const { userMetadata, tags } = objectData(event.data);
    assert.deepEqual([userMetadata, tags], [{ kept: "1", owner: "Zürich" }, await tagsOf(s3)]);
  });

  it("is unavailable when what hooks leave cannot be kept", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    let patch: object = {};
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({ decision: "allow", patch: { ...patch } }));
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, "x"]));
    const cases: [object, RegExp][] = [
      [{ metadata: { Owner: "x" } }, /metadata: the name "Owner" must be lower-case/],
      [{ metadata: { "a b": "x" } }, /metadata: the name "a b"/],
      [{ metadata: { a: "line\nbreak" } }, /metadata\.a: the value must be printable/],
      [{ metadata: { a: "x".repeat(2048) } }, /2049 bytes together; at most 2048/],
      [{ metadata: { a: 1 } }, /metadata\.a: must be a text/],
      [{ tags: many }, /tags: there are 11; at most 10/],
      [{ tags: { ["k".repeat(129)]: "x" } }, /tags: the key "k+" must be 1–128/],
      [{ tags: { a: "x".repeat(257) } }, /tags\.a: the value must be at most 256/],
      [{ tags: { a: "{}" } }, /tags\.a: the value must be/],
    ];
    for (const [next, message] of cases) {
      patch = next;
      const said = await refusal(s3.send(new PutObjectCommand({ ...at, Body: "x" })));
      assert.match(said, /^503 ServiceUnavailable: What hooks of PRE_OBJECT_PUT changed cannot be kept: /);
      assert.match(said, message);
    }
    assert.equal(fixture.guard.aborts.length, cases.length);
    assert.match(fixture.guard.aborts[0]?.reason ?? "", /cannot be kept: metadata: the name "Owner"/);
    assert.deepEqual([await fixture.blobCount(), await fixture.told(), fixture.logged], [0, [], []]);
  });

  it("leaves alone what the client said and hooks did not change", async () => {
    await using fixture = await withBucket();
    const { port, admin, guard } = fixture;
    subscribe(guard, "PRE_OBJECT_PUT", () => ({ decision: "allow", patch: { metadata: { b: "2" } } }));
    subscribe(guard, "PRE_OBJECT_DELETE", () => {});
    const headers = {
      // Decodes to a value with a line separator, which no hook may say.
      "x-amz-meta-a": "=?UTF-8?B?QeKAqEI=?=",
      // No event can hold these two.
      "x-amz-meta-__proto__": "c",
      "x-amz-tagging": "__proto__=d",
    };
    await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k`, headers, body: "x" });
    const { userMetadata = {}, tags = {} } = (await objectAt(fixture, "k")) ?? {};
    const kept = [Object.entries(userMetadata), Object.entries(tags)];
    assert.deepEqual(kept, [
      [
        ["__proto__", "c"],
        ["a", "A\u2028B"],
        ["b", "2"],
      ],
      [["__proto__", "d"]],
    ]);
    await admin.s3.send(new DeleteObjectCommand(at));
    const catalog = catalogOf([]);
    for (const { type, params } of guard.asked) assert.deepEqual(catalog.prepare(type, params), params);
    assert.equal(guard.asked.length, 2);
  });

  it("is denied, fails and recurs with the words of the guard, and nothing is stored", async () => {
    const guard = fakeGuard();
    await using fixture = await withBucket({ guard });
    const { s3 } = fixture.admin;
    const put = () => refusal(s3.send(new PutObjectCommand({ ...at, Body: "x" })));
    subscribe(guard, "PRE_OBJECT_PUT", () => {
      if (guard.asked.length === 1) return { decision: "deny", message: "no <k> here" };
      throw new Error("it took longer than 2000 ms");
    });
    assert.equal(await put(), "403 AccessDenied: Function 'hook-1' refused PRE_OBJECT_PUT: no <k> here");
    assert.equal(await put(), "503 ServiceUnavailable: Function 'hook-1' failed: it took longer than 2000 ms");
    guard.check = async () => {
      throw new SignalboxError("hook_recursion", "a function would be run for what it has caused itself");
    };
    assert.equal(await put(), "403 AccessDenied: a function would be run for what it has caused itself");
    assert.deepEqual([await fixture.blobCount(), await fixture.told(), fixture.logged], [0, [], []]);
    assert.deepEqual(guard.aborts, []);
  });

  it("asks nobody about a write that is refused anyway", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => {});
    const put = (more: object) => refusal(s3.send(new PutObjectCommand({ ...at, Body: "y", ...more })));
    assert.match(await put({ IfNoneMatch: "*" }), /^412 /);
    assert.match(await put({ Tagging: "a=1&a=2" }), /^400 InvalidTag/);
    assert.match(await put({ Bucket: "nope" }), /^404 NoSuchBucket/);
    assert.match(await put({ Metadata: { a: "x".repeat(2049) } }), /^400 MetadataTooLarge/);
    assert.equal(fixture.guard.asked.length, 0);
  });
});

describe("what functions are told", () => {
  it("before and after a write or delete fits the event types", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => {});
    subscribe(fixture.guard, "PRE_OBJECT_DELETE", () => {});
    await s3.send(new PutObjectCommand({ ...at, Body: "x", Metadata: { m: "1" }, Tagging: "t=1" }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k` }));
    await s3.send(new DeleteObjectCommand(at));
    const catalog = catalogOf([]);
    for (const { type, params } of fixture.guard.asked) assert.deepEqual(catalog.prepare(type, params), params);
    const events = await fixture.events();
    for (const event of events) {
      const { params, user, operation } = lifecycleOf(event);
      assert.deepEqual(catalog.prepare(event.names.lifecycle ?? "", params), params);
      assert.deepEqual([params["uuid"], user, operation], [event.resource, { username: "root" }, event.id]);
      // The other way round: everything that the type has to tell is told.
      assert.deepEqual(
        Object.keys(params).toSorted(),
        Object.keys(Object(catalog.get("POST_OBJECT_PUT")?.schema["properties"])).toSorted(),
      );
    }
    assert.deepEqual([fixture.guard.asked.length, events.length], [3, 3]);
  });
});

describe("CopyObject", () => {
  it("asks with the facts that the copy is to have, and takes the changes", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "from",
        Body: "hello",
        ContentType: "a/b",
        Metadata: { m: "1" },
        Tagging: "t=1",
      }),
    );
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({ decision: "allow", patch: { metadata: { by: "hook" } } }));
    const copy = (more: object = {}) =>
      s3.send(new CopyObjectCommand({ ...at, CopySource: `${Bucket}/from`, ...more }));
    await copy();
    await copy({ MetadataDirective: "REPLACE", ContentType: "c/d", Metadata: { n: "2" } });
    assert.deepEqual(
      fixture.guard.asked.map(({ params }) => params),
      [
        { content_type: "a/b", metadata: { m: "1" } },
        { content_type: "c/d", metadata: { n: "2" } },
      ].map((own) => ({ bucket: Bucket, key: "k", size: 5, reason: "CopyObject", tags: { t: "1" }, ...own })),
    );
    assert.deepEqual((await s3.send(new HeadObjectCommand(at))).Metadata, { n: "2", by: "hook" });
    assert.deepEqual(
      (await fixture.events()).map(({ id, names }) => [id, names.lifecycle]).slice(1),
      fixture.guard.asked.map(({ operation }) => [operation, "POST_OBJECT_PUT"]),
    );
  });

  it("that is denied leaves nothing", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "from", Body: "hello" }));
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({ decision: "deny", message: "no" }));
    const copy = new CopyObjectCommand({ ...at, CopySource: `${Bucket}/from` });
    assert.equal(await refusal(s3.send(copy)), "403 AccessDenied: Function 'hook-1' refused PRE_OBJECT_PUT: no");
    assert.deepEqual([await fixture.blobCount(), await fixture.told()], [1, ["OBJECT_CREATED_PUT from"]]);
  });
});
