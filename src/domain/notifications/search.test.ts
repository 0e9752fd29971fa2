import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type FieldType, parseSearch } from "./search.ts";

const fields = {
  status: "text",
  url: "text",
  attempts: "number",
  persistent: "boolean",
  created: "time",
  "policy.retryLimit": "number",
  "policy.saveOnFailure": "boolean",
} as const satisfies Record<string, FieldType>;

type Stored = string | number | boolean | null;

function finds(key: string, value: string, stored: Stored): boolean {
  const [term] = parseSearch({ [key]: value }, fields);
  assert.ok(term);
  return term.test(stored);
}

describe("the names in a search", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["status", "status", "eq"],
    ["STATUS.NEQ", "status", "neq"],
    ["policy.retryLimit", "policy.retryLimit", "eq"],
    ["policy.retrylimit.gte", "policy.retryLimit", "gte"],
    ["Policy.SaveOnFailure.eq", "policy.saveOnFailure", "eq"],
    ["created.Before", "created", "before"],
  ];
  for (const [key, field, op] of rows) {
    it(key, () => {
      const value = field === "created" ? "2026-11-20" : field === "policy.saveOnFailure" ? "true" : "1";
      const terms = parseSearch({ [key]: value }, fields);
      assert.deepEqual(
        terms.map((term) => [term.field, term.op, term.value]),
        [[field, op, value]],
      );
    });
  }

  it("may be said several times, each a term", () => {
    const terms = parseSearch({ "attempts.gt": ["1", "5"], status: "ACTIVE" }, fields);
    assert.deepEqual(
      terms.map(({ field, value }) => `${field} ${value}`),
      ["attempts 1", "attempts 5", "status ACTIVE"],
    );
    assert.deepEqual(parseSearch({}, fields), []);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      "stauts",
      "x",
      /^stauts: is not a field that can be searched\. Did you mean "status"\? There are status, url, attempts/,
    ],
    ["stauts.eq", "x", /^stauts\.eq: is not a field .* Did you mean "status"/],
    ["policy", "x", /^policy: is not a field/],
    ["policy.eq", "x", /^policy\.eq: is not a field/],
    ["", "x", /is not a field/],
    ["constructor", "x", /is not a field/],
    ["__proto__.eq", "x", /is not a field/],
    [
      "status.lik",
      "x",
      /^status\.lik: there is no operator of this name\. Did you mean "like"\? For status there are eq, neq/,
    ],
    ["status.", "x", /there is no operator/],
    ["status.constructor", "x", /there is no operator/],
    ["status.before", "x", /^status\.before: status is a text, which has only eq, .*rlike$/],
    ["attempts.like", "1", /attempts is a number, which has only eq, neq, lt, lte, gt, gte, in, nin, between$/],
    ["persistent.gt", "true", /persistent is a boolean, which has only eq, neq$/],
    ["created.like", "2026*", /created is a time, which has only .* on, before, after$/],
    ["attempts", "", /^attempts: must be a number/],
    ["attempts", "1e9", /must be a number/],
    ["attempts", "0x10", /must be a number/],
    ["attempts", "9".repeat(400), /must be a number/],
    ["attempts.in", "1,,2", /must be a number/],
    ["persistent", "1", /must be true or false/],
    ["persistent", "constructor", /must be true or false/],
    ["created", "yesterday", /must be a moment such as .* or a day such as/],
    ["created", "2026-02-30", /must be a moment/],
    ["created", "2026-11-20T10:30:00", /must be a moment/],
    ["created.after", "2026-11-20T10:30:00 02:00", /write the \+ of its offset as %2B/],
    ["attempts.between", "1", /must be two values with a comma/],
    ["attempts.between", "1,2,3", /must be two values with a comma/],
    ["url.in", ",".repeat(100), /may list at most 100 values/],
    ["url.rlike", "(", /^url\.rlike: is no regular expression of RE2: missing/],
    ["url.rlike", "(?=a)", /RE2 has no lookahead/],
    ["url.rlike", "((a{1000}){1000}){1000}", /too large a pattern/],
    ["url", "x".repeat(2001), /^url: may have at most 2000 characters/],
    ["x".repeat(100_000), "x", /^.{1,500}$/],
  ];
  for (const [key, value, message] of refused) {
    it(`are refused: ${key.slice(0, 30)}=${value.slice(0, 30)}`, () => {
      assert.throws(() => parseSearch({ [key]: value }, fields), { code: "invalid_request", message });
    });
  }

  it("are at most fifty, and their patterns are small together", () => {
    const values = Array.from({ length: 50 }, () => "x");
    assert.equal(parseSearch({ url: values }, fields).length, 50);
    assert.throws(() => parseSearch({ url: [...values, "x"] }, fields), /at most 50/);
    const patterns = Array.from({ length: 3 }, () => "(ab|c){150}");
    assert.throws(() => parseSearch({ "url.rlike": patterns }, fields), /too large/);
    assert.equal(parseSearch({ "url.rlike": patterns.slice(0, 1) }, fields).length, 1);
  });
});

describe("the operators of a search", () => {
  const day = "2026-11-20";
  const noon = "2026-11-20T12:00:00Z";
  const rows: readonly (readonly [string, string, readonly Stored[], readonly Stored[]])[] = [
    ["status", "ACTIVE", ["ACTIVE"], ["active", "", "ACTIVE "]],
    ["status", "", [""], ["A"]],
    ["status.neq", "ACTIVE", ["FAILED", ""], ["ACTIVE"]],
    ["status.lt", "b", ["a", "B", ""], ["b", "c"]],
    ["status.gte", "b", ["b", "c"], ["a"]],
    ["status.in", "A, B", ["A", "B"], ["C", "A, B"]],
    ["status.nin", "A,B", ["C"], ["A", "B"]],
    ["status.between", "b,d", ["b", "c", "d"], ["a", "da", "e"]],
    ["url.like", "*example*", ["https://example.com"], ["https://other.com"]],
    ["url.like", "a*c", ["ac", "abc"], ["abcd", "xac"]],
    ["url.like", "abc", ["abc"], ["abcd"]],
    ["url.like", "100%_\\", ["100%_\\"], ["100xx\\", "100%__"]],
    ["url.like", "*", ["", "x"], []],
    ["url.nlike", "a*", ["b"], ["ab"]],
    ["url.rlike", "^a.c$", ["abc"], ["abcd"]],
    ["url.rlike", "b+", ["abc"], ["ac"]],
    ["attempts", "5", [5], [4, "5"]],
    ["attempts", "-1.50", [-1.5], [1.5]],
    ["attempts.neq", "5", [4], [5]],
    ["attempts.lt", "10", [9], [10, 11]],
    ["attempts.lte", "10", [9, 10], [11]],
    ["attempts.gt", "10", [11], [10, 9]],
    ["attempts.gte", "10", [10, 11], [9]],
    ["attempts.in", "1, 2", [1, 2], [3]],
    ["attempts.between", "2,10", [2, 9, 10], [1, 11]],
    ["attempts.between", "10,2", [], [2, 5, 10]],
    ["persistent", "TRUE", [true], [false, "true"]],
    ["persistent.neq", "true", [false], [true]],
    ["created", noon, [noon, "2026-11-20T14:00:00+02:00", Date.parse(noon)], ["2026-11-20T12:00:01Z", "noon"]],
    ["created", day, ["2026-11-20T00:00:00Z", "2026-11-20T23:59:59.999Z"], ["2026-11-21T00:00:00Z"]],
    ["created.on", day, ["2026-11-20T00:00:00Z", "2026-11-20T23:59:59.999Z"], ["2026-11-19T23:59:59.999Z"]],
    ["created.on", noon, ["2026-11-20T23:59:59.999Z", "2026-11-21T01:00:00+02:00"], ["2026-11-21T00:00:00Z"]],
    ["created.on", "2026-11-21T01:00:00+02:00", ["2026-11-20T12:00:00Z"], ["2026-11-21T12:00:00Z"]],
    ["created.before", noon, ["2026-11-20T11:59:59.999Z"], [noon, "2026-11-20T12:00:00.001Z"]],
    ["created.after", noon, ["2026-11-20T12:00:00.001Z"], [noon, "2026-11-20T11:59:59.999Z"]],
    ["created.before", day, ["2026-11-19T23:59:59.999Z"], ["2026-11-20T00:00:00Z", noon]],
    ["created.after", day, ["2026-11-21T00:00:00Z"], [noon, "2026-11-20T23:59:59.999Z"]],
    ["created.gte", day, ["2026-11-20T00:00:00Z"], ["2026-11-19T23:59:59.999Z"]],
    ["created.lte", day, ["2026-11-20T23:59:59.999Z"], ["2026-11-21T00:00:00Z"]],
    ["created.between", "2026-11-19,2026-11-20", ["2026-11-19T00:00:00Z", noon], ["2026-11-21T00:00:00Z"]],
    ["created.in", "2026-11-18,2026-11-20", ["2026-11-18T05:00:00Z", noon], ["2026-11-19T05:00:00Z"]],
  ];
  for (const [key, value, found, missed] of rows) {
    it(`${key}=${value}`, () => {
      for (const stored of found) assert.ok(finds(key, value, stored), `finds ${String(stored)}`);
      for (const stored of missed) assert.ok(!finds(key, value, stored), `misses ${String(stored)}`);
    });
  }

  it("find nothing where nothing is stored, but for neq, nlike and nin", () => {
    for (const [key, value, ,] of rows) {
      const op = key.split(".").at(-1) ?? "";
      assert.equal(finds(key, value, null), ["neq", "nlike", "nin"].includes(op), key);
    }
    assert.ok(!finds("url.like", "*", null));
    assert.ok(!finds("url.rlike", "", null));
  });

  it("before, on and after share out all moments (property)", () => {
    const moments = fc.date({ min: new Date("1970-01-02"), max: new Date("2100-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(moments, moments, (asked, stored) => {
        const day = asked.toISOString().slice(0, 10);
        const hits = ["before", "on", "after"].filter((op) => finds(`created.${op}`, day, stored.toISOString()));
        assert.equal(hits.length, 1);
        assert.equal(hits[0] === "on", stored.toISOString().startsWith(day));
      }),
    );
  });

  it("have an opposite each (property)", () => {
    const pairs = [
      ["eq", "neq"],
      ["lt", "gte"],
      ["gt", "lte"],
      ["in", "nin"],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.integer(), fc.integer(), ([op, opposite], asked, stored) => {
        const found = finds(`attempts.${op}`, String(asked), stored);
        assert.notEqual(finds(`attempts.${opposite}`, String(asked), stored), found);
      }),
    );
  });

  it("like finds what it is made from (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5 }), { minLength: 1 }), (parts) => {
        const pattern = parts.map((part) => part.replaceAll("*", "")).join("*");
        assert.ok(finds("url.like", pattern, pattern.replaceAll("*", "-%_-")));
        assert.ok(!finds("url.nlike", pattern, pattern.replaceAll("*", "")));
      }),
    );
  });
});
