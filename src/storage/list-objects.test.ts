import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../test/support/clock.ts";
import { freshUuid } from "../platform/deps.ts";
import type { Bucket, ListedObject } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { type ListPlace, listObjects, successor } from "./list-objects.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });

describe("the successor of a prefix", () => {
  it("is greater than all that begins with the prefix", () => {
    fc.assert(
      fc.property(text, fc.string({ unit: "binary" }), (prefix, rest) => {
        const next = successor(prefix);
        if (next === undefined) return /^\u{10ffff}+$/u.test(prefix);
        return Buffer.compare(bytes(next), bytes(prefix + rest)) > 0;
      }),
    );
  });

  it("is no greater than anything that is greater than those", () => {
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const next = successor(prefix);
        const beyond = Buffer.compare(bytes(other), bytes(prefix)) > 0 && !other.startsWith(prefix);
        if (!beyond) return true;
        return next !== undefined && Buffer.compare(bytes(next), bytes(other)) <= 0;
      }),
    );
  });

  it("steps over surrogates and the last character", () => {
    assert.equal(successor("a\ud7ff"), "a\ue000");
    assert.equal(successor("a\u{10ffff}"), "b");
    assert.equal(successor("\u{10ffff}"), undefined);
    assert.equal(successor("\uffff"), "\u{10000}");
  });
});

const clock = fakeClock();
const bucket: Bucket = { uuid: freshUuid(clock, "bucket"), tenant: "t", name: "alpha", owner: "o", createdMs: 0 };

/** The port's promise on `list`, over a few keys. */
function storeOf(keys: readonly string[]): Store {
  const sorted = [...new Set(keys)].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  const list: Store["objects"]["list"] = async ({ prefix, from }, { after, max }) =>
    sorted
      .filter((key) => key.startsWith(prefix))
      .filter((key) => from === undefined || Buffer.compare(bytes(key), bytes(from)) >= 0)
      .filter((key) => after === undefined || Buffer.compare(bytes(key), bytes(after)) > 0)
      .slice(0, max)
      .map((key) => ({ key }) as ListedObject);
  return { objects: { list } } as unknown as Store;
}

interface Asked {
  readonly keys: readonly string[];
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly after: string | undefined;
  readonly max: number;
}

/** Every key and common prefix in order, found the long way. */
function naive({ keys, prefix, delimiter, after }: Asked): string[] {
  const listed = new Set<string>();
  for (const key of [...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))) {
    if (!key.startsWith(prefix)) continue;
    if (after !== undefined && Buffer.compare(bytes(key), bytes(after)) <= 0) continue;
    const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const item = at < 0 ? key : key.slice(0, at + (delimiter?.length ?? 0));
    if (at >= 0 && after?.startsWith(item) === true) continue;
    listed.add(item);
  }
  return [...listed];
}

describe("listing", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "\u{1f600}"), minLength: 1, maxLength: 5 });
  const asked = fc.record({
    keys: fc.array(key, { maxLength: 40 }),
    prefix: fc.string({ unit: fc.constantFrom("a", "/"), maxLength: 2 }),
    delimiter: fc.constantFrom(undefined, "/", "b", "a/"),
    after: fc.option(key, { nil: undefined }),
    max: fc.integer({ min: 1, max: 7 }),
  });

  it("tells page by page what a list of all keys would", async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (query) => {
        const { keys, prefix, delimiter, after, max } = query;
        const store = storeOf(keys);
        const listed: string[] = [];
        for (let place: ListPlace | undefined; ; ) {
          const asked = {
            bucket,
            prefix,
            max,
            ...(delimiter === undefined ? {} : { delimiter }),
            ...(after === undefined ? {} : { after }),
            ...(place === undefined ? {} : { place }),
          };
          const page = await listObjects(store, asked, (read) => read());
          const items = [...page.objects.map((object) => object.key), ...page.prefixes];
          assert.ok(items.length <= max);
          assert.ok(page.next === undefined || items.length === max);
          listed.push(...items.sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
          place = page.next;
          if (place === undefined) break;
        }
        assert.deepEqual(listed, naive(query));
      }),
      { numRuns: 500 },
    );
  });

  const folders = Array.from({ length: 300 }, (_, folder) => String(folder).padStart(3, "0"));
  const many = folders.flatMap((folder) => Array.from({ length: 17 }, (_, number) => `${folder}/${number}`));
  for (const [what, delimiter, most] of [
    ["keys", undefined, 1_000],
    ["common prefixes", "/", 300],
  ] as const) {
    it(`reads few rows at once, and the rest in turn: ${what}`, async () => {
      let inTurn = 0;
      let rows = 0;
      let isTurn = false;
      const store = storeOf(many);
      const list: Store["objects"]["list"] = async (place, page) => {
        const found = await store.objects.list(place, page);
        if (isTurn) assert.ok(found.length <= 256);
        else rows += found.length;
        return found;
      };
      const counted = { ...store, objects: { ...store.objects, list } };
      const query = { bucket, prefix: "", max: most, ...(delimiter === undefined ? {} : { delimiter }) };
      const { objects, prefixes } = await listObjects(counted, query, async (read) => {
        inTurn += 1;
        isTurn = true;
        const found = await read();
        isTurn = false;
        return found;
      });
      assert.equal(objects.length + prefixes.length, most);
      assert.ok(rows <= 128, `${rows} rows at once`);
      assert.ok(inTurn >= 3, `${inTurn} reads in turn`);
    });
  }
});
