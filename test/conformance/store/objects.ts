import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredObject } from "../../../src/store/records.ts";
import { aBucket, anObject, changed, committed, givenBucket, noonMs, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const everything: Partial<StoredObject> = {
  size: 5_497_558_138_880,
  contentType: "text/html; charset=utf-8",
  headers: { "cache-control": "max-age=60", "content-language": "de, en" },
  userMetadata: { colour: "grün 🟢", empty: "", __proto: "x", "quo'te": '"' },
  tags: { "a/b+c=d": "1 2", ünï: "ö" },
  checksums: { crc32: "AAAAAA==", sha256: "x" },
  upload: "an upload",
  pieces: [
    { blob: "z", size: 5_000_000_000 },
    { blob: "a", size: 0 },
    { blob: "z", size: 5_000_000_000 },
  ],
};

export function objectsConformance(open: OpenStore): void {
  describe("objects", () => {
    it("are read back exactly", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const bare = anObject(bucket.uuid, "bare", { size: 0, pieces: [] });
      const full = anObject(bucket.uuid, "päth/to 🗝 'key\"\n\t", everything);
      await changed(at.store, { do: "object.put", object: bare }, { do: "object.put", object: full });
      assert.deepEqual(await at.store.objects.object(bucket.uuid, bare.key), bare);
      assert.deepEqual(await at.store.objects.object(bucket.uuid, full.key), full);
      const listed = [bare, full].map((object) =>
        Object.fromEntries(Object.entries(object).filter(([name]) => name !== "pieces")),
      );
      assert.deepEqual(await at.store.objects.list({ bucket: bucket.uuid, prefix: "" }, { max: 9 }), listed);
      assert.equal(await at.store.objects.object(bucket.uuid, "none"), undefined);
      assert.equal(await at.store.objects.object(uuid("bucket"), bare.key), undefined);
    });

    it("tell their sizes by key, in pages", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const elsewhere = aBucket({ name: "elsewhere" });
      await changed(at.store, { do: "bucket.add", bucket: elsewhere });
      const sized = (key: string, size: number) =>
        ({ do: "object.put", object: anObject(bucket.uuid, key, { size, pieces: [{ blob: key, size }] }) }) as const;
      await changed(at.store, sized("é", 0), sized("b/1", 5_497_558_138_880), sized("a", 2), {
        do: "object.put",
        object: anObject(elsewhere.uuid, "c"),
      });
      const first = await at.store.objects.sizes(bucket.uuid, { max: 2 });
      assert.deepEqual(first, [
        { key: "a", size: 2 },
        { key: "b/1", size: 5_497_558_138_880 },
      ]);
      const rest = await at.store.objects.sizes(bucket.uuid, { max: 2, after: "b/1" });
      assert.deepEqual(rest, [{ key: "é", size: 0 }]);
    });

    it("are replaced whole, and removed whole", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const old = anObject(bucket.uuid, "k", everything);
      const young = anObject(bucket.uuid, "k", { uuid: old.uuid, pieces: [{ blob: "y", size: 1 }] });
      const neighbour = anObject(bucket.uuid, "k2");
      await changed(at.store, { do: "object.put", object: old }, { do: "object.put", object: neighbour });
      await changed(at.store, { do: "object.put", object: young });
      assert.deepEqual(await at.store.objects.object(bucket.uuid, "k"), young);
      assert.deepEqual(await at.store.objects.referred(["z", "a", "y"]), new Set(["y"]));
      await changed(at.store, { do: "object.remove", bucket: bucket.uuid, key: "k" });
      assert.equal(await at.store.objects.object(bucket.uuid, "k"), undefined);
      assert.deepEqual(await at.store.objects.referred(["y"]), new Set());
      assert.deepEqual(await at.store.objects.object(bucket.uuid, "k2"), neighbour);
    });

    it("may consist of 10,000 pieces, in order", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const pieces = Array.from({ length: 10_000 }, (_, index) => ({ blob: `blob ${index}`, size: index }));
      const object = anObject(bucket.uuid, "big", { pieces });
      await changed(at.store, { do: "object.put", object });
      assert.deepEqual(await at.store.objects.object(bucket.uuid, "big"), object);
    });

    it("are guarded by their version, or by there being none", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const object = anObject(bucket.uuid, "k");
      const of = { if: "object.version", bucket: bucket.uuid, key: "k" } as const;
      const none = { ...of, version: undefined };
      const same = { ...of, version: object.version };
      assert.deepEqual(await at.store.commit({ conditions: [same] }), { kind: "refused", condition: same });
      await committed(at.store, { conditions: [none], changes: [{ do: "object.put", object }] });
      assert.deepEqual(await at.store.commit({ conditions: [none] }), { kind: "refused", condition: none });
      await committed(at.store, {
        conditions: [same],
        changes: [{ do: "object.put", object: { ...object, version: "another", modifiedMs: noonMs + 1 } }],
      });
      assert.deepEqual(await at.store.commit({ conditions: [same] }), { kind: "refused", condition: same });
    });

    it("need a bucket that was made", async () => {
      await using at = await open();
      await givenBucket(at.store);
      await assert.rejects(changed(at.store, { do: "object.put", object: anObject(uuid("bucket"), "k") }));
    });
  });
}
