import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { FilterEntry, FilterQuery } from "./filter-index.ts";
import { type Filter, objectFields, parseFilter, type ReadField, scopedFilterIndex } from "./index.ts";

function filter(text: string): Filter {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  return parsed.filter;
}

const keyed =
  (key: string): ReadField =>
  (name) =>
    name === "key" ? key : undefined;

describe("scopedFilterIndex", () => {
  test("finds by scope, by event name or *, and by filter", () => {
    const index = scopedFilterIndex<string>();
    index.put("all", { scope: "b1", event: "*", filter: undefined });
    index.put("created", { scope: "b1", event: "CREATED", filter: undefined });
    index.put("images", { scope: "b1", event: "CREATED", filter: filter("key REGEXP '^images/'") });
    index.put("unknown", { scope: "b1", event: "CREATED", filter: filter("ETag != 'x'") });
    index.put("other", { scope: "b2", event: "CREATED", filter: undefined });
    const match = (event: string, key: string, scopes = ["b1"]): readonly string[] =>
      index.match({ scopes, event, read: keyed(key) }).toSorted();
    assert.deepEqual(match("CREATED", "images/a"), ["all", "created", "images"]);
    assert.deepEqual(match("CREATED", "a"), ["all", "created"]);
    assert.deepEqual(match("DELETED", "images/a"), ["all"]);
    assert.deepEqual(match("CREATED", "a", ["b2", "b1", "b2", "b3"]), ["all", "created", "other"]);
    assert.deepEqual(match("*", "a"), ["all"]);
    assert.equal(index.size, 5);
  });

  test("putting an id again replaces it, deleting it twice is nothing", () => {
    const index = scopedFilterIndex<number>();
    index.put(1, { scope: "a", event: "E", filter: undefined });
    index.put(1, { scope: "b", event: "F", filter: undefined });
    assert.equal(index.size, 1);
    assert.deepEqual(index.match({ scopes: ["a", "b"], event: "E", read: keyed("") }), []);
    assert.deepEqual(index.match({ scopes: ["a", "b"], event: "F", read: keyed("") }), [1]);
    index.delete(1);
    index.delete(1);
    assert.equal(index.size, 0);
    assert.deepEqual(index.match({ scopes: ["b"], event: "F", read: keyed("") }), []);
  });

  test("agrees with asking every entry, through any puts and deletes", () => {
    const filters = [
      undefined,
      filter("key = 'a'"),
      filter("key LIKE 'a%'"),
      filter("NOT key = 'a'"),
      filter("ETag = ''"),
    ];
    const scope = fc.constantFrom("s", "t", "__proto__");
    const id = fc.nat(7);
    const entry: fc.Arbitrary<FilterEntry> = fc.record({
      scope,
      event: fc.constantFrom("E", "F", "*"),
      filter: fc.constantFrom(...filters),
    });
    const step = fc.oneof(
      { arbitrary: fc.tuple(id, entry), weight: 3 },
      { arbitrary: fc.tuple(id, fc.constant(undefined)), weight: 1 },
    );
    const query: fc.Arbitrary<FilterQuery> = fc.record({
      scopes: fc.array(scope, { maxLength: 3 }),
      event: fc.constantFrom("E", "F", "G"),
      read: fc.constantFrom("a", "ab", "b").map(keyed),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), query, (steps, query) => {
        const index = scopedFilterIndex<number>();
        const model = new Map<number, FilterEntry>();
        for (const [id, entry] of steps) {
          if (entry === undefined) {
            index.delete(id);
            model.delete(id);
          } else {
            index.put(id, entry);
            model.set(id, entry);
          }
          const expected = Array.from(model)
            .filter(([, { scope }]) => query.scopes.includes(scope))
            .filter(([, { event }]) => event === "*" || event === query.event)
            .filter(([, { filter }]) => filter === undefined || filter.matches(query.read))
            .map(([id]) => id);
          assert.deepEqual(new Set(index.match(query)), new Set(expected));
          assert.equal(index.match(query).length, expected.length);
          assert.equal(index.size, model.size);
        }
      }),
      { numRuns: 500 },
    );
  });
});
