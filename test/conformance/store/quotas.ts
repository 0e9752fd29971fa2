import assert from "node:assert/strict";
import { it } from "node:test";
import type { QuotaName } from "../../../src/domain/quotas.ts";
import { SignalboxError } from "../../../src/errors.ts";
import type { Intent, Part, StoredObject } from "../../../src/store/records.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Change } from "../../../src/store/unit.ts";
import { aBucket, anObject, anUpload, aSubscription, changed, noonMs, tenantWithAda, uuid } from "./given.ts";
import { addFunction, aFunction, anApp } from "./given-functions.ts";
import { anEnded, anIntent } from "./operations.ts";
import type { OpenStore } from "./under-test.ts";

const bound = (quota: QuotaName, limit: number | null, tenant = "acme"): Change => ({
  do: "quota.put",
  tenant,
  quota,
  limit,
});

function aPart(upload: string, number: number, size: number): Part {
  return { upload, number, size, eTag: "", blob: `${upload} ${number}`, checksums: {}, modifiedMs: noonMs };
}

async function used(store: Store, tenant = "acme"): Promise<Partial<Record<QuotaName, number>>> {
  const states = await store.quotas.of(tenant);
  return Object.fromEntries(states.filter(({ used: some }) => some > 0).map(({ name, used: some }) => [name, some]));
}

/** The quota that refused, with its numbers. */
async function exceeded(commit: Promise<unknown>): Promise<unknown> {
  const error = await commit.then(
    () => assert.fail("it was committed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SignalboxError && error.code === "quota_exceeded", String(error));
  return error.data;
}

export function quotasConformance(open: OpenStore): void {
  it("bounds the operations that a platform has open, and none of a program around it, also when several begin at once", async () => {
    await using at = await open();
    await changed(at.store, ...tenantWithAda("acme"), bound("open_operations", 2));
    const begin = (operation: string, origin: Intent["origin"]): Promise<unknown> =>
      at.store.commit({ changes: [{ do: "intent.add", intent: anIntent(operation, { origin }) }] });
    for (const id of ["a", "b", "c"]) await begin(id, "library");
    const begun = await Promise.allSettled(["d", "e", "f"].map((id) => begin(id, "host")));
    assert.equal(begun.filter(({ status }) => status === "fulfilled").length, 2);
    const wanted = { quota: "open_operations", limit: 2, used: 2, wanted: 3 };
    assert.deepEqual(await exceeded(begin("g", "host")), wanted);
    await changed(at.store, { do: "intent.unresolved", operation: "d", reason: "gone" });
    assert.deepEqual(await exceeded(begin("g", "host")), wanted);
    await changed(at.store, { do: "intent.end", ended: anEnded("d") });
    await begin("g", "host");
    assert.deepEqual(await used(at.store), { principals: 1, open_operations: 2 });
  });

  it("counts what each tenant has in the commit that changes it, whatever the change, and after a restart", async () => {
    await using at = await open();
    await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
    const bucket = aBucket();
    const [one, two] = [anObject(bucket.uuid, "1", { size: 10 }), anObject(bucket.uuid, "2", { size: 5 })];
    await changed(at.store, { do: "bucket.add", bucket }, { do: "object.put", object: one });
    await changed(at.store, { do: "object.put", object: two });
    assert.deepEqual(await used(at.store), { bytes: 15, objects: 2, buckets: 1, principals: 1 });
    // Overwritten with more, with less, and with as much.
    for (const size of [30, 7, 7]) await changed(at.store, { do: "object.put", object: { ...one, size } });
    assert.deepEqual(await used(at.store), { bytes: 12, objects: 2, buckets: 1, principals: 1 });
    // Moved within one commit.
    const moved: StoredObject = { ...one, size: 7, key: "moved" };
    await changed(
      at.store,
      { do: "object.remove", bucket: bucket.uuid, key: "1" },
      { do: "object.put", object: moved },
    );
    assert.deepEqual(await used(at.store), { bytes: 12, objects: 2, buckets: 1, principals: 1 });

    const upload = anUpload(bucket.uuid, "big");
    await changed(at.store, { do: "upload.add", upload });
    for (const size of [100, 40]) await changed(at.store, { do: "part.put", part: aPart(upload.id, 1, size) });
    await changed(at.store, { do: "part.put", part: aPart(upload.id, 2, 2) });
    assert.deepEqual(await used(at.store), { bytes: 54, objects: 2, buckets: 1, principals: 1, open_uploads: 1 });
    await at.reopen();
    assert.deepEqual(await used(at.store), { bytes: 54, objects: 2, buckets: 1, principals: 1, open_uploads: 1 });
    const whole = anObject(bucket.uuid, "big", { size: 40 });
    await changed(at.store, { do: "object.put", object: whole }, { do: "upload.remove", id: upload.id });
    assert.deepEqual(await used(at.store), { bytes: 52, objects: 3, buckets: 1, principals: 1 });

    const left = anUpload(bucket.uuid, "left");
    await changed(at.store, { do: "upload.add", upload: left });
    await changed(at.store, { do: "part.put", part: aPart(left.id, 1, 9) });
    for (const key of ["2", "moved", "big"]) await changed(at.store, { do: "object.remove", bucket: bucket.uuid, key });
    await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs });
    assert.deepEqual(await used(at.store), { principals: 1 });
    assert.deepEqual(await used(at.store, "other"), { principals: 1 });
  });

  it("counts principals, subscriptions and functions that are there", async () => {
    await using at = await open();
    const app = anApp();
    await changed(at.store, ...tenantWithAda("acme"), { do: "app.add", app });
    const ben = { tenant: "acme", name: "ben", role: "member", createdMs: noonMs } as const;
    await changed(at.store, { do: "principal.put", principal: ben });
    await changed(at.store, { do: "principal.put", principal: { ...ben, role: "developer" } });
    const subscriptions = [{}, {}, { once: true } as const].map((over) => aSubscription(app.uuid, over));
    for (const subscription of subscriptions) await changed(at.store, { do: "subscription.add", subscription });
    for (const _ of [1, 2]) await changed(at.store, addFunction(app.uuid, aFunction()));
    assert.deepEqual(await used(at.store), { principals: 2, subscriptions: 3, functions: 2 });
    const [, removed, taken] = subscriptions.map(({ uuid: of }) => of);
    assert.ok(removed !== undefined && taken !== undefined);
    await changed(at.store, { do: "subscription.remove", uuid: removed, atMs: noonMs });
    const number = (await at.store.subscriptions.get(taken))?.number ?? 0;
    const take = {
      do: "subscription.take",
      tenant: "acme",
      sequence: 1,
      subscriptions: [number],
      dueMs: noonMs,
    } as const;
    for (const _ of [1, 2]) await changed(at.store, take);
    assert.deepEqual(await used(at.store), { principals: 2, subscriptions: 1, functions: 2 });
    const { number: of = 0 } = (await at.store.apps.appByUuid(app.uuid)) ?? {};
    const [fn] = await at.store.functions.list(of, { max: 9 });
    await changed(at.store, { do: "function.remove", number: fn?.number ?? 0, atMs: noonMs });
    assert.deepEqual(await used(at.store), { principals: 2, subscriptions: 1, functions: 1 });
  });

  it("refuses what goes beyond a bound, as a whole, and lets through what takes away", async () => {
    await using at = await open();
    const bucket = aBucket();
    await changed(
      at.store,
      ...tenantWithAda("acme"),
      { do: "bucket.add", bucket },
      bound("bytes", 10),
      bound("objects", 2),
    );
    const put = (key: string, size: number): Promise<unknown> =>
      at.store.commit({ changes: [{ do: "object.put", object: anObject(bucket.uuid, key, { size }) }] });
    await put("a", 10);
    assert.deepEqual(await exceeded(put("b", 1)), { quota: "bytes", limit: 10, used: 10, wanted: 11 });
    assert.equal(await at.store.objects.object(bucket.uuid, "b"), undefined);
    await put("a", 4);
    await put("b", 6);
    assert.deepEqual(await exceeded(put("c", 0)), { quota: "objects", limit: 2, used: 2, wanted: 3 });
    // Judged at the end of the commit: what comes and goes in it is no matter.
    const moved = anObject(bucket.uuid, "c", { size: 6 });
    await changed(
      at.store,
      { do: "object.put", object: moved },
      { do: "object.remove", bucket: bucket.uuid, key: "b" },
    );
    // Below what there is: less may be made of it, and not more.
    await changed(at.store, bound("bytes", 3), bound("objects", 0));
    assert.deepEqual(await exceeded(put("a", 5)), { quota: "bytes", limit: 3, used: 10, wanted: 11 });
    await put("a", 4);
    await put("a", 3);
    await changed(at.store, { do: "object.remove", bucket: bucket.uuid, key: "c" });
    // The installation's again, which here is none.
    await changed(at.store, bound("bytes", null), bound("objects", null));
    await put("c", 1_000);
    assert.deepEqual(await used(at.store), { bytes: 1_003, objects: 2, buckets: 1, principals: 1 });
    const states = await at.store.quotas.of("acme");
    assert.deepEqual(new Set(states.map(({ own }) => own)), new Set([false]));
  });

  it("is never passed by writers at once, and one that is refused harms no other", async () => {
    await using at = await open();
    const bucket = aBucket();
    await changed(
      at.store,
      ...tenantWithAda("acme"),
      { do: "bucket.add", bucket },
      bound("objects", 50),
      bound("bytes", 120),
    );
    const writes = Array.from({ length: 200 }, (_, nth) =>
      at.store.commit({
        changes: [{ do: "object.put", object: anObject(bucket.uuid, `${nth}`, { size: nth % 4 }) }],
      }),
    );
    const settled = await Promise.allSettled(writes);
    const made = settled.filter(({ status }) => status === "fulfilled").length;
    assert.ok(made <= 50 && made > 0);
    const listed = await at.store.objects.list({ bucket: bucket.uuid, prefix: "" }, { max: 1_000 });
    assert.equal(listed.length, made);
    const bytes = listed.reduce((sum, { size }) => sum + size, 0);
    assert.ok(bytes <= 120, `${bytes}`);
    const now = await used(at.store);
    assert.deepEqual([now.objects, now.bytes], [made, bytes]);
  });

  it("tells bounds that were set, and keeps them over a restart", async () => {
    await using at = await open();
    await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
    await changed(at.store, bound("events_per_second", 7), bound("events_per_second", 0, "other"));
    await at.reopen();
    assert.deepEqual(
      [...(await at.store.quotas.bounds("events_per_second"))],
      [
        ["acme", 7],
        ["other", 0],
      ],
    );
    assert.deepEqual(await at.store.quotas.one("acme", "events_per_second"), {
      name: "events_per_second",
      limit: 7,
      used: 0,
      own: true,
    });
  });

  it("finds uploads by their age, the oldest first", async () => {
    await using at = await open();
    const bucket = aBucket();
    await changed(at.store, ...tenantWithAda("acme"), { do: "bucket.add", bucket });
    const uploads = [3, 1, 2, 2].map((age) => anUpload(bucket.uuid, uuid("file"), { createdMs: noonMs - age }));
    for (const upload of uploads) await changed(at.store, { do: "upload.add", upload });
    const first = await at.store.uploads.uploadsBefore(noonMs - 1, { max: 2 });
    assert.deepEqual(
      first.map(({ createdMs }) => noonMs - createdMs),
      [3, 2],
    );
    const last = first.at(-1);
    const rest = await at.store.uploads.uploadsBefore(noonMs - 1, {
      max: 2,
      ...(last === undefined ? {} : { after: last }),
    });
    assert.deepEqual(
      rest.map(({ createdMs }) => noonMs - createdMs),
      [2],
    );
  });
}
