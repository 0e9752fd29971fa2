import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "./event.ts";
import { isJsonObject, mergePatch } from "./merge-patch.ts";

/** RFC 7396, Appendix A: original, patch, result. */
const table: readonly (readonly [Json, Json, Json])[] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

/** Few names, so that target and patch meet. */
const name = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "toString");
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 1, "", "x"),
    fc.array(tie("json"), { maxLength: 2 }),
    fc.array(fc.tuple(name, tie("json")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const object = fc.array(fc.tuple(name, json), { maxLength: 4 }).map((entries): Json => Object.fromEntries(entries));

function at(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What the law says of one place: the RFC's own words, without making anything. */
function obeys(target: Json | undefined, patch: Json, result: Json | undefined): boolean {
  if (!isJsonObject(patch)) return result !== undefined && JSON.stringify(result) === JSON.stringify(patch);
  if (!isJsonObject(result)) return false;
  const names = new Set([
    ...Object.keys(isJsonObject(target) ? target : {}),
    ...Object.keys(patch),
    ...Object.keys(result),
  ]);
  return [...names].every((key) => {
    const wanted = at(patch, key);
    if (wanted === null) return at(result, key) === undefined;
    if (wanted === undefined) return JSON.stringify(at(result, key)) === JSON.stringify(at(target, key));
    return obeys(at(target, key), wanted, at(result, key));
  });
}

describe("merge patch", () => {
  for (const [target, patch, result] of table) {
    it(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => {
      assert.deepEqual(mergePatch(target, patch), result);
    });
  }

  it("keeps the law of RFC 7396 at every place", () => {
    fc.assert(
      fc.property(json, json, (target, patch) => obeys(target, patch, mergePatch(target, patch))),
      {
        numRuns: 2000,
      },
    );
  });

  it("done twice is done once", () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);
        assert.deepEqual(mergePatch(once, patch), once);
      }),
    );
  });

  it("changes neither side, and nothing with an empty patch", () => {
    fc.assert(
      fc.property(object, json, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        mergePatch(target, patch);
        assert.equal(JSON.stringify([target, patch]), before);
        assert.deepEqual(mergePatch(target, {}), target);
      }),
    );
  });

  it("never touches a prototype", () => {
    const patch = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}') as Json;
    const merged = mergePatch({}, patch);
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
    assert.equal((merged as { admin?: unknown }).admin, undefined);
    assert.equal(({} as { admin?: unknown }).admin, undefined);
    assert.equal(JSON.stringify(merged), JSON.stringify(patch));
  });
});
