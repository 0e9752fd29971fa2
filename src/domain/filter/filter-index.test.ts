import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { aCondition, anEvent, aParamCondition, someParams } from "../../../test/support/filter-arbitraries.ts";
import { printFilter } from "../../../test/support/filters.ts";
import type { FilterEntry, FilterPlace } from "./filter-index.ts";
import {
  accessText,
  FilterIndex,
  objectFields,
  paramFields,
  type ReadField,
  readAccess,
  readFilter,
  stillLooking,
} from "./index.ts";

function indexed(text: string, catalog = objectFields): FilterEntry["filter"] {
  const access = readAccess(accessText(text, catalog));
  return access === undefined ? assert.fail() : { text, access };
}

const keyed =
  (key: string): ReadField =>
  (name) =>
    name === "key" ? key : undefined;

interface Query extends FilterPlace {
  readonly read: ReadField;
  readonly upTo?: number;
}

/** All that is left, as dispatch asks it: what the index cannot decide, the filter does. */
function taken(hits: ReturnType<FilterIndex["find"]>, read: ReadField, catalog = objectFields): number[] {
  const found: number[] = [];
  for (let hit = hits.next(); hit !== undefined; hit = hits.next()) {
    if (hit === stillLooking) continue;
    if (hit.filter === undefined || readFilter(hit.filter, catalog).matches(read)) found.push(hit.id);
  }
  return found;
}

/** Who wants the event: each id once. */
function matched(index: FilterIndex, { read, upTo, ...place }: Query, catalog = objectFields): number[] {
  return taken(index.find([place], read, upTo), read, catalog);
}

function sorted(ids: readonly number[]): readonly number[] {
  return ids.toSorted((one, other) => one - other);
}

const scope = fc.constantFrom<string>("s", "t", "__proto__");

describe("FilterIndex", () => {
  test("finds by scope, by event name or *, by filter and by revision", () => {
    const index = new FilterIndex(objectFields);
    index.put(1, { scope: "b1", event: "*", since: 1, filter: undefined });
    index.put(2, { scope: "b1", event: "CREATED", since: 2, filter: undefined });
    index.put(3, { scope: "b1", event: "CREATED", since: 3, filter: indexed("key REGEXP '^images/'") });
    index.put(4, { scope: "b1", event: "CREATED", since: 4, filter: indexed("ETag != 'x'") });
    index.put(5, { scope: "b2", event: "CREATED", since: 5, filter: undefined });
    const match = (event: string, key: string, scopes = ["b1"], upTo = 9): readonly number[] =>
      sorted(matched(index, { scopes, event, read: keyed(key), upTo }));
    assert.deepEqual(match("CREATED", "images/a"), [1, 2, 3]);
    assert.deepEqual(match("CREATED", "images/a", ["b1"], 2), [1, 2]);
    assert.deepEqual(match("CREATED", "a"), [1, 2]);
    assert.deepEqual(match("DELETED", "images/a"), [1]);
    assert.deepEqual(match("CREATED", "a", ["b2", "b1", "b2", "b3"]), [1, 2, 5]);
    assert.deepEqual(match("*", "a"), [1]);
    assert.equal(index.size, 5);
  });

  test("putting an id again replaces it, deleting it twice is nothing", () => {
    const index = new FilterIndex(objectFields);
    index.put(1, { scope: "a", event: "E", since: 0, filter: undefined });
    index.put(1, { scope: "b", event: "F", since: 0, filter: undefined });
    assert.equal(index.size, 1);
    assert.deepEqual(matched(index, { scopes: ["a", "b"], event: "E", read: keyed("") }), []);
    assert.deepEqual(matched(index, { scopes: ["a", "b"], event: "F", read: keyed("") }), [1]);
    index.delete(1);
    index.delete(1);
    assert.equal(index.size, 0);
    assert.deepEqual(matched(index, { scopes: ["b"], event: "F", read: keyed("") }), []);
  });

  test("keeps of what is taken later what it was, if it is told so", () => {
    const index = new FilterIndex(objectFields);
    const place = { scopes: ["a"], event: "E" };
    const texts = ["key = 'x'", "key LIKE 'x%' OR key LIKE '%x'", "size > 1 OR key != 'y'", "key REGEXP '^x[a-z]?$'"];
    for (let id = 0; id < 400; id += 1) {
      index.put(id, { scope: "a", event: "E", since: 0, filter: indexed(texts[id % texts.length] ?? "") });
    }
    const read = keyed("x");
    const hits = index.find([place], read);
    index.use(hits);
    const first = hits.next();
    for (let id = 0; id < 400; id += 1) {
      if (id % 3 === 0) index.delete(id);
      else index.put(id, { scope: "a", event: "E", since: 1, filter: indexed("key = 'z'") });
    }
    assert.ok(typeof first === "object");
    const found = [first.id, ...taken(hits, read)];
    assert.deepEqual(
      sorted(found),
      Array.from({ length: 400 }, (_, id) => id),
    );
    assert.deepEqual(matched(index, { ...place, read }), []);
  });

  test("tells keys apart that come to the same hash", () => {
    for (const unit of ["a", "→"]) {
      const long = unit.repeat(300);
      const index = new FilterIndex(objectFields);
      const texts = [`key = '${long}x'`, `key = '${long}y'`, `key LIKE '${long}x%'`, `key LIKE '${long}y%'`];
      texts.push(`key LIKE '%x${long}'`, `key LIKE '%y${long}'`, `key REGEXP '^${long}x[0-9]?$'`);
      for (const [id, text] of texts.entries()) {
        index.put(id, { scope: "a", event: "E", since: 0, filter: indexed(text) });
      }
      const met = (key: string): readonly number[] =>
        sorted(matched(index, { scopes: ["a"], event: "E", read: keyed(key) }));
      assert.deepEqual(met(`${long}x`), [0, 2, 6]);
      assert.deepEqual(met(`${long}y`), [1, 3]);
      assert.deepEqual(met(`${long}z`), []);
      assert.deepEqual(met(`${long}x1`), [2, 6]);
      assert.deepEqual(met(`${long}y${long}`), [3, 5]);
    }
  });

  test("asks thousands of different conditions, more than it keeps", () => {
    const index = new FilterIndex(objectFields);
    const count = 9_000;
    for (let id = 0; id < count; id += 1) {
      index.put(id, { scope: "a", event: "E", since: 0, filter: indexed(`size > ${id} AND key != 'x'`) });
    }
    const met = (size: number): number[] => {
      const read: ReadField = (name) => (name === "Content-Length" ? size : "a");
      return matched(index, { scopes: ["a"], event: "E", read });
    };
    for (const size of [10, count, 8_500, 0]) assert.equal(met(size).length, size);
    for (let id = 0; id < count; id += 2) index.delete(id);
    for (const size of [10, 8_500]) assert.equal(met(size).length, size / 2);
  });

  test("gives back all that it took", () => {
    const index = new FilterIndex(objectFields);
    const fill = (round: number): void => {
      for (let id = 0; id < 1_000; id += 1) {
        const filter = indexed(
          `key LIKE 'tenant-${id}/%' AND size > ${id % 7} OR key = '${id}-${"ö".repeat(id % 50)}→'`,
        );
        index.put(id, { scope: `s${id % 40}`, event: "*", since: round, filter });
      }
      for (let id = 0; id < 1_000; id += 1) index.delete(id);
    };
    fill(0);
    const { bytes } = index;
    for (let round = 1; round < 5; round += 1) fill(round);
    assert.equal(index.size, 0);
    // Tables have other sizes with other hashes.
    assert.ok(index.bytes < 1.5 * bytes, `${index.bytes} bytes, and ${bytes} at first`);
  });

  for (const { face, catalog, condition, values } of [
    { face: "objects", catalog: objectFields, condition: aCondition, values: anEvent },
    { face: "params", catalog: paramFields, condition: aParamCondition, values: someParams },
  ]) {
    test(`agrees with asking every filter of any event, through any puts and deletes: ${face}`, () => {
      const entry = fc.record({
        scope,
        event: fc.constantFrom("E", "F", "*"),
        since: fc.nat(5),
        condition: fc.option(condition, { nil: undefined, freq: 9 }),
      });
      const id = fc.oneof(fc.nat(9), fc.constant(2 ** 40 + 3));
      const step = fc.oneof(
        { arbitrary: fc.tuple(id, entry), weight: 4 },
        { arbitrary: fc.tuple(id, fc.constant(undefined)), weight: 1 },
      );
      const query = fc.record({
        scopes: fc.array(scope, { minLength: 1, maxLength: 3 }),
        event: fc.constantFrom("E", "F", "G"),
        upTo: fc.nat(6),
        values,
      });
      const given = [fc.array(step, { minLength: 1, maxLength: 24 }), fc.array(query, { minLength: 1 })] as const;
      fc.assert(
        fc.property(...given, (steps, queries) => {
          const index = new FilterIndex(catalog);
          const model = new Map<number, FilterEntry>();
          for (const [of, put] of steps) {
            if (put === undefined) {
              index.delete(of);
              model.delete(of);
              continue;
            }
            const { condition: asked, ...rest } = put;
            const added = { ...rest, filter: asked && indexed(printFilter(asked), catalog) };
            index.put(of, added);
            model.set(of, added);
          }
          for (const { values: held, ...place } of queries) {
            const read: ReadField = (name) => held.get(name);
            const expected = [...model]
              .filter(([, { scope: of }]) => place.scopes.includes(of))
              .filter(([, { event }]) => event === "*" || event === place.event)
              .filter(([, { since }]) => since <= place.upTo)
              .filter(([, { filter }]) => filter === undefined || readFilter(filter.text, catalog).matches(read))
              .map(([of]) => of);
            assert.deepEqual(sorted(matched(index, { ...place, read }, catalog)), sorted(expected));
          }
          assert.equal(index.size, model.size);
        }),
        { numRuns: 1_500, seed: 20_261_129 },
      );
    });
  }
});
