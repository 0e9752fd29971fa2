import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { ListedObject, Upload } from "../../../src/store/records.ts";
import type { Page, Store } from "../../../src/store/store.ts";
import { aBucket, anObject, anUpload, changed, givenBucket } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

/** Where UTF-16 and UTF-8 order differ, where a successor is hard to find, and where one key is the beginning of another. */
const nasty = [
  "a",
  "b",
  "/",
  "\u{1}",
  "\u{7f}",
  "\u{80}",
  "\u{d7ff}",
  "\u{e000}",
  "\u{ffff}",
  "\u{1f600}",
  "\u{10ffff}",
];
const someText = fc.string({ unit: fc.constantFrom(...nasty), maxLength: 4 });
const someKey = fc.string({ unit: fc.constantFrom(...nasty), minLength: 1, maxLength: 4 });

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Follows the pages to the end; no page may be longer than asked for. */
async function paged<Item, Key>(
  max: number,
  page: (page: Page<Key>) => Promise<Item[]>,
  keyOf: (item: Item) => Key,
): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const last = all.at(-1);
    const found = await page(last === undefined ? { max } : { after: keyOf(last), max });
    assert.ok(found.length <= max);
    all.push(...found);
    if (found.length < max) return all;
  }
}

async function bucketWith(store: Store, keys: readonly string[]): Promise<Uuid> {
  const bucket = aBucket();
  const objects = keys.map((key) => ({ do: "object.put", object: anObject(bucket.uuid, key) }) as const);
  await changed(store, { do: "bucket.add", bucket }, ...objects);
  return bucket.uuid;
}

export function listsConformance(open: OpenStore): void {
  describe("lists of objects", () => {
    it("hold what begins with the prefix, in UTF-8 order, whatever the keys", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const cases = fc.record({
        keys: fc.uniqueArray(someKey, { maxLength: 30 }),
        prefix: fc.oneof(fc.constant(""), someText),
        from: fc.option(someText, { nil: undefined }),
        max: fc.integer({ min: 1, max: 7 }),
      });
      const property = fc.asyncProperty(cases, async ({ keys, prefix, from, max }) => {
        const bucket = await bucketWith(at.store, keys);
        const query = { bucket, prefix, ...(from === undefined ? {} : { from }) };
        const found = await paged<ListedObject, string>(
          max,
          (page) => at.store.objects.list(query, page),
          (object) => object.key,
        );
        const wanted = keys.filter((key) => key.startsWith(prefix) && inBytes(key, from ?? "") >= 0).sort(inBytes);
        assert.deepEqual(
          found.map((object) => object.key),
          wanted,
        );
      });
      await fc.assert(property, { numRuns: 60 });
    });

    it("go on after any place, also one that is no key", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const bucket = await bucketWith(at.store, ["a", "a/1", "a/2", "b", "c"]);
      const keys = async (prefix: string, after: string, from?: string): Promise<string[]> => {
        const query = { bucket, prefix, ...(from === undefined ? {} : { from }) };
        return (await at.store.objects.list(query, { after, max: 9 })).map((object) => object.key);
      };
      assert.deepEqual(await keys("", "a/1x"), ["a/2", "b", "c"]);
      assert.deepEqual(await keys("a/", "Z"), ["a/1", "a/2"]);
      assert.deepEqual(await keys("a/", "b"), []);
      assert.deepEqual(await keys("", "a", "b"), ["b", "c"]);
      assert.deepEqual(await keys("", "b", "a"), ["c"]);
    });

    it("never show a neighbour's", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const [left, right] = [await bucketWith(at.store, ["k"]), await bucketWith(at.store, [])];
      assert.equal((await at.store.objects.list({ bucket: left, prefix: "" }, { max: 9 })).length, 1);
      assert.deepEqual(await at.store.objects.list({ bucket: right, prefix: "" }, { max: 9 }), []);
    });
  });

  describe("lists of uploads", () => {
    it("hold what begins with the prefix, by key in UTF-8 order and then id", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const cases = fc.record({
        keys: fc.array(fc.oneof(fc.constant("a"), someKey), { maxLength: 20 }),
        prefix: fc.oneof(fc.constant(""), someText),
        max: fc.integer({ min: 1, max: 4 }),
      });
      const property = fc.asyncProperty(cases, async ({ keys, prefix, max }) => {
        const bucket = await bucketWith(at.store, []);
        const uploads = keys.map((key) => anUpload(bucket, key));
        await changed(at.store, ...uploads.map((upload) => ({ do: "upload.add", upload }) as const));
        const found = await paged<Upload, Pick<Upload, "key" | "id">>(
          max,
          (page) => at.store.uploads.uploads({ bucket, prefix }, page),
          ({ key, id }) => ({ key, id }),
        );
        const wanted = uploads
          .filter(({ key }) => key.startsWith(prefix))
          .sort((a, b) => inBytes(a.key, b.key) || inBytes(a.id, b.id))
          .map((upload) => ({ ...upload, changes: 0 }));
        assert.deepEqual(found, wanted);
      });
      await fc.assert(property, { numRuns: 40 });
    });

    it("go on after any place", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const uploads = ["a", "b", "bb", "c"].map((key) => anUpload(uuid, key));
      await changed(at.store, ...uploads.map((upload) => ({ do: "upload.add", upload }) as const));
      const keys = async (prefix: string, after: { key: string; id: string }): Promise<string[]> =>
        (await at.store.uploads.uploads({ bucket: uuid, prefix }, { after, max: 9 })).map(({ key }) => key);
      assert.deepEqual(await keys("b", { key: "a", id: "z" }), ["b", "bb"]);
      assert.deepEqual(await keys("b", { key: "b", id: "" }), ["b", "bb"]);
      assert.deepEqual(await keys("b", { key: "b", id: "zzz" }), ["bb"]);
      assert.deepEqual(await keys("b", { key: "c", id: "" }), []);
    });
  });
}
