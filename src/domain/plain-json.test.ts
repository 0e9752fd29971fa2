import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { plainJson } from "./plain-json.ts";

const limits = { maxBytes: 1024, maxDepth: 4 };

function problems(value: unknown): readonly string[] {
  const plain = plainJson(value, limits);
  return plain.kind === "ok" ? [] : plain.fields.map(({ path, message }) => `${path}: ${message}`);
}

class Money {
  readonly amount = 1;
}

const circle: Record<string, unknown> = { a: { b: [] } };
circle["self"] = circle;
// oxlint-disable-next-line unicorn/new-for-builtins, no-sparse-arrays -- the hole is what is tested
const holed = [1, , 3];

const rows: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["a function", { a: () => 1 }, ["a: must be JSON, not a function"]],
  ["a symbol", { a: [Symbol("x")] }, ["a[0]: must be JSON, not symbol"]],
  ["a bigint", { a: 1n }, ["a: must be JSON, not a bigint; write it by String(), or Number() where it is small"]],
  ["a date that is none", { at: new Date("x") }, ["at: must be a time; this Date is invalid"]],
  ["bytes", { a: Buffer.from("x") }, ['a: must be JSON, not a Buffer; write it as a text, such as toString("base64")']],
  ["a set", { a: new Set() }, ["a: must be JSON, not a Set; write it as a list, [...set]"]],
  ["an instance", { a: new Money() }, ["a: must be JSON, not a Money"]],
  ["a map", { "a.b": new Map() }, ['["a.b"]: must be JSON, not a Map; write it by Object.fromEntries()']],
  [
    "NaN",
    { a: Number.NaN, b: -Infinity },
    ["a: must be JSON, which has no NaN", "b: must be JSON, which has no -Infinity"],
  ],
  ["a hole", { a: holed }, ["a[1]: must be JSON, not undefined"]],
  ["nothing", undefined, [": must be JSON, not undefined"]],
  ["a circle", circle, ["self: refers to what it lies in; JSON has no circles"]],
  ["depth", { a: { b: { c: { d: {} } } } }, ["a.b.c.d: lies too deep: at most 4 levels"]],
  ["length", { a: "é".repeat(600) }, [": is 1208 bytes long as JSON; at most 1024 are allowed"]],
  ["__proto__", JSON.parse('{"a":{"__proto__":1}}'), ["a.__proto__: is not a name that a property may have"]],
];

describe("plain JSON", () => {
  for (const [name, value, expected] of rows) {
    it(`refuses ${name} by its path`, () => assert.deepEqual(problems(value), expected));
  }

  it("leaves out what is undefined, and takes the same thing twice", () => {
    const shared = { x: 1 };
    assert.deepEqual(plainJson({ a: undefined, b: [shared, shared], c: null }, limits), {
      kind: "ok",
      value: { b: [{ x: 1 }, { x: 1 }], c: null },
    });
  });

  it("writes dates in RFC 3339", () => {
    const at = new Date(0);
    assert.deepEqual(plainJson({ at, all: [at] }, limits), {
      kind: "ok",
      value: { at: "1970-01-01T00:00:00.000Z", all: ["1970-01-01T00:00:00.000Z"] },
    });
  });

  it("copies", () => {
    const value = { a: [{ b: 1 }] };
    const plain = plainJson(value, limits);
    assert.equal(plain.kind, "ok");
    value.a[0] = { b: 2 };
    assert.deepEqual(plain.value, { a: [{ b: 1 }] });
  });

  it("stops at a number of problems that people read, however long the value", () => {
    assert.equal(problems(Array.from({ length: 1_000_000 }, () => Number.NaN)).length, 20);
  });

  it("takes objects without a prototype, and of another realm", () => {
    const bare: object = Object.assign(Object.create(null), { a: 1 });
    assert.deepEqual(plainJson(bare, limits), { kind: "ok", value: { a: 1 } });
  });

  it("is what JSON makes of any value that JSON can say", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(Buffer.byteLength(text) <= limits.maxBytes && !text.includes("__proto__"));
        assert.deepEqual(plainJson(value, limits), { kind: "ok", value: JSON.parse(text) });
      }),
    );
  });
});
