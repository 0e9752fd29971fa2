import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect, format as nodes } from "node:util";
import fc from "fast-check";

type Format = (parts: readonly unknown[]) => string;
const url = new URL("./guest/format.js", import.meta.url).href;
const { format } = (await import(url)) as { readonly format: Format };

class Foo {
  readonly a = 1;
}
class Bar extends Foo {
  get x() {
    return 1;
  }
}
const circle: Record<string, unknown> = { a: { b: [] } };
circle["self"] = [circle, circle["a"]];
// oxlint-disable-next-line no-sparse-arrays -- holes are what is tested
const holed = [1, , 3, , , 6];
const long = "line one is long enough\n".repeat(10);
const accessors = Object.defineProperties(
  {},
  {
    a: { get: () => 1, set: () => {}, enumerable: true },
    b: { get: () => assert.fail("it is not called"), enumerable: true },
    c: { set: () => {}, enumerable: true },
  },
);

const rows: readonly (readonly unknown[])[] = [
  [],
  ["a"],
  ["%s is %d years", "ada", 36, { a: 1 }],
  ["%s %s %s", new Foo(), [1, [2]], Symbol("a")],
  ["%s", { toString: () => "me" }],
  ["%s", { a: { b: 1 } }, null, undefined],
  ["%d %d %i %f", "0x10", {}, "12px", "1.5", -0],
  ["%d %i %s", 5n, 6n, 7n, 8n],
  ["%O %j %c%%", { a: { b: { c: { d: 1 } } } }, { j: 1 }, "color: red"],
  ["%o", [1, { a: 1 }]],
  ["%j", circle],
  ["100%", 5],
  ["%d%%", 5],
  ["%%"],
  ["%x %s %", 1],
  ["%s %s", "only"],
  [1, "%s", "x"],
  [null, undefined, true, 5n, Symbol("x"), -0, Number.NaN],
  // oxlint-disable-next-line typescript/no-extraneous-class -- how classes are written is what is tested
  [() => 1, function named() {}, class A {}, Bar, async () => {}, function* g() {}, class {}],
  [new Date(0), new Date("x"), /x/gi, new Foo(), new Bar(), Object.create(null)],
  ["it's", ["it's", 'a "q" \'', "all ' \" `", "line\nbreak", "\u0000\u001b", "back\\slash", "\ud800"]],
  [{ "a-b": 1, b_c: 2, 3: 4, [Symbol("s")]: 5, "": 6 }, JSON.parse('{"__proto__":1}')],
  [Array.from({ length: 200 }, (_, index) => index), new Set(Array.from({ length: 200 }, (_, index) => index))],
  [Array.from({ length: 7 }, (_, index) => `item ${index}`), Array.from({ length: 26 }, (_, n) => "x".repeat(n))],
  [Array.from({ length: 30 }, (_, id) => ({ id })), [1.5, 2.25, -3, 1e21, 4, 5, 6, 7, 8]],
  [holed, Array.from({ length: 3 }), Object.assign([1, 2], { x: 1 }), Object.assign(() => {}, { a: 1 })],
  [new Uint8Array([1, 2, 3]), new Float64Array(2), new Map([["a", new Set([1, "2"])]]), new Set(), new Map()],
  [circle, accessors, new WeakMap(), new Number(3), new String("abc"), Object(3n), new Boolean(false)],
  [{ long: "x".repeat(200), text: long }, long],
  [
    {
      users: [
        { id: 1, tags: ["a", "b"] },
        { id: 2, tags: [] },
      ],
      total: 2,
      next: null,
      deep: [[[[]]], [[[[1]]]]],
    },
  ],
  [{ [inspect.custom]: () => "as it likes" }, { [Symbol.toStringTag]: "T", a: 1 }],
];

describe("what is logged is written as Node writes it", () => {
  for (const [index, row] of rows.entries()) {
    it(`${index}: ${String(row[0]).slice(0, 30)}`, () => assert.equal(format(row), nodes(...row)));
  }

  it("whatever it is", () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (parts) => assert.equal(format(parts), nodes(...parts))),
      {
        numRuns: 500,
      },
    );
  });

  it("errors with their stack, their fields and their cause", () => {
    const cause = new Error("why");
    cause.stack = "Error: why\n    at b (function.js:2:1)";
    const error = Object.assign(new TypeError("no", { cause }), { code: "E1" });
    error.stack = "TypeError: no\n    at a (function.js:1:1)";
    assert.equal(format(["it failed:", error]), nodes("it failed:", error));
    assert.equal(format([{ error }]), nodes({ error }));
    const within = new Error("x");
    within.stack = "Error: x\n    at f (function.js:1:2)\n    at call (first.js:195:19)";
    assert.equal(format([within]), "Error: x\n    at f (function.js:1:2)");
    const bare = new Error("x");
    bare.stack = "";
    assert.equal(format([[bare]]), "[ [Error: x] ]");
  });
});
