import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "../event.ts";
import { filterPaths, pick } from "./answer-filter.ts";

const subscription: Json = {
  id: "s1",
  url: "https://a",
  policy: { retryLimit: 5, retryRate: 1 },
  tries: [{ code: 500, at: "x" }, { code: 502 }, "odd", [{ code: 1, at: "y" }]],
  none: null,
};

describe("a filter of an answer", () => {
  const rows: readonly (readonly [readonly string[], Json])[] = [
    [[], subscription],
    [["*"], subscription],
    [["id", "*"], subscription],
    [["id"], { id: "s1" }],
    [["url", "id"], { id: "s1", url: "https://a" }],
    [["policy.retryLimit"], { policy: { retryLimit: 5 } }],
    [["policy"], { policy: { retryLimit: 5, retryRate: 1 } }],
    [["policy.retryLimit", "policy"], { policy: { retryLimit: 5, retryRate: 1 } }],
    [["policy.*"], { policy: { retryLimit: 5, retryRate: 1 } }],
    [["tries.code"], { tries: [{ code: 500 }, { code: 502 }, [{ code: 1 }]] }],
    [["none"], { none: null }],
    [["nope", "policy.nope", "id.length", "none.x", "ID", "", "policy.", "constructor", "__proto__.x"], {}],
    [["id", "nope"], { id: "s1" }],
  ];
  for (const [paths, kept] of rows) {
    it(`keeps ${paths.join(",") || "all"}`, () => assert.deepEqual(pick(subscription, paths), kept));
  }

  it("reduces each element of a list, and nothing that has no names", () => {
    assert.deepEqual(pick([{ id: 1, a: 2 }, { a: 3 }, "text", null], ["id"]), [{ id: 1 }, {}, "text", null]);
    for (const value of ["text", 1, null, true, []]) assert.deepEqual(pick(value, ["id"]), value);
  });

  it("copies what is called __proto__ as it is", () => {
    const odd = JSON.parse('{"__proto__":{"a":1,"b":2},"c":3}') as Json;
    assert.equal(JSON.stringify(pick(odd, ["__proto__.a"])), '{"__proto__":{"a":1}}');
  });

  it("is read from one text", () => {
    assert.deepEqual(filterPaths(" id, policy.retryLimit ,,"), ["id", "policy.retryLimit"]);
    assert.deepEqual(filterPaths(""), []);
  });

  it("has bounds", () => {
    const many = Array.from({ length: 51 }, (_, index) => `p${index}`);
    const tooMany = { code: "invalid_request", message: "filter: may name at most 50 fields" };
    assert.throws(() => filterPaths(many.join(",")), tooMany);
    assert.throws(() => pick({}, many), tooMany);
    const long = ".".repeat(201);
    assert.throws(() => filterPaths(long), { code: "invalid_request", message: /at most 200 characters/ });
    assert.throws(() => pick({}, [long]), { code: "invalid_request", message: /at most 200 characters/ });
    assert.deepEqual(pick({}, many.slice(1)), {});
  });

  it("keeps nothing that is not there, and the same when it is asked twice (property)", () => {
    const name = fc.constantFrom("a", "b", "c", "*");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.integer(),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("tree")),
      ),
    }));
    const paths = fc.array(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((path) => path.join(".")),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(tree, paths, (value, wanted) => {
        const once = pick(value as Json, wanted);
        assert.deepEqual(pick(once, wanted), once);
        assert.ok(JSON.stringify(once).length <= JSON.stringify(value).length);
      }),
    );
  });
});
