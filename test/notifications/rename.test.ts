/** Renaming and moving files: the uuid stays, hooks are asked, and every face is told in its own words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import type { Event } from "../../src/domain/event.ts";
import { resourceOf, viewOf } from "../../src/domain/notifications/view.ts";
import { SignalboxError } from "../../src/errors.ts";
import { type RenameRequest, renameObject } from "../../src/storage/rename-object.ts";
import type { StoredObject } from "../../src/store/records.ts";
import { subscribe } from "../support/guard.ts";
import { Bucket, objectData, type S3Fixture, type S3FixtureOptions, withBucket } from "../support/s3.ts";
import { heardBy, lastSequence, listen } from "./hearing.ts";

async function objectAt({ deps }: S3Fixture, key: string, bucketName = Bucket): Promise<StoredObject | undefined> {
  const bucket = (await deps.store.objects.bucket("default", bucketName)) ?? assert.fail();
  return deps.store.objects.object(bucket.uuid, key);
}

interface Stage extends S3Fixture {
  readonly file: StoredObject;
  rename(over: Partial<RenameRequest>): Promise<StoredObject>;
  /** Events since the file was there. */
  since(): Promise<readonly Event[]>;
}

/** `a/b.txt` with "hello" in the bucket. */
async function stage(options: S3FixtureOptions = {}): Promise<Stage> {
  await using made = new AsyncDisposableStack();
  const fixture = made.use(await withBucket(options));
  await put(fixture, "a/b.txt", "hello");
  const file = (await objectAt(fixture, "a/b.txt")) ?? assert.fail();
  const from = await lastSequence(fixture.deps.store);
  const principal = { tenant: "default", name: "root", role: "admin" } as const;
  made.move();
  return Object.assign(Object.create(fixture) as S3Fixture, {
    file,
    rename: async (over: Partial<RenameRequest>) => {
      const request = { principal, origin: "api", file: file.uuid, overwrite: false, ...over };
      return (await renameObject(fixture.deps, request)).object;
    },
    since: async () => (await fixture.allEvents()).filter(({ sequence }) => sequence > from),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  });
}

function put({ admin }: S3Fixture, Key: string, Body: string): Promise<unknown> {
  return admin.s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: { m: "1" } }));
}

async function read({ admin }: S3Fixture, Key: string): Promise<string | undefined> {
  return (await admin.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    assert.ok(error instanceof SignalboxError, String(error));
    return error.code;
  }
}

describe("a file that is renamed", () => {
  it("keeps its uuid, owner and bytes, and is told to every face in its words", async () => {
    await using at = await stage();
    const moved = await at.rename({ key: "a/c.txt" });
    const { version, modifiedMs } = moved;
    assert.deepEqual(moved, { ...at.file, key: "a/c.txt", version, modifiedMs });
    assert.notEqual(moved.version, at.file.version);
    assert.deepEqual(await objectAt(at, "a/c.txt"), moved);
    assert.equal(await objectAt(at, "a/b.txt"), undefined);
    assert.equal(await read(at, "a/c.txt"), "hello");
    assert.equal(await at.blobCount(), 1);
    const [left, came, ...others] = await at.since();
    assert.deepEqual(left?.names, { objects: "OBJECT_DELETED", lifecycle: "POST_OBJECT_DELETE" });
    assert.deepEqual(came?.names, {
      objects: "OBJECT_CREATED_PUT",
      notifications: "RENAME",
      lifecycle: "POST_OBJECT_PUT",
    });
    assert.deepEqual([left?.resource, came?.resource, others], [at.file.uuid, at.file.uuid, []]);
    const { key, reason, from } = objectData(came?.data ?? {});
    assert.deepEqual([key, reason, from], ["a/c.txt", "CopyObject", { bucket: Bucket, key: "a/b.txt" }]);
    assert.deepEqual(objectData(left?.data ?? {}).key, "a/b.txt");
    const { source, path } = resourceOf(came ?? assert.fail());
    assert.deepEqual([source, path], ["alpha/a/b.txt", "a/c.txt"]);
  });

  for (const [to, name] of [
    ["a/B.txt", "RENAME"],
    ["a/b.txt/", "RENAME"],
    ["a/b.txt/c", "MOVED"],
    ["b.txt", "MOVED"],
    ["A/b.txt", "MOVED"],
    ["/a/b.txt", "MOVED"],
  ] as const) {
    it(`from a/b.txt to ${to} is ${name}`, async () => {
      await using at = await stage();
      await at.rename({ key: to });
      assert.equal((await at.since()).at(-1)?.names.notifications, name);
    });
  }

  it("is heard of once by who watches it, and as changed content by who watches the bucket", async () => {
    await using at = await stage();
    const { store } = at.deps;
    await listen(store, "root", at.file.uuid);
    await listen(store, "root", at.file.bucket);
    await listen(store, "root");
    await at.rename({ key: "z" });
    const heard = (await Promise.all((await at.since()).map((event) => heardBy(store, event)))).flat();
    assert.deepEqual(heard.toSorted(), ["root FILE_MOVED", "root MOVED", "root MOVED"]);
  });
});

describe("a file that is moved to another bucket", () => {
  it("changes the content of both", async () => {
    await using at = await stage();
    const { store } = at.deps;
    await at.admin.s3.send(new CreateBucketCommand({ Bucket: "beta" }));
    const beta = (await store.objects.bucket("default", "beta")) ?? assert.fail();
    for (const scope of [at.file.uuid, at.file.bucket, beta.uuid]) await listen(store, "root", scope);
    const from = await lastSequence(store);
    await at.rename({ bucket: "beta" });
    const events = (await at.since()).filter(({ sequence }) => sequence > from);
    assert.deepEqual(
      events.map(({ names, scope, resource }) => [names.objects ?? names.notifications, scope ?? resource]),
      [
        ["OBJECT_DELETED", at.file.bucket],
        ["OBJECT_CREATED_PUT", beta.uuid],
        ["FILE_MOVED", at.file.bucket],
      ],
    );
    const heard = await Promise.all(events.map((event) => heardBy(store, event)));
    assert.deepEqual(heard, [[], ["root FILE_MOVED", "root MOVED"], ["root FILE_MOVED"]]);
    const left = events.at(-1) ?? assert.fail();
    for (const [event, told] of [
      ["*", "FILE_MOVED"],
      ["CONTENT_CHANGED", "CONTENT_CHANGED"],
    ] as const) {
      const view = viewOf(left, { face: "notifications", scope: at.file.bucket, event }, { publicUrl: "" });
      assert.equal(view.event, told);
      assert.deepEqual(view.of, { event: "MOVED", kind: "file", uuid: at.file.uuid }, "and not where it is now");
    }
    assert.equal((await objectAt(at, "a/b.txt", "beta"))?.uuid, at.file.uuid);
  });

  it("needs leave to write in either", async () => {
    await using at = await stage();
    const ann = await at.someone("ann", "member");
    await ann.s3.send(new CreateBucketCommand({ Bucket: "hers" }));
    const principal = { tenant: "default", name: "ann", role: "member" } as const;
    assert.equal(await codeOf(at.rename({ principal, bucket: "hers" })), "not_found");
    const grant = { resource: at.file.bucket, grantee: "ann", permission: "read" } as const;
    await at.deps.store.commit({ changes: [{ do: "grant.put", grant }] });
    assert.equal(await codeOf(at.rename({ principal, bucket: "hers" })), "forbidden");
    await at.deps.store.commit({ changes: [{ do: "grant.put", grant: { ...grant, permission: "write" } }] });
    assert.equal((await at.rename({ principal, bucket: "hers" })).owner, "root");
    const stranger = { ...principal, tenant: "other" };
    assert.equal(await codeOf(at.rename({ principal: stranger, key: "x" })), "not_found");
  });
});

describe("a place that is taken", () => {
  it("is refused, and with overwrite the file there is deleted, bytes and all", async () => {
    await using at = await stage();
    await put(at, "taken", "other");
    const other = (await objectAt(at, "taken")) ?? assert.fail();
    const from = await lastSequence(at.deps.store);
    assert.equal(await codeOf(at.rename({ key: "taken" })), "conflict");
    assert.equal(await codeOf(at.rename({ key: "a/b.txt" })), "invalid_request");
    assert.equal(await lastSequence(at.deps.store), from);
    assert.equal(await at.blobCount(), 2);
    await at.rename({ key: "taken", overwrite: true });
    const events = (await at.since()).filter(({ sequence }) => sequence > from);
    assert.deepEqual(
      events.map(({ resource, names }) => [resource, names.notifications, names.objects]),
      [
        [other.uuid, "DELETED", "OBJECT_DELETED"],
        [at.file.uuid, undefined, "OBJECT_DELETED"],
        [at.file.uuid, "MOVED", "OBJECT_CREATED_PUT"],
      ],
    );
    assert.deepEqual([await at.blobCount(), await read(at, "taken")], [1, "hello"]);
    assert.equal(await at.deps.store.objects.objectByUuid(other.uuid), undefined);
  });
});

describe("hooks", () => {
  it("are asked about the new place, then about what goes, and may change what is annotated", async () => {
    await using at = await stage();
    await put(at, "taken", "other");
    for (const type of ["PRE_OBJECT_PUT", "PRE_OBJECT_DELETE"]) {
      subscribe(at.guard, type, () =>
        type === "PRE_OBJECT_PUT" ? { decision: "allow", patch: { tags: { seen: "1" } } } : undefined,
      );
    }
    const moved = await at.rename({ key: "taken", overwrite: true });
    assert.deepEqual([moved.tags, moved.userMetadata], [{ seen: "1" }, { m: "1" }]);
    assert.deepEqual(
      at.guard.asked.map(({ type, params }) => [type, params["key"]]),
      [
        ["PRE_OBJECT_PUT", "taken"],
        ["PRE_OBJECT_DELETE", "a/b.txt"],
        ["PRE_OBJECT_DELETE", "taken"],
      ],
    );
    const ids = (await at.since()).slice(-3).map(({ id }) => id);
    assert.deepEqual(
      ids,
      [2, 1, 0].map((index) => at.guard.asked[index]?.operation),
    );
  });

  it("that refuse keep everything as it is, and those that had agreed are told", async () => {
    await using at = await stage();
    subscribe(at.guard, "PRE_OBJECT_PUT", () => undefined);
    subscribe(at.guard, "PRE_OBJECT_DELETE", () => ({ decision: "deny", message: "it is locked" }));
    assert.equal(await codeOf(at.rename({ key: "z" })), "hook_denied");
    assert.deepEqual([await objectAt(at, "a/b.txt"), await at.since()], [at.file, []]);
    assert.deepEqual(
      at.guard.aborts.map(({ type }) => type),
      ["PRE_OBJECT_PUT"],
    );
  });

  it("hold nothing: what comes between is asked about anew", async () => {
    await using at = await stage();
    let between: (() => Promise<unknown>) | undefined = () => put(at, "a/b.txt", "newer");
    subscribe(at.guard, "PRE_OBJECT_DELETE", async () => {
      const now = between;
      between = undefined;
      await now?.();
    });
    await at.rename({ key: "z" });
    assert.deepEqual([await read(at, "z"), at.guard.asked.length], ["newer", 2]);
    assert.deepEqual(at.guard.aborts.length, 1);
  });

  it("are not asked for ever, and a file that is gone meanwhile is missing", async () => {
    await using at = await stage();
    let count = 0;
    subscribe(at.guard, "PRE_OBJECT_DELETE", () => put(at, "a/b.txt", `${(count += 1)}`).then(() => undefined));
    assert.equal(await codeOf(at.rename({ key: "z" })), "unavailable");
    assert.equal(count, 5);
    at.guard.hooks.length = 0;
    subscribe(at.guard, "PRE_OBJECT_PUT", async () => {
      await at.admin.s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b.txt" }));
    });
    assert.equal(await codeOf(at.rename({ key: "z" })), "not_found");
  });
});

describe("many at once", () => {
  it("move one file to one place: each time it lies in exactly one", async () => {
    await using at = await stage();
    const keys = Array.from({ length: 8 }, (_, index) => `to/${index}`);
    const codes = await Promise.all(keys.map((key) => codeOf(at.rename({ key }))));
    assert.deepEqual([...new Set(codes)], ["ok"]);
    const found = await Promise.all([...keys, "a/b.txt"].map((key) => objectAt(at, key)));
    assert.deepEqual(
      found.filter((object) => object !== undefined).map(({ uuid }) => uuid),
      [at.file.uuid],
    );
    const events = await at.since();
    assert.equal(events.length, 16);
    const last = objectData(events.at(-1)?.data ?? {});
    assert.equal(await read(at, last.key), "hello");
    assert.equal(await at.blobCount(), 1);
  });

  it("move two files to each other's places, or write and tag while one moves: nothing is lost", async () => {
    await using at = await stage();
    await put(at, "other", "there");
    const other = (await objectAt(at, "other")) ?? assert.fail();
    const swaps = await Promise.all([
      codeOf(at.rename({ key: "other", overwrite: true })),
      codeOf(at.rename({ file: other.uuid, key: "a/b.txt", overwrite: true })),
    ]);
    // The first deletes the other file, or is deleted itself.
    assert.deepEqual(swaps.toSorted(), ["not_found", "ok"]);
    assert.equal(await at.blobCount(), 1);

    const left = [await objectAt(at, "other"), await objectAt(at, "a/b.txt")].find((one) => one !== undefined);
    const { uuid: file, key: Key } = left ?? assert.fail();
    const tagging = { TagSet: [{ Key: "k", Value: "v" }] };
    const [tagged, moved] = await Promise.allSettled([
      at.admin.s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: tagging })),
      at.rename({ file, key: "z" }),
    ]);
    assert.equal(moved.status, "fulfilled");
    assert.deepEqual((await objectAt(at, "z"))?.tags, tagged.status === "fulfilled" ? { k: "v" } : {});
  });
});
