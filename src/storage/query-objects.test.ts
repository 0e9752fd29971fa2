import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { all, bucket, holding, nobody, numbered, object, queriesOf, query } from "../../test/support/query-objects.ts";
import type { ListedObject } from "../store/records.ts";
import { listObjects } from "./list-objects.ts";

describe("a query in the order of the keys", () => {
  it("looks at 20,000 objects for one request, and goes on where it stopped", async () => {
    const holder = holding(numbered(50_000, (index) => ({ size: index === 45_000 ? 1 : 0 })));
    const queries = queriesOf(holder.store);
    const first = await queries.list(query("size = 1"), nobody);
    assert.deepEqual([first.objects, first.prefixes], [[], []]);
    assert.ok(first.next !== undefined && holder.rows >= 20_000 && holder.rows < 21_000, `${holder.rows} rows`);
    const listed = await all(queries, query("size = 1"));
    assert.deepEqual([listed.keys, listed.pages], [["k0045000"], 3]);
  });

  it("looks at fewer where a pattern costs more", async () => {
    const holder = holding(numbered(20_000));
    const { next } = await queriesOf(holder.store).list(query('key REGEXP "([a-z0-9]+x){30}"'), nobody);
    assert.ok(next !== undefined && holder.rows < 15_000, `${holder.rows} rows`);
  });

  it("looks at no more than begins as the filter asks", async () => {
    const holder = holding(numbered(50_000));
    const queries = queriesOf(holder.store);
    for (const [text, keys] of [
      ['key = "k0000042"', 1],
      ['key LIKE "k00000%" AND size = 0', 100],
      ['key REGEXP "^k00000"', 100],
      ['key LIKE "k00000%" AND key LIKE "k000004%"', 10],
      ['key LIKE "k00000%" AND key LIKE "l%"', 0],
    ] as const) {
      holder.rows = 0;
      assert.equal((await all(queries, query(text))).keys.length, keys, text);
      assert.ok(holder.rows <= 200, `${holder.rows} rows for ${text}`);
    }
    for (const text of [
      'NOT key LIKE "k00000%"',
      'key LIKE "k00000%" OR size = 0',
      'key NOT LIKE "k0%"',
      'key != "k"',
    ]) {
      holder.rows = 0;
      await queries.list(query(text), nobody);
      assert.ok(holder.rows > 1_000, `${holder.rows} rows for ${text}`);
    }
  });

  it("seeks past a common prefix once it is listed", async () => {
    const holder = holding([...numbered(30_000).map(({ key }) => object(`a/${key}`)), object("b/1"), object("c")]);
    const listed = await all(queriesOf(holder.store), query("size = 0", { delimiter: "/" }));
    assert.deepEqual([listed.prefixes, listed.keys, listed.pages], [["a/", "b/"], ["c"], 1]);
    assert.ok(holder.rows <= 100, `${holder.rows} rows`);
  });

  it("finds what a list of everything has, filtered, whatever the delimiter, prefix and size of pages", async () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "ä"), minLength: 1, maxLength: 5 });
    const keys = fc.uniqueArray(key, { maxLength: 40 });
    const asked = fc.record({
      prefix: fc.string({ unit: fc.constantFrom("a", "/"), maxLength: 2 }),
      delimiter: fc.constantFrom(undefined, "/", "b"),
      max: fc.integer({ min: 1, max: 5 }),
      after: fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(keys, asked, async (given, { delimiter, ...rest }) => {
        const sorted = given.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const objects = sorted.map((one) => object(one, { size: one.length }));
        const more = { ...rest, ...(delimiter === undefined ? {} : { delimiter }) };
        const listed = await all(queriesOf(holding(objects).store), query("size < 4", more));
        const small = holding(objects.filter(({ size }) => size < 4));
        const expected = await listObjects(small.store, { bucket, ...more, max: 1000 }, (read) => read());
        assert.deepEqual(
          listed.keys,
          expected.objects.map((one) => one.key),
        );
        assert.deepEqual(listed.prefixes, expected.prefixes);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a query in an order of its own", () => {
  it("is what sorting all that fits would be, in pages of any size", async () => {
    const texts = fc.option(fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), maxLength: 3 }), {
      nil: undefined,
    });
    const facts = fc.record({ size: fc.integer({ min: 0, max: 3 }), note: texts });
    const orders = fc.constantFrom(
      ["size", (a: ListedObject, b: ListedObject) => a.size - b.size] as const,
      ["size DESC", (a: ListedObject, b: ListedObject) => b.size - a.size] as const,
      ["`x-amz-meta-note`", (a: ListedObject, b: ListedObject) => byNote(a, b, 1)] as const,
      [
        "`x-amz-meta-note` DESC, size",
        (a: ListedObject, b: ListedObject) => byNote(a, b, -1) || a.size - b.size,
      ] as const,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(facts, { maxLength: 30 }),
        orders,
        fc.integer({ min: 1, max: 7 }),
        async (given, [by, compare], max) => {
          const objects = given.map(({ size, note }, index) =>
            object(`k${String(index).padStart(2, "0")}`, { size, userMetadata: note === undefined ? {} : { note } }),
          );
          const listed = await all(queriesOf(holding(objects).store), query(`size > 0 ORDER BY ${by}`, { max }));
          const expected = objects.filter(({ size }) => size > 0).toSorted(compare);
          assert.deepEqual(
            listed.keys,
            expected.map(({ key }) => key),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("sorts texts by their first 256 characters, so that a place in the list is short", async () => {
    const long = "x".repeat(256);
    const objects = [`${long}b`, `${long}a`, `${long.slice(1)}😀`, long].map((note, index) =>
      object(`k${index}`, { userMetadata: { note } }),
    );
    const queries = queriesOf(holding(objects).store);
    const listed = await all(queries, query("ORDER BY `x-amz-meta-note`", { max: 1 }));
    // Equal as far as they are looked at, so in the order of their keys; the third is cut before its last character.
    assert.deepEqual(listed.keys, ["k2", "k0", "k1", "k3"]);
    const { next } = await queries.list(query("ORDER BY `x-amz-meta-note`", { max: 1 }), nobody);
    assert.ok(
      next?.kind === "sorted" && next.values.every((value) => typeof value === "string" && value.length <= 256),
    );
  });

  it("goes on behind an object that is no more", async () => {
    const objects = numbered(5, (index) => ({ size: 5 - index }));
    const first = await queriesOf(holding(objects).store).list(query("ORDER BY size", { max: 2 }), nobody);
    const left = holding(objects.filter(({ key }) => key !== first.objects.at(-1)?.key));
    assert.ok(first.next);
    const rest = await queriesOf(left.store).list(query("ORDER BY size", { place: first.next }), nobody);
    assert.deepEqual(
      rest.objects.map(({ size }) => size),
      [3, 4, 5],
    );
  });

  it("looks at 100,000 objects, and is refused where there are more", async () => {
    const most = numbered(100_000, (index) => ({ size: index % 1000 }));
    const { objects } = await queriesOf(holding(most).store).list(query("ORDER BY size DESC", { max: 2 }), nobody);
    assert.deepEqual(
      objects.map(({ size }) => size),
      [999, 999],
    );
    const queries = queriesOf(holding([...most, object("z")]).store);
    await assert.rejects(queries.list(query("ORDER BY size"), nobody), (error: Error) => {
      assert.match(error.message, /^ORDER BY: looks at 100000 objects at the most.*narrow them by prefix/);
      return true;
    });
    // By key there is no such limit, and a prefix narrows.
    assert.equal((await queries.list(query("ORDER BY key"), nobody)).objects.length, 1000);
    const narrow = await queries.list(query('key LIKE "z%" ORDER BY size'), nobody);
    assert.deepEqual(
      narrow.objects.map(({ key }) => key),
      ["z"],
    );
  });

  it("keeps 4 MiB at the most: pages are shorter where objects have much to say", async () => {
    const headers = { "cache-control": "x".repeat(20_000) };
    const holder = holding(numbered(500, (index) => ({ size: index % 7, headers })));
    const queries = queriesOf(holder.store);
    const page = await queries.list(query("ORDER BY size"), nobody);
    assert.ok(page.objects.length < 150 && page.objects.length > 50, `${page.objects.length}`);
    const listed = await all(queries, query("ORDER BY size"));
    assert.equal(new Set(listed.keys).size, 500);
    assert.deepEqual(listed.keys.length, 500);
  });
});

function noteOf({ userMetadata }: ListedObject): string | undefined {
  return userMetadata["note"];
}

function byNote(one: ListedObject, other: ListedObject, direction: 1 | -1): number {
  const [a, b] = [noteOf(one), noteOf(other)];
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return direction * Buffer.compare(Buffer.from(a), Buffer.from(b));
}
