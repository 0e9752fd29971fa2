import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { explain, printFilter } from "../../../test/support/filters.ts";
import type { Params } from "../lifecycle.ts";
import type { Truth } from "./evaluate.ts";
import type { FilterErrorCode } from "./filter-error-code.ts";
import { type Filter, formatFilterError, paramFields, paramFieldsOf, parseFilter, readParamField } from "./index.ts";
import type { Field, FilterValue } from "./tree.ts";

const params: Params = {
  username: "john_doe",
  email: "john@example.com",
  user_id: 123,
  active: true,
  nothing: null,
  attributes: { plan: "pro", seats: 5, "cost center": "R&D", zip: "12345", address: { city: "Ulm" }, list: ["a"] },
  tags: { "app.kubernetes.io/name": "web", a: { b: 1 }, "a.b": 2 },
  "weird.name": "x",
};
const read = readParamField(params);

function filter(text: string, fields = paramFields): Filter {
  const parsed = parseFilter(text, fields);
  if (parsed.kind === "error") assert.fail(`${text}\n${formatFilterError(parsed.error, text)}`);
  return parsed.filter;
}

const rows: readonly (readonly [string, Truth])[] = [
  ["WHERE email LIKE '%@example.com'", true],
  ["email LIKE '%@example.org'", false],
  ["email REGEXP '^john@'", true],
  ["username = 'john_doe' AND attributes.plan IN ('pro', 'team')", true],
  ["attributes.seats > 4", true],
  ["attributes.seats BETWEEN 1 AND 4", false],
  ["4 < attributes.seats", true],
  ["`attributes.cost center` = 'R&D'", true],
  ["attributes.address.city = 'Ulm'", true],
  ["active = 'true'", true],
  ["active != 'false'", true],
  // Another kind than the literal's: as if it were not there.
  ["user_id = '123'", undefined],
  ["user_id != '123'", undefined],
  ["attributes.zip = 12345", undefined],
  ["attributes.zip > 1", undefined],
  ["attributes.zip BETWEEN 1 AND 99999", undefined],
  ["user_id LIKE '1%'", undefined],
  ["user_id NOT REGEXP '^1'", undefined],
  ["user_id IN ('123', 'x')", undefined],
  ["user_id IN ('123', 123)", true],
  ["user_id NOT IN ('123', 4)", true],
  ["attributes.zip BETWEEN '1' AND '2'", true],
  // What is no text, number or truth is not there either.
  ["nothing IS NULL", true],
  ["attributes IS NULL", true],
  ["attributes.list IS NULL", true],
  ["attributes.list.0 IS NULL", true],
  ["missing IS NULL", true],
  ["missing = 'a'", undefined],
  ["NOT missing = 'a'", undefined],
  ["user_id IS NOT NULL", true],
  // Names are those of JSON.
  ["Email IS NULL", true],
  ["weird.name = 'x'", true],
  ["`tags.app.kubernetes.io/name` = 'web'", true],
  ["tags.a.b = 2", true],
  ["constructor IS NULL", true],
  ["`__proto__` IS NULL", true],
  ["email.length IS NULL", true],
  ["attributes.constructor.name IS NULL", true],
];

describe("filters of the lifecycle face", () => {
  for (const [text, truth] of rows) test(text, () => assert.equal(filter(text).truth(read), truth));

  test("print as they parse", () => {
    for (const [text] of rows) {
      const printed = printFilter(filter(text));
      assert.deepEqual(filter(printed).tree, filter(text).tree, printed);
    }
  });

  test("say why they do not match", () => {
    assert.deepEqual(explain(filter("user_id = '123' AND email LIKE '%.org'"), read).reasons, [
      'user_id = "123" is unknown: user_id is 123',
      'email LIKE "%.org" is false: email is "john@example.com"',
    ]);
  });

  const refused: readonly (readonly [string, FilterErrorCode, RegExp])[] = [
    ["`` = 'a'", "unknown_field", /empty name/],
    [`${"a.".repeat(40)}b = 1`, "unknown_field", /no field/],
    ["email = other", "field_comparison", /in quotes: "other"/],
    ["active = true", "field_comparison", /in quotes: "true"/],
    ["a BETWEEN 1 AND '2'", "type_mismatch", /different kinds[^]*expected a number/],
    ["a > 64KB", "invalid_number", /65536/],
    ["a LIKE 5", "type_mismatch", /a pattern is a string/],
    ["a = NULL", "syntax", /IS NULL/],
    ["a =", "syntax", /expected a string or a number/],
  ];
  for (const [text, code, message] of refused) {
    test(`${text.slice(0, 40)} is refused`, () => {
      const parsed = parseFilter(text, paramFields);
      assert.equal(parsed.kind, "error");
      assert.equal(parsed.error.code, code);
      assert.match(formatFilterError(parsed.error, text), message);
    });
  }

  test("a value is compared only with literals of its own kind", () => {
    const field: Field = { name: "x", kind: "any" };
    const value = fc.oneof(fc.constantFrom("a", "b", "1", ""), fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(value, value, fc.boolean(), (given: FilterValue, literal: FilterValue, negated) => {
        const truth = filter(printFilter({ kind: "in", field, negated, values: [literal] })).truth(() => given);
        assert.equal(truth, typeof given === typeof literal ? (given === literal) !== negated : undefined);
      }),
    );
  });
});

const typed = paramFieldsOf({
  sensitive: ["password", "card.number"],
  schema: {
    type: "object",
    properties: {
      email: { type: "string" },
      user_id: { type: "integer" },
      active: { type: "boolean" },
      plan: { enum: ["free", "pro", null] },
      maybe: { type: ["number", "null"] },
      either: { anyOf: [{ type: "string" }, { type: "number" }] },
      card: { type: "object", properties: { brand: { type: "string" }, number: {} }, additionalProperties: false },
      attributes: { type: "object" },
      metadata: { type: "object", additionalProperties: { type: "string" } },
      list: { type: "array" },
    },
    additionalProperties: false,
  },
});

describe("filters over the params of one event type", () => {
  const accepted = [
    "email LIKE '%@example.com'",
    "user_id > 5",
    "active = 'true'",
    "plan IN ('free', 'pro')",
    "maybe <= 0.5",
    "either = 'a' OR either = 1",
    "card.brand = 'x'",
    "attributes.anything.at.all = 1",
    "`metadata.with.dots` = 'x'",
  ];
  for (const text of accepted) {
    test(`${text} means what it means without the type`, () => {
      assert.deepEqual(filter(text, typed).tree, filter(text).tree);
    });
  }

  const refused: readonly (readonly [string, FilterErrorCode, RegExp])[] = [
    ["emial LIKE '%@example.com'", "unknown_field", /did you mean `email`\?/],
    ["Email = 'a'", "unknown_field", /`email`/],
    ["card.nubmer = 'a'", "unknown_field", /no field/],
    ["email.domain = 'a'", "unknown_field", /no field/],
    ["password = 'a'", "unknown_field", /the fields are email, user_id, active, plan, maybe, either, card\.brand/],
    ["card.number = 'a'", "unknown_field", /no field/],
    ["attributes IS NULL", "unknown_field", /attributes\.<name>/],
    ["list = 'a'", "unknown_field", /no field/],
    ["user_id = '5'", "type_mismatch", /write it without quotes: 5/],
    ["user_id = 'five'", "type_mismatch", /user_id is a number[^]*expected a number/],
    ["user_id LIKE '5%'", "type_mismatch", /looks into text, but user_id is a number/],
    ["email = 5", "type_mismatch", /email is text/],
    ["plan = 'por'", "unknown_value", /did you mean "pro"/],
    ["active = 'yes'", "unknown_value", /never "yes"/],
    ["`metadata.a` = 5", "type_mismatch", /is text/],
  ];
  for (const [text, code, message] of refused) {
    test(`${text} is refused`, () => {
      const parsed = parseFilter(text, typed);
      if (parsed.kind === "ok") assert.fail("was accepted");
      assert.equal(parsed.error.code, code);
      assert.match(formatFilterError(parsed.error, text), message);
    });
  }

  const open = paramFieldsOf({
    changeable: ["extra.*"],
    public: ["page.token"],
    schema: {
      type: "object",
      properties: {
        total: { type: "number" },
        extra: { type: "object", properties: { plan: { type: "string" } } },
        anything: { type: "object" },
        address: { $ref: "#/$defs/address" },
        page: { type: "object", properties: { token: { type: "string" } } },
      },
      patternProperties: { "^x_": { type: "number" } },
      anyOf: [{ properties: { paid: { type: "boolean" } } }, { required: ["voucher"] }],
      examples: [{ note: "as seen", nested: { deep: 1 } }],
      $defs: { address: { type: "object", properties: { city: { type: "string" } }, additionalProperties: false } },
    },
  });
  const named = [
    "total > 10",
    "paid = 'true'",
    "voucher = 'a'",
    "note = 'a'",
    "nested.deep = 1",
    "x_1 > 1",
    "page.token = 'a'",
  ];
  for (const text of [
    ...named,
    "address.city = 'Ulm'",
    "extra.plan = 'pro'",
    "extra.other = 1",
    "anything.at.all = 1",
  ]) {
    test(`${text} is of what an open schema names, or says to be free`, () =>
      assert.deepEqual(filter(text, open).tree, filter(text).tree));
  }
  const unknown: readonly (readonly [string, FilterErrorCode, RegExp])[] = [
    ["totl > 10", "unknown_field", /did you mean `total`\?/],
    ["piad = 'true'", "unknown_field", /did you mean `paid`\?/],
    ["address.ctiy = 'Ulm'", "unknown_field", /did you mean `address\.city`\?/],
    ["nested.deeper = 1", "unknown_field", /no field/],
    ["password = 'a'", "unknown_field", /no field/],
    ["x_1 = 'a'", "type_mismatch", /is a number/],
  ];
  for (const [text, code, message] of unknown) {
    test(`${text} is refused, although the schema is open`, () => {
      const parsed = parseFilter(text, open);
      if (parsed.kind === "ok") assert.fail("was accepted");
      assert.equal(parsed.error.code, code);
      assert.match(formatFilterError(parsed.error, text), message);
    });
  }

  test("an open schema has room for everything but what is sensitive", () => {
    const open = paramFieldsOf({
      sensitive: ["pin"],
      schema: { type: "object", properties: { a: { type: "number" } }, additionalProperties: true },
    });
    assert.deepEqual(open.names, ["a", "<name>"]);
    assert.equal(open.resolve("b.c")?.kind, "any");
    for (const hidden of ["pin", "pin.hint", "password", "b.apiKey"])
      assert.equal(open.resolve(hidden), undefined, hidden);
    assert.equal(paramFieldsOf({ schema: { type: "object" } }).resolve("a.b")?.kind, "any");
  });
});
