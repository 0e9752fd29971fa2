import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonSchema } from "./catalog.ts";
import { compileSchema } from "./json-schema.ts";

function problems(schema: JsonSchema, value: unknown): readonly string[] {
  return compileSchema(schema)(value).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
}

const user: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  title: "A user",
  properties: {
    username: { type: "string", minLength: 1, maxLength: 5, pattern: "^[a-z]+$" },
    email: { type: "string", format: "email" },
    age: { type: "integer", minimum: 0, exclusiveMaximum: 200 },
    plan: { enum: ["free", "pro", "team"] },
    version: { const: 2 },
    address: { $ref: "#/$defs/address" },
    tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3, uniqueItems: true },
    at: { type: ["string", "null"], format: "date-time" },
    share: { type: "number", multipleOf: 0.5 },
    pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
    names: { type: "object", propertyNames: { pattern: "^[a-z]+$" }, maxProperties: 2 },
    auth: {
      anyOf: [
        { type: "object", properties: { type: { const: "basic" }, user: { type: "string" } }, required: ["user"] },
        { type: "object", properties: { type: { const: "bearer" }, token: { type: "string" } }, required: ["token"] },
        { type: "null" },
      ],
    },
    note: { anyOf: [{ type: "string", maxLength: 3 }, { type: "null" }] },
    target: {
      oneOf: [
        { type: "string", minLength: 2 },
        { type: "array", items: { $ref: "#/$defs/address" } },
      ],
    },
    level: { oneOf: [{ const: "a" }, { const: "b" }] },
    both: { oneOf: [{ type: "number" }, { type: "number", minimum: 5 }] },
    some: { type: "array", contains: { type: "string" }, minContains: 2 },
    never: false,
    not: { not: { type: "string" } },
    card: {
      type: "object",
      dependentRequired: { number: ["owner"] },
      if: { required: ["country"] },
      // oxlint-disable-next-line unicorn/no-thenable -- it is a keyword
      then: { required: ["zip"] },
    },
  },
  required: ["username"],
  additionalProperties: false,
  $defs: {
    address: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      unevaluatedProperties: false,
    },
  },
};

const ok = { username: "abc" };
const rows: readonly (readonly [unknown, readonly string[]])[] = [
  [ok, []],
  [null, ["must be a JSON object"]],
  [[], ["must be a JSON object"]],
  [{}, ["username: is required"]],
  [{ username: "" }, ["username: must not be empty", "username: must match the pattern ^[a-z]+$"]],
  [{ username: "abcdef" }, ["username: must have at most 5 characters"]],
  [{ username: 5 }, ["username: must be a string"]],
  [{ ...ok, usrname: 1 }, ['usrname: is not a known property. Did you mean "username"?']],
  [{ ...ok, email: "nobody" }, ["email: must be an e-mail address"]],
  [{ ...ok, age: 1.5 }, ["age: must be a whole number"]],
  [{ ...ok, age: -1 }, ["age: must be at least 0"]],
  [{ ...ok, age: 200 }, ["age: must be less than 200"]],
  [{ ...ok, plan: "por" }, ['plan: must be one of "free", "pro", "team". Did you mean "pro"?']],
  [{ ...ok, version: 1 }, ["version: must be 2"]],
  [{ ...ok, address: {} }, ["address.city: is required"]],
  [{ ...ok, address: { city: "a", ctiy: 1 } }, ['address.ctiy: is not a known property. Did you mean "city"?']],
  [{ ...ok, tags: [] }, ["tags: must have at least 1 entry"]],
  [{ ...ok, tags: ["a", 1] }, ["tags[1]: must be a string"]],
  [{ ...ok, tags: ["a", "b", "a"] }, ["tags: must not have the same entry twice"]],
  [{ ...ok, tags: ["a", "b", "c", "d"] }, ["tags: must have at most 3 entries"]],
  [{ ...ok, at: "yesterday" }, ["at: must be an instant such as 2026-11-20T10:30:00Z"]],
  [{ ...ok, at: 5 }, ["at: must be a string or null"]],
  [{ ...ok, share: 0.3 }, ["share: must be a multiple of 0.5"]],
  [{ ...ok, pair: ["a", 1, 2] }, ["pair: must have at most 2 entries"]],
  [{ ...ok, names: { A: 1 } }, ["names.A: is not an allowed name"]],
  [{ ...ok, names: { a: 1, b: 1, c: 1 } }, ["names: must have at most 2 entries"]],
  [{ ...ok, auth: { type: "basic" } }, ["auth.user: is required"]],
  [{ ...ok, auth: { type: "bearer", token: 1 } }, ["auth.token: must be a string"]],
  [{ ...ok, auth: { type: "other" } }, ['auth: must be an object whose type is "basic" or "bearer"']],
  [{ ...ok, note: "four" }, ["note: must have at most 3 characters"]],
  [{ ...ok, target: "x" }, ["target: must have at least 2 characters"]],
  [{ ...ok, target: [{ city: 1 }] }, ["target[0].city: must be a string"]],
  [{ ...ok, target: 1 }, ["target: has none of the allowed forms"]],
  [{ ...ok, level: "c" }, ['level: must be one of "a", "b"']],
  [{ ...ok, both: 7 }, ["both: fits more than one of the allowed forms"]],
  [{ ...ok, some: ["a"] }, ["some: must have at least 2 of the wanted entries"]],
  [{ ...ok, never: 1 }, ["never: is not allowed"]],
  [{ ...ok, not: "a" }, ["not: has a form that is not allowed"]],
  [{ ...ok, card: { number: 1 } }, ["card.owner: is required beside number"]],
  [{ ...ok, card: { country: 1 } }, ["card.zip: is required"]],
  [
    { username: 1, age: "x", "some.thing": 1 },
    ['["some.thing"]: is not a known property.', "username: must be a string", "age: must be a whole number"],
  ],
];

describe("a check against a schema", () => {
  for (const [value, expected] of rows) {
    it(`says of ${JSON.stringify(value)} what and how to mend it`, () => {
      assert.deepEqual(problems(user, value).toSorted(), expected.toSorted());
    });
  }

  it("tells a number of problems that people read", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x${index}`, 1]));
    assert.equal(problems(user, many).length, 20);
    assert.equal(compileSchema(user, { maxProblems: 3 })(many).length, 3);
  });

  it("counts only what was sent", () => {
    const schema: JsonSchema = {
      properties: { constructor: { type: "string" }, toString: { type: "number" } },
      required: ["valueOf"],
      additionalProperties: false,
    };
    assert.deepEqual(problems(schema, {}), ["valueOf: is required"]);
    assert.deepEqual(problems(schema, JSON.parse('{"valueOf":1,"__proto__":{}}')).toSorted(), [
      "__proto__: is not a known property.",
      "valueOf: is not a known property.",
    ]);
  });

  it("is done with the patterns of RE2", () => {
    assert.deepEqual(problems({ pattern: "(?i)^ab$" }, "AB"), []);
    // Two patterns in one schema are two.
    assert.deepEqual(problems({ allOf: [{ pattern: "a" }, { pattern: "b" }] }, "a"), ["must match the pattern b"]);
    const named: JsonSchema = { patternProperties: { "^a": { type: "string" } }, additionalProperties: false };
    assert.deepEqual(problems(named, { ab: 1, c: 1 }).toSorted(), [
      "ab: must be a string",
      "c: is not a known property.",
    ]);
  });

  it("compares entries by value", () => {
    const schema: JsonSchema = { uniqueItems: true };
    assert.deepEqual(
      problems(schema, [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ]),
      ["must not have the same entry twice"],
    );
    assert.deepEqual(problems(schema, ["1", 1, null, "null", [], {}, "[]", true]), []);
    assert.deepEqual(problems({ uniqueItems: false }, [1, 1]), []);
  });

  it("compares whatever the value calls its properties", () => {
    const odd = { toString: 1, constructor: { a: 1 }, valueOf: "x" };
    assert.deepEqual(problems({ const: odd }, { ...odd }), []);
    assert.deepEqual(problems({ enum: [[odd], 1] }, [{ ...odd, valueOf: "y" }]).length, 1);
    assert.deepEqual(problems({ uniqueItems: true }, [odd, { ...odd }]), ["must not have the same entry twice"]);
  });

  it("throws for a schema that is none", () => {
    assert.throws(() => compileSchema({ typ: "object" }), {
      code: "invalid_request",
      message: /typ: is not a keyword/,
    });
  });
});
