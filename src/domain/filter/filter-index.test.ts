import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { FilterEntry, FilterPlace } from "./filter-index.ts";
import { type Filter, FilterIndex, objectFields, parseFilter, type ReadField } from "./index.ts";

function filter(text: string): Filter {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  return parsed.filter;
}

const keyed =
  (key: string): ReadField =>
  (name) =>
    name === "key" ? key : undefined;

interface Query extends FilterPlace {
  readonly read: ReadField;
}

/** Who wants the event: each id once. */
function matched<T>(index: FilterIndex<T, Filter>, { read, ...place }: Query): T[] {
  const entries = index.listeners(place).flatMap((listeners) => [...listeners]);
  return entries.filter(([, filter]) => filter === undefined || filter.matches(read)).map(([id]) => id);
}

describe("FilterIndex", () => {
  test("finds by scope, by event name or *, and by filter", () => {
    const index = new FilterIndex<string, Filter>();
    index.put("all", { scope: "b1", event: "*", filter: undefined });
    index.put("created", { scope: "b1", event: "CREATED", filter: undefined });
    index.put("images", { scope: "b1", event: "CREATED", filter: filter("key REGEXP '^images/'") });
    index.put("unknown", { scope: "b1", event: "CREATED", filter: filter("ETag != 'x'") });
    index.put("other", { scope: "b2", event: "CREATED", filter: undefined });
    const match = (event: string, key: string, scopes = ["b1"]): readonly string[] =>
      matched(index, { scopes, event, read: keyed(key) }).toSorted();
    assert.deepEqual(match("CREATED", "images/a"), ["all", "created", "images"]);
    assert.deepEqual(match("CREATED", "a"), ["all", "created"]);
    assert.deepEqual(match("DELETED", "images/a"), ["all"]);
    assert.deepEqual(match("CREATED", "a", ["b2", "b1", "b2", "b3"]), ["all", "created", "other"]);
    assert.deepEqual(match("*", "a"), ["all"]);
    assert.equal(index.size, 5);
  });

  test("putting an id again replaces it, deleting it twice is nothing", () => {
    const index = new FilterIndex<number, Filter>();
    index.put(1, { scope: "a", event: "E", filter: undefined });
    index.put(1, { scope: "b", event: "F", filter: undefined });
    assert.equal(index.size, 1);
    assert.deepEqual(matched(index, { scopes: ["a", "b"], event: "E", read: keyed("") }), []);
    assert.deepEqual(matched(index, { scopes: ["a", "b"], event: "F", read: keyed("") }), [1]);
    index.delete(1);
    index.delete(1);
    assert.equal(index.size, 0);
    assert.deepEqual(matched(index, { scopes: ["b"], event: "F", read: keyed("") }), []);
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
    const entry: fc.Arbitrary<FilterEntry<Filter>> = fc.record({
      scope,
      event: fc.constantFrom("E", "F", "*"),
      filter: fc.constantFrom(...filters),
    });
    const step = fc.oneof(
      { arbitrary: fc.tuple(id, entry), weight: 3 },
      { arbitrary: fc.tuple(id, fc.constant(undefined)), weight: 1 },
    );
    const query: fc.Arbitrary<Query> = fc.record({
      scopes: fc.array(scope, { maxLength: 3 }),
      event: fc.constantFrom("E", "F", "G"),
      read: fc.constantFrom("a", "ab", "b").map(keyed),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), query, (steps, query) => {
        const index = new FilterIndex<number, Filter>();
        const model = new Map<number, FilterEntry<Filter>>();
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
          assert.deepEqual(new Set(matched(index, query)), new Set(expected));
          assert.equal(matched(index, query).length, expected.length);
          assert.equal(index.size, model.size);
        }
      }),
      { numRuns: 500 },
    );
  });
});
