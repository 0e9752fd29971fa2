import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { printFilter } from "../../../test/support/filters.ts";
import { type Filter, objectFields, parseFilter, type ReadField } from "./index.ts";
import type { FilterValue } from "./tree.ts";

function filter(text: string): Filter {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(`${text}: ${parsed.error.code} ${parsed.error.message}`);
  return parsed.filter;
}

function reading(fields: Readonly<Record<string, FilterValue>>): ReadField {
  return (name) => fields[name];
}

/** TRUE, FALSE and UNKNOWN, as conditions on an event that has a key but no ETag. */
const words = { T: 'key = "k"', F: 'key = "other"', U: 'ETag = "e"' } as const;
const values = { T: true, F: false, U: undefined } as const;
type Letter = keyof typeof words;
const read = reading({ key: "k", "Content-Length": 10 });

describe("three-valued logic", () => {
  const tables: Readonly<Record<"AND" | "OR", readonly string[]>> = {
    AND: ["TTT", "TFF", "TUU", "FTF", "FFF", "FUF", "UTU", "UFF", "UUU"],
    OR: ["TTT", "TFT", "TUT", "FTT", "FFF", "FUU", "UTT", "UFU", "UUU"],
  };
  for (const [operator, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const [left, right, result] = Array.from(row) as [Letter, Letter, Letter];
      test(`${left} ${operator} ${right} is ${result}`, () => {
        assert.equal(filter(`${words[left]} ${operator} ${words[right]}`).truth(read), values[result]);
      });
    }
  }
  for (const row of ["TF", "FT", "UU"]) {
    const [inner, result] = Array.from(row) as [Letter, Letter];
    test(`NOT ${inner} is ${result}`, () => {
      assert.equal(filter(`NOT ${words[inner]}`).truth(read), values[result]);
    });
  }
  test("only TRUE matches", () => {
    assert.equal(filter(words.U).matches(read), false);
    assert.equal(filter(`NOT ${words.U}`).matches(read), false);
  });
  for (const predicate of [
    'ETag != "e"',
    'ETag NOT IN ("e")',
    'ETag NOT LIKE "e%"',
    'ETag NOT REGEXP "e"',
    'ETag NOT BETWEEN "a" AND "b"',
    "`x-amz-meta-a` > '1'",
  ]) {
    test(`of an absent field ${predicate} is unknown`, () => assert.equal(filter(predicate).truth(read), undefined));
  }
  test("IS NULL is never unknown", () => {
    assert.equal(filter("ETag IS NULL").truth(read), true);
    assert.equal(filter("ETag IS NOT NULL").truth(read), false);
    assert.equal(filter("key IS NULL").truth(read), false);
    assert.equal(filter("key IS NOT NULL").truth(read), true);
  });
  test("an empty text is present", () => assert.equal(filter('key = ""').truth(reading({ key: "" })), true));
  test("a value that is not of the field's type counts as absent", () => {
    assert.equal(filter("size >= 0").truth(reading({ "Content-Length": "12" })), undefined);
    assert.equal(filter("size >= 0").truth(reading({ "Content-Length": Number.NaN })), undefined);
    assert.equal(filter('key != "a"').truth(reading({ key: 5 })), undefined);
  });
});

describe("what a filter means", () => {
  const rows: readonly (readonly [string, Readonly<Record<string, FilterValue>>, boolean])[] = [
    ["", {}, true],
    [" \n\t", {}, true],
    // Precedence: NOT before AND before OR.
    ['key = "a" OR key = "b" AND size = 1', { key: "a", "Content-Length": 2 }, true],
    ['(key = "a" OR key = "b") AND size = 1', { key: "a", "Content-Length": 2 }, false],
    ['NOT key = "a" AND size = 1', { key: "b", "Content-Length": 1 }, true],
    ['NOT (key = "a" AND size = 1)', { key: "a", "Content-Length": 2 }, true],
    ["NOT NOT size = 1", { "Content-Length": 1 }, true],
    // Keywords and names in any case.
    ['where KEY regexp "^a" and Not SIZE in (1, 2)', { key: "ab", "Content-Length": 3 }, true],
    ['content-type = "a"', { "Content-Type": "a" }, true],
    [
      'content_type = "a" AND event_type = "OBJECT_DELETED"',
      { "Content-Type": "a", "Event-Type": "OBJECT_DELETED" },
      true,
    ],
    // Ranges include both ends.
    ["size BETWEEN 1 AND 3", { "Content-Length": 1 }, true],
    ["size BETWEEN 1 AND 3", { "Content-Length": 3 }, true],
    ["size BETWEEN 3 AND 1", { "Content-Length": 2 }, false],
    ["size NOT BETWEEN 1 AND 3", { "Content-Length": 4 }, true],
    ["size BETWEEN 1 AND 3 AND key = 'a'", { "Content-Length": 2, key: "a" }, true],
    // Numbers.
    ["size <> 5", { "Content-Length": 6 }, true],
    ["size > -1.5", { "Content-Length": -1 }, true],
    ["size = +05", { "Content-Length": 5 }, true],
    ['size = "1024"', { "Content-Length": 1024 }, true],
    ["size = -0", { "Content-Length": 0 }, true],
    ["size = 9007199254740991", { "Content-Length": 9007199254740991 }, true],
    ["1024 < size", { "Content-Length": 1025 }, true],
    ["1024 < size", { "Content-Length": 1024 }, false],
    ["1024 <= size", { "Content-Length": 1024 }, true],
    ["1024 <= size", { "Content-Length": 1023 }, false],
    ["1024 > size", { "Content-Length": 1023 }, true],
    ["1024 > size", { "Content-Length": 1024 }, false],
    ["1024 >= size", { "Content-Length": 1024 }, true],
    ["1024 >= size", { "Content-Length": 1025 }, false],
    ["1024 != size", { "Content-Length": 1025 }, true],
    ["'a' = \"key\"", { key: "a" }, true],
    // Text is ordered by code point: U+FFFD before U+1F600, upper case before lower, a prefix before what it starts.
    ['key < "😀"', { key: "\ufffd" }, true],
    ['key > "\ufffd"', { key: "😀" }, true],
    ['key < "😁"', { key: "😀" }, true],
    ['key < "a"', { key: "Z" }, true],
    ['key < "ab"', { key: "a" }, true],
    ['key <= "a"', { key: "a" }, true],
    ['key = "É"', { key: "é" }, false],
    // Instants.
    ['last_modified = "2024-05-08T12:36:26.789Z"', { "Last-Modified": 1715171786789 }, true],
    ['last_modified = "2024-05-08t14:36:26.789+02:00"', { "Last-Modified": 1715171786789 }, true],
    ['last_modified = "2024-05-07 23:06:26.7890-13:30"', { "Last-Modified": 1715171786789 }, true],
    ['last_modified > "2024-05-08T12:36:26.7890001Z"', { "Last-Modified": 1715171786789 }, false],
    ['last_modified < "2024-05-08T12:36:26.7890001Z"', { "Last-Modified": 1715171786789 }, true],
    ['last_modified = "2016-12-31T23:59:60Z"', { "Last-Modified": Date.UTC(2017, 0, 1) }, true],
    ['last_modified > "0001-01-01T00:00:00Z"', { "Last-Modified": -62135596799999 }, true],
    ["last_modified >= 0", { "Last-Modified": 0 }, true],
    // User metadata ignores the case of the name, tags do not.
    ["`X-Amz-Meta-Owner` = 'me'", { "x-amz-meta-owner": "me" }, true],
    ["x-amz-meta-owner = 'me'", { "x-amz-meta-owner": "me" }, true],
    ["`TAG:Team` = 'x'", { "tag:Team": "x" }, true],
    ["`tag:team` = 'x'", { "tag:Team": "x" }, false],
    ["`tag:a``b` = 'x'", { "tag:a`b": "x" }, true],
  ];
  for (const [text, fields, expected] of rows) {
    test(`${text} of ${JSON.stringify(fields)}`, () => assert.equal(filter(text).matches(reading(fields)), expected));
  }
});

describe("quotes go by position", () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      `key REGEXP "^images" AND "Content-Length" > 1048576 AND "Event-Type" = 'OBJECT_DELETED'`,
      'WHERE key REGEXP "^images" AND `Content-Length` > 1048576 AND `Event-Type` = "OBJECT_DELETED"',
    ],
    [`"key" = "key"`, 'WHERE key = "key"'],
    ["`key` = 'key'", 'WHERE key = "key"'],
    [`"key" IN ("key", 'key')`, 'WHERE key IN ("key", "key")'],
    [`"key" BETWEEN "key" AND "size" AND "size" = 1`, 'WHERE key BETWEEN "key" AND "size" AND `Content-Length` = 1'],
    [`NOT ("key" LIKE "key")`, 'WHERE NOT key LIKE "key"'],
    [`key = "say ""hi"""`, 'WHERE key = "say ""hi"""'],
    [`key = 'it''s "here"'`, 'WHERE key = "it\'s ""here"""'],
    [String.raw`key = "a\" AND size = 1`, String.raw`WHERE key = "a\" AND ${"`Content-Length`"} = 1`],
    [`key = "two\nlines"`, 'WHERE key = "two\nlines"'],
  ];
  for (const [text, canonical] of rows) {
    test(text, () => assert.equal(printFilter(filter(text)), canonical));
  }
});

describe("LIKE", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['"images/%"', "images/a", true],
    ['"images/%"', "x/images/a", false],
    ['"%.jpg"', "a.jpg", true],
    ['"%.jpg"', "a.jpg.gz", false],
    ['"%cat%"', "a cat b", true],
    ['"cat"', "cat", true],
    ['"cat"', "cats", false],
    ['""', "", true],
    ['"%"', "", true],
    ['"_"', "", false],
    ['"_"', "😀", true],
    ['"a_c"', "a\nc", true],
    ['"a%b%c"', "a1b2c", true],
    ['"a%b%c"', "acb", false],
    ['"a%a"', "a", false],
    ['"%ab%ab%"', "xabx", false],
    ['"_%_"', "ab", true],
    ['"_%_"', "a", false],
    [String.raw`"100\%"`, "100%", true],
    [String.raw`"100\%"`, "1000", false],
    [String.raw`"a\_b"`, "axb", false],
    [String.raw`"a\\b"`, "a\\b", true],
    ['"100!%%" ESCAPE "!"', "100% sure", true],
    [String.raw`"C:\temp%" ESCAPE '!'`, "C:\\temp\\a", true],
    [String.raw`"C:\%" ESCAPE ''`, "C:\\temp", true],
    ['"50%%" ESCAPE "%"', "50%", true],
    ['"%%%%" ESCAPE "%"', "%%", true],
    ['"a.c"', "abc", false],
  ];
  for (const [pattern, key, expected] of rows) {
    test(`${JSON.stringify(key)} LIKE ${pattern}`, () => {
      assert.equal(filter(`key LIKE ${pattern}`).truth(reading({ key })), expected);
      assert.equal(filter(`key NOT LIKE ${pattern}`).truth(reading({ key })), !expected);
    });
  }
});

describe("REGEXP", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["report", "my-report.csv", true],
    ["^report$", "report", true],
    ["^report$", "report\n", false],
    ["^$", "", true],
    ["", "anything", true],
    ["(?i)\\.JPE?G$", "a.jpeg", true],
    ["^(a|b)/[0-9]{3,5}\\.csv$", "b/1234.csv", true],
    ["^(a|b)/[0-9]{3,5}\\.csv$", "b/12.csv", false],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["^.$", "😀", true],
    ["\\p{Greek}", "α", true],
    ["\\Qa.b\\E", "axb", false],
    ["a{2}", "aa", true],
    ["x*", "", true],
  ];
  for (const [pattern, key, expected] of rows) {
    test(`${JSON.stringify(key)} REGEXP ${JSON.stringify(pattern)}`, () => {
      assert.equal(filter(`key REGEXP "${pattern}"`).truth(reading({ key })), expected);
      assert.equal(filter(`key NOT REGEXP '${pattern}'`).truth(reading({ key })), !expected);
    });
  }
});
