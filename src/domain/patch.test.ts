import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "./event.ts";
import type { Params } from "./lifecycle.ts";
import { forbiddenPaths, type HookPatch, mergePatch, mergePatches } from "./patch.ts";

describe("the paths of a patch", () => {
  const rows: readonly (readonly [Params, readonly string[]])[] = [
    [{}, []],
    [{ first_name: "A" }, ["first_name"]],
    [{ attributes: { plan: "pro", old: null } }, ["attributes.plan", "attributes.old"]],
    [{ attributes: { a: { b: [1] } } }, ["attributes.a.b"]],
    [{ attributes: {} }, ["attributes"]],
    [{ attributes: null }, ["attributes"]],
    [{ tags: { "cost.center": "x" } }, ['tags["cost.center"]']],
  ];
  for (const [patch, paths] of rows)
    it(JSON.stringify(patch), () => assert.deepEqual(forbiddenPaths(patch, []), paths));
});

describe("what a patch may not change", () => {
  const changeable = ["first_name", "attributes.*", "address.city"];
  const rows: readonly (readonly [Params, readonly string[]])[] = [
    [{}, []],
    [{ first_name: "A", attributes: { a: 1, b: { c: null } }, address: { city: "Ulm" } }, []],
    [{ first_name: null }, []],
    [{ first_name: { part: "A" } }, []],
    [{ attributes: {} }, []],
    [{ attributes: null }, ["attributes"]],
    [{ attributes: "x" }, ["attributes"]],
    [{ attributes: [] }, ["attributes"]],
    [{ address: null }, ["address"]],
    [{ address: {} }, ["address"]],
    [{ address: { city: "Ulm", zip: "1" } }, ["address.zip"]],
    [{ first_names: "A", is_staff: true }, ["first_names", "is_staff"]],
    [{ "attributes.a": 1 }, ['["attributes.a"]']],
    [{ "first_name.": 1 }, ['["first_name."]']],
    [JSON.parse('{"__proto__":{"first_name":"A"},"constructor":1}') as Params, ["__proto__.first_name", "constructor"]],
  ];
  for (const [patch, paths] of rows) {
    it(JSON.stringify(patch), () => assert.deepEqual(forbiddenPaths(patch, changeable), paths));
  }

  it("is everything where nothing is changeable", () => {
    assert.deepEqual(forbiddenPaths({ a: 1, b: { c: 2 } }, []), ["a", "b.c"]);
    assert.deepEqual(forbiddenPaths({}, []), []);
    assert.deepEqual(forbiddenPaths({ a: 1, b: { c: 2 } }, ["*"]), []);
  });
});

describe("the patches of several hooks", () => {
  const params: Params = { username: "john", attributes: { plan: "free" } };
  const of = (...patches: readonly Params[]): HookPatch[] =>
    // Numbers that fall, so that the order of merging is not theirs.
    patches.map((patch, index) => ({ subscription: 90 - 10 * index, patch }));

  it("are merged in their order", () => {
    assert.deepEqual(mergePatches(params, of({ attributes: { plan: "pro" } }, { attributes: { seats: 5 } })), {
      params: { username: "john", attributes: { plan: "pro", seats: 5 } },
      conflicts: [],
    });
    assert.deepEqual(mergePatches(params, []), { params, conflicts: [] });
  });

  const conflicts: readonly (readonly [
    readonly Params[],
    Params,
    readonly (readonly [string, readonly number[]])[],
  ])[] = [
    [[{ a: 1 }, { a: 1 }], { a: 1 }, []],
    [[{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }], { a: [1, { b: 2 }] }, []],
    [[{ a: 1 }, { a: 2 }], { a: 2 }, [["a", [90, 80]]]],
    [[{ a: 1 }, { a: "1" }], { a: "1" }, [["a", [90, 80]]]],
    [[{ a: 1 }, { b: 1 }, { a: 2 }, { a: 2 }], { a: 2, b: 1 }, [["a", [90, 70, 60]]]],
    [[{ a: 1 }, { a: null }], {}, [["a", [90, 80]]]],
    [[{ a: null }, { a: { b: 1 } }], { a: { b: 1 } }, [["a", [90, 80]]]],
    [[{ a: { b: 1 } }, { a: null }], {}, [["a", [90, 80]]]],
    [[{ a: { b: 1 } }, { a: { b: 2 } }, { a: [] }], { a: [] }, [["a", [90, 80, 70]]]],
    [
      [{ a: { b: 1, c: 1 } }, { a: { b: 2, c: 2 } }],
      { a: { b: 2, c: 2 } },
      [
        ["a.b", [90, 80]],
        ["a.c", [90, 80]],
      ],
    ],
    [[{ a: {} }, { a: { b: 1 } }], { a: { b: 1 } }, []],
    [[{ a: {} }, { a: null }], {}, [["a", [90, 80]]]],
    [[{ a: { b: { c: 1 } } }, { a: { b: { d: 1 } } }], { a: { b: { c: 1, d: 1 } } }, []],
  ];
  for (const [patches, result, expected] of conflicts) {
    it(patches.map((patch) => JSON.stringify(patch)).join(", then "), () => {
      assert.deepEqual(mergePatches({}, of(...patches)), {
        params: result,
        conflicts: expected.map(([path, subscriptions]) => ({ path, subscriptions })),
      });
    });
  }

  const name = fc.constantFrom("a", "b", "c", "__proto__");
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<Json>(null, 1, 2, "x", []),
      fc.array(fc.tuple(name, tie("value")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const patch = fc
    .array(fc.tuple(name, value), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries) as Params);
  const several = fc.array(patch, { minLength: 2, maxLength: 4 }).map((patches) => of(...patches));

  it("come to the merge patches one after the other", () => {
    fc.assert(
      fc.property(patch, several, (target, patches) => {
        const expected = patches.reduce<Json>((at, { patch }) => mergePatch(at, patch), target);
        assert.deepEqual(mergePatches(target, patches).params, expected);
      }),
    );
  });

  it("without conflicts come to the same in any order", () => {
    fc.assert(
      fc.property(patch, several, (target, patches) => {
        const { params, conflicts } = mergePatches(target, patches);
        fc.pre(conflicts.length === 0);
        assert.deepEqual(mergePatches(target, patches.toReversed()).params, params);
        assert.deepEqual(mergePatches(target, [...patches.slice(1), ...patches.slice(0, 1)]).params, params);
      }),
      { numRuns: 1_000 },
    );
  });

  it("have the same conflicts in any order, each reported once, with those who are in it", () => {
    fc.assert(
      fc.property(several, (patches) => {
        const places = (given: readonly HookPatch[]): readonly string[] =>
          mergePatches({}, given)
            .conflicts.map(({ path, subscriptions }) => `${path} ${subscriptions.toSorted((a, b) => a - b).join()}`)
            .toSorted();
        const conflicts = places(patches);
        assert.deepEqual(places(patches.toReversed()), conflicts);
        assert.equal(new Set(conflicts).size, conflicts.length);
        for (const { subscriptions } of mergePatches({}, patches).conflicts) {
          assert.ok(subscriptions.length >= 2);
          assert.deepEqual(
            subscriptions,
            subscriptions.toSorted((a, b) => b - a),
          );
        }
        for (const { subscription, patch } of patches) assert.deepEqual(places([{ subscription, patch }]), []);
      }),
      { numRuns: 1_000 },
    );
  });
});
