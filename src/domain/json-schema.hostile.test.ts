/** Schemas and values made to hurt: none of them may hold the process up, or reach anything outside the value. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fullFormats } from "ajv-formats/dist/formats.js";
import fc from "fast-check";
import type { JsonSchema } from "./catalog.ts";
import { checkSchema, compileSchema } from "./json-schema.ts";
import { formats } from "./schema/formats.ts";

/** Far more than any of this takes, and far less than what it is to prevent. */
const soonMs = 3_000;

function soon<T>(act: () => T): T {
  const startedMs = performance.now();
  const result = act();
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < soonMs, `took ${Math.round(tookMs)} ms`);
  return result;
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const costly = "takes too long to check";

describe("hostile schemas", () => {
  const schemas: Readonly<Record<string, JsonSchema>> = {
    "many alternatives, exactly one": { oneOf: many(900, () => ({ type: "string" })) },
    "many alternatives": { anyOf: many(450, () => ({ items: { type: "null" } })) },
    "many conditions": { allOf: many(900, () => ({ type: "string" })) },
    "many contradictions": { not: { allOf: many(900, () => ({ type: "string" })) } },
    "many properties": { properties: Object.fromEntries(many(900, (index) => [`p${index}`, { type: "string" }])) },
    "many patterns": { patternProperties: Object.fromEntries(many(900, (index) => [`p${index}`, { type: "string" }])) },
    "many patterns, and nothing else": {
      patternProperties: Object.fromEntries(many(400, (index) => [`p${index}`, { type: "string" }])),
      unevaluatedProperties: false,
    },
    "a huge enum": { properties: { a: { enum: many(4_000, (index) => index) } } },
    "a huge list of names": { required: many(3_000, (index) => `n${index}`) },
    "much to refer to": { $defs: { a: { enum: many(9, String) } }, allOf: many(800, () => ({ $ref: "#/$defs/a" })) },
    "alternatives within each other": many(25, () => 0).reduce<JsonSchema>(
      (inner) => ({ anyOf: [inner, { properties: { a: inner === undefined } }], unevaluatedProperties: false }),
      { type: "string" },
    ),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    it(`${name}: is refused or compiled soon, and asked soon`, () => {
      const typed = { ...schema, type: "object" };
      const refused = soon(() => checkSchema(typed));
      if (refused.length > 0) return;
      const check = soon(() => compileSchema(typed));
      const value = Object.fromEntries(many(2_000, (index) => [`p${index}`, index]));
      soon(() => check(value));
    });
  }

  it("a pattern that backtracks takes linear time", () => {
    const text = `${"a".repeat(50_000)}!`;
    for (const pattern of ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y"]) {
      assert.equal(soon(() => compileSchema({ pattern })(text)).length, 1);
      assert.deepEqual(
        soon(() => compileSchema({ patternProperties: { [pattern]: false } })({ [text]: 1 })),
        [],
      );
      const both = { properties: { [text.slice(0, 1_000)]: {} }, patternProperties: { [pattern]: { type: "string" } } };
      soon(() => compileSchema(both)({}));
    }
  });

  it("a pattern that is slow all the same is given up", () => {
    const text = many(250_000, (index) => ((index * 7919) % 13 < 6 ? "a" : "b")).join("");
    const check = compileSchema({ pattern: "a[ab]{900}c." });
    assert.match(String(soon(() => check(`${text}cd`))[0]?.message), new RegExp(costly));
    // And is there for what is shorter.
    assert.equal(check(`${text.slice(0, 10_000)}c`).length, 1);
  });

  it("formats are decided soon, whatever the text", () => {
    const scraps = [
      "a",
      "a.",
      "a@",
      "a-",
      "1",
      "1:",
      ":",
      "::",
      "0.",
      "/",
      "%41",
      "%",
      "?",
      "#",
      "T1:",
      "P1Y",
      "~0",
      "[",
      "f",
      " ",
    ];
    for (const name of Object.keys(formats)) {
      const check = compileSchema({ format: name });
      for (const scrap of scraps) {
        for (const end of ["", "!", "\n", "@", "]"]) {
          soon(() => check(`${scrap.repeat(2_000).slice(0, 4_000)}${end}`));
        }
      }
      assert.equal(check("a".repeat(100_000)).length, 1);
      assert.ok(name in fullFormats);
    }
  });

  it("a large value against many conditions is checked soon or not at all", () => {
    const values = {
      numbers: many(120_000, () => 0),
      objects: many(15_000, (index) => ({ index })),
      text: "é".repeat(120_000),
    };
    const schemas: readonly JsonSchema[] = [
      { allOf: many(300, () => ({ additionalProperties: { items: { type: "string" } } })) },
      { allOf: many(300, () => ({ additionalProperties: { uniqueItems: true } })) },
      { allOf: many(300, () => ({ additionalProperties: { minLength: 200_000 } })) },
      {
        allOf: many(190, () => ({ additionalProperties: { items: { anyOf: [{ minimum: 1 }, { type: "string" }] } } })),
      },
      { allOf: many(300, () => ({ additionalProperties: { format: "email" } })) },
      { additionalProperties: { contains: { anyOf: many(20, () => ({ type: "string" })) } } },
      { additionalProperties: { uniqueItems: true } },
      { additionalProperties: { items: { enum: many(4_000, (index) => [index]) } } },
    ];
    for (const schema of schemas) {
      assert.deepEqual(checkSchema({ ...schema, type: "object" }), []);
      const check = compileSchema(schema);
      for (const value of Object.values(values)) {
        for (const size of [200_000, 50_000, 10_000, 1_000]) soon(() => check({ value: value.slice(0, size) }));
      }
    }
  });

  it("what is wrong in a great many alternatives is reported soon", () => {
    const branch = { properties: Object.fromEntries(many(18, (index) => [`p${index}`, { type: "null" }])) };
    const check = compileSchema({
      items: { anyOf: many(150, () => ({ $ref: "#/$defs/branch" })) },
      $defs: { branch },
    });
    const value = Object.fromEntries(many(18, (index) => [`p${index}`, 1]));
    for (const size of [1, 2, 100]) {
      assert.match(String(soon(() => check(many(size, () => value)))[0]?.message), /none of the allowed forms|null/);
    }
  });

  it("a large list of objects that differ is found to be without twins", () => {
    const list = many(10_000, (index) => ({ index, name: "x" }));
    assert.deepEqual(
      soon(() => compileSchema({ uniqueItems: true })(list)),
      [],
    );
    assert.equal(soon(() => compileSchema({ uniqueItems: true })([...list, { name: "x", index: 5 }])).length, 1);
  });

  it("a value that is deeper than any JSON taken in is not followed", () => {
    const deep: unknown = many(100_000, () => 0).reduce<unknown>((inner) => [inner], 0);
    assert.match(String(soon(() => compileSchema({ uniqueItems: true })(deep))[0]?.message), new RegExp(costly));
    const circle: unknown[] = [];
    circle.push(circle);
    assert.match(String(compileSchema({ uniqueItems: true })(circle)[0]?.message), new RegExp(costly));
  });
});

describe("what schemas are made of never becomes code", () => {
  const escapes = ['"', "'", "`", "${", "}", "\\", "\u2028", "\u2029", "\n", "*/", "//", ")", ";", "throw 1", "-->"];
  const text = fc.oneof(
    fc.array(fc.constantFrom(...escapes), { maxLength: 6 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "length",
      "0",
      "data",
      "validate",
      "default",
    ),
  );
  const scalar = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null));

  it("names, constants and lists are compared as they are", () => {
    fc.assert(
      fc.property(text, scalar, scalar, (name, wanted, given) => {
        fc.pre(name !== "__proto__" && name !== "");
        const schema = (part: JsonSchema): JsonSchema => ({
          properties: { [name]: part },
          required: [name],
          dependentRequired: { [name]: [name] },
          additionalProperties: false,
        });
        const value: unknown = JSON.parse(JSON.stringify({ [name]: given }));
        const same = JSON.stringify(wanted) === JSON.stringify(given) || (wanted === 0 && given === 0);
        for (const part of [{ const: wanted }, { enum: [wanted] }, { enum: [[wanted], wanted] }]) {
          assert.deepEqual(checkSchema({ ...schema(part), type: "object" }), []);
          assert.equal(compileSchema(schema(part))(value).length, same ? 0 : 1);
          assert.equal(compileSchema(schema(part))({}).length, 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("a schema of any JSON is compiled or refused by its place, and never thrown at", () => {
    const keyword = fc.constantFrom(
      "type",
      "properties",
      "items",
      "$ref",
      "enum",
      "const",
      "pattern",
      "required",
      "anyOf",
      "not",
      "if",
      "format",
      "$defs",
      "minimum",
      "x",
    );
    const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<unknown>("string", "object", 1, true, null, [], "#/$defs/a", "#/properties/x", ["a"], "^a"),
        fc.array(tie("schema"), { maxLength: 2 }),
        fc.dictionary(keyword, tie("schema"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(schema, fc.jsonValue(), (made, value) => {
        const fields = checkSchema(made);
        if (fields.length === 0) compileSchema(made as JsonSchema)(value);
        for (const { message } of fields) assert.doesNotMatch(message, /can't be compiled/);
      }),
      { numRuns: 1_000 },
    );
  });
});
