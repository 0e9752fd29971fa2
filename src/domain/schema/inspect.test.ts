import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonSchema } from "../catalog.ts";
import { checkSchema, compileSchema } from "../json-schema.ts";
import { isRecord } from "./unions.ts";

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /^: must be JSON/],
  ["a list", [], /^: must be a JSON object/],
  ["true", true, /^: must be a JSON object/],
  ["no type", {}, /^type: must be "object"/],
  ["another type", { type: "string" }, /^type: must be "object"/],
  ["a typo", { type: "object", proprties: {} }, /^proprties: is not a keyword .* Did you mean "properties"/],
  ["another dialect", { $schema: "http://json-schema.org/draft-07/schema#" }, /^\$schema: must be https:/],
  [
    "a keyword of OpenAPI",
    { type: "object", properties: { a: { nullable: true } } },
    /^properties\.a\.nullable: .*"null"/,
  ],
  ["an address", { $id: "https://example.com/x" }, /^\$id: is not a keyword/],
  ["$async", { $async: true }, /^\$async: is not a keyword/],
  ["$data", { properties: { a: { maximum: { $data: "1/b" } } } }, /^properties\.a\.maximum: must be a number/],
  [
    "a type that is none",
    { properties: { a: { type: "strng" } } },
    /^properties\.a\.type: must be one of .* Did you mean "string"/,
  ],
  ["a wrong number", { minProperties: -1 }, /^minProperties: must be a whole number/],
  ["a wrong list", { required: ["a", "a"] }, /^required: must be a list of names/],
  ["an empty list", { anyOf: [] }, /^anyOf: must be a list of schemas, at least one/],
  ["a wrong schema", { properties: { a: "string" } }, /^properties\.a: must be a schema/],
  ["schemas in a list", { properties: [] }, /^properties: must be a JSON object of schemas/],
  ["items of an older draft", { items: [{}] }, /^items: must be a schema/],
  [
    "a format that nobody checks",
    { properties: { a: { format: "regex" } } },
    /^properties\.a\.format: must be one of date-time/,
  ],
  ["a step of zero", { multipleOf: 0 }, /^multipleOf: must be a number above 0/],
  ["contains beside prefixItems", { prefixItems: [{}], contains: {} }, /^contains: can't stand beside prefixItems/],
  [
    "contains with unevaluatedItems",
    { properties: { a: { contains: {} } }, unevaluatedItems: false },
    /^properties\.a\.contains: can't be used/,
  ],
  ["lookahead", { pattern: "(?=a)" }, /^pattern: is not a pattern of RE2 syntax: .*lookahead/],
  ["a backreference", { patternProperties: { "(a)\\1": {} } }, /^patternProperties\.\(a\)\\1: is not a pattern/],
  ["a pattern too large", { pattern: "((a{1000}){1000}){1000}" }, /^pattern: is too large/],
  [
    "patterns too large together",
    { allOf: Array.from({ length: 9 }, () => ({ pattern: "a{200}b?" })) },
    /^allOf\[\d\]\.pattern: is too large/,
  ],
  ["a remote reference", { $ref: "https://example.com/schema.json" }, /^\$ref: must lead to a place in this schema/],
  ["a file", { properties: { a: { $ref: "file:///etc/passwd" } } }, /^properties\.a\.\$ref: must lead/],
  ["the meta-schema", { $ref: "https://json-schema.org/draft/2020-12/schema" }, /^\$ref: must lead/],
  ["itself", { properties: { a: { $ref: "#" } } }, /^properties\.a\.\$ref: must lead/],
  ["a name in escapes", { $ref: "#/$defs/a%20b", $defs: { "a b": {} } }, /must lead .* by names of letters, digits, _/],
  ["nowhere", { $ref: "#/$defs/missing", $defs: {} }, /^\$ref: leads to no schema/],
  ["what is no schema", { $ref: "#/required", required: ["a"] }, /^\$ref: leads to no schema/],
  ["a prototype", { $ref: "#/__proto__" }, /^\$ref: leads to no schema/],
  [
    "a loop",
    { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
    /^\$defs\.b\.\$ref: leads back/,
  ],
  ["a loop that nothing refers to", { $defs: { a: { $ref: "#/$defs/a" } } }, /^\$defs\.a\.\$ref: leads back/],
  [
    "a tree that contains itself",
    { $ref: "#/$defs/a", $defs: { a: { items: { $ref: "#/$defs/a" } } } },
    /^\$defs\.a\.items\.\$ref: leads back/,
  ],
  ["__proto__", JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), /^properties\.__proto__: is not a name/],
  ["a function", { properties: { a: () => true } }, /^properties\.a: must be JSON, not a function/],
  ["a long one", { description: "x".repeat(40_000) }, /^: is 40034 bytes long as JSON; at most 32768/],
  ["a deep one", JSON.parse(`${'{"not":'.repeat(80)}{}${"}".repeat(80)}`), /lies too deep: at most 64 levels/],
  [
    "a very deep one",
    JSON.parse(`${'{"not":'.repeat(4_000)}{}${"}".repeat(4_000)}`),
    /lies too deep: at most 64 levels/,
  ],
  ["too many schemas", { anyOf: Array.from({ length: 1_100 }, () => ({})) }, /^anyOf\[\d+\]: is one schema too many/],
  [
    "a chain of references",
    {
      $ref: "#/$defs/d0",
      $defs: Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [
          `d${index}`,
          index === 199 ? {} : { $ref: `#/$defs/d${index + 1}` },
        ]),
      ),
    },
    /too deep: with each \$ref followed/,
  ],
  [
    "what doubles with every reference",
    {
      $ref: "#/$defs/d0",
      $defs: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `d${index}`,
          index === 39 ? {} : { anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
        ]),
      ),
    },
    /^: says too much: with each \$ref followed/,
  ],
];

describe("a schema that somebody uploads", () => {
  for (const [name, schema, expected] of refused) {
    it(`is refused: ${name}`, () => {
      const typed = isRecord(schema) && !name.endsWith("type") ? Object.assign(schema, { type: "object" }) : schema;
      const [first] = checkSchema(typed);
      assert.match(`${first?.path}: ${first?.message}`, expected);
    });
  }

  it("is taken with all that it may use", () => {
    assert.deepEqual(
      checkSchema({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        title: "A user",
        properties: {
          plan: { enum: ["free", "pro"] },
          tags: { type: "array", items: { type: "string", pattern: "^[a-z]+$" }, uniqueItems: true },
          address: { $ref: "#/$defs/address" },
          at: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
        },
        required: ["plan"],
        additionalProperties: false,
        $defs: { address: { type: "object", unevaluatedProperties: false } },
      }),
      [],
    );
    assert.deepEqual(checkSchema({ type: "object" }), []);
    assert.deepEqual(
      checkSchema({ type: "object", examples: [{ $ref: "http://x", "`": "${1}" }], default: { a: 1 } }),
      [],
    );
  });

  it("may refer to any schema within it, by its pointer", () => {
    const schema: JsonSchema = {
      type: "object",
      properties: { "a/b": { type: "string" }, c: { $ref: "#/properties/a~1b" }, d: { $ref: "#/allOf/0" } },
      allOf: [{ minProperties: 1 }],
    };
    assert.deepEqual(checkSchema(schema), []);
    const fields = compileSchema(schema)({ c: 1, d: {} });
    assert.deepEqual(fields.map(({ path, message }) => `${path}: ${message}`).toSorted(), [
      "c: must be a string",
      "d: must have at least 1 entry",
    ]);
  });

  it("tells every place that is wrong", () => {
    const fields = checkSchema({ type: "object", properties: { a: { tpye: "string" }, b: { minLength: "1" } } });
    assert.deepEqual(
      fields.map(({ path }) => path),
      ["properties.a.tpye", "properties.b.minLength"],
    );
  });
});
