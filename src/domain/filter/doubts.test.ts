import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { doubtsOf, objectFields, paramFields, parseFilter, type Surroundings } from "./index.ts";

const around: Surroundings = {
  fields: objectFields,
  sinceMs: Date.parse("2026-11-29T00:00:00Z"),
  bucket: "photos",
};

function doubts(text: string, surroundings = around): readonly string[] {
  const parsed = parseFilter(text, surroundings.fields);
  if (parsed.kind === "error") assert.fail(`${text}: ${parsed.error.message}`);
  return doubtsOf(parsed.filter, surroundings);
}

const odd: readonly (readonly [text: string, ...fragments: RegExp[]])[] = [
  // Patterns of other languages.
  ['key REGEXP "/^images/i"', /never true/, /no slashes around/, /REGEXP "\(\?i\)\^images"/],
  [String.raw`key REGEXP "/\.jpg$/"`, /never true/, /no slashes around/, /REGEXP "\\\.jpg\$"/],
  ['key REGEXP "/images/g"', /no slashes around/],
  ['key REGEXP "images/*"', /any number of slashes/],
  ['key REGEXP "^images/%"', /% is an ordinary character/],
  ['key REGEXP "%.jpg"', /% is an ordinary character/],
  [String.raw`key REGEXP "\\.jpg$"`, /a backslash is written once/],
  ['key LIKE "a/*"', /\* is an ordinary character of LIKE/, /"a\/%"/],
  ['key LIKE "img?.jpg"', /\? is an ordinary character/, /"img_.jpg"/],
  ['key LIKE "^images"', /for a pattern write REGEXP/],
  ['key LIKE "images$"', /for a pattern write REGEXP/],
  ['key LIKE "images/"', /LIKE without % or _ is =/, /"images\/%"/],
  ['key NOT LIKE "tmp/"', /LIKE without % or _ is =/],
  ['key LIKE ""', /fits the whole text/],
  ['key = "images/*"', /\* is an ordinary character/, /LIKE "images\/%"/],
  ['key = "images/%"', /% is an ordinary character/],
  ['key != "*.tmp"', /\* is an ordinary character/],
  ['key IN ("a", "b/*")', /\* is an ordinary character/],
  ['key = "^images"', /write REGEXP/],
  ['`Content-Type` = "image/*"', /LIKE "image\/%"/],
  ["`tag:team` = 'a*'", /LIKE "a%"/],
  // Patterns that no text fits.
  ['key REGEXP "a$b"', /never true/, /\$ its end/],
  ['key REGEXP "images^"', /never true/, /\^ is the beginning/],
  ['key REGEXP "(jpg|png)$/"', /never true/],
  // Values that a field never has.
  ['key = ""', /never empty/],
  ['key = "/images/a"', /begin without a slash/],
  ['key LIKE "/images/%"', /begin without a slash/],
  ['key REGEXP "^/images/"', /begin without a slash/],
  ['key LIKE "s3://photos/%"', /without scheme/],
  ['key = "a%20b"', /not URL-encoded: "a b"/],
  ['key LIKE "a%2Fb%"', /not URL-encoded/],
  [`ETag = '"d41d8cd98f00b204e9800998ecf8427e"'`, /without quotes/],
  ['ETag = "D41D8CD98F00B204E9800998ECF8427E"', /lower-case/],
  ['`Content-Type` = "jpg"', /slash/],
  ["size < 0", /never true/, /0 bytes/],
  ["size > 99999999999999", /never true/, /5 TiB/],
  ["size = 1.5", /never true/, /whole/],
  ["key IS NULL", /never true/, /never absent/],
  ['bucket = "other"', /never true/, /always "photos"/],
  ['event_type LIKE "s3:ObjectCreated:%"', /never true/, /"OBJECT_CREATED_PUT" or "OBJECT_DELETED"/],
  ['event_type REGEXP "^ObjectCreated"', /never true/],
  ['last_modified < "2024-01-01T00:00:00Z"', /never true/, /in the past/],
  ['last_modified = "2024-01-01T00:00:00Z"', /never true/, /in the past/],
  // Texts that look like numbers.
  ["`x-amz-meta-n` > '100'", /ordered by character/],
  ["`x-amz-meta-n` BETWEEN '1' AND '9'", /ordered by character/],
  // Conditions that exclude each other.
  ["size BETWEEN 10 AND 1", /never true/, /lower end/],
  ["size > 10 AND size < 5", /never true/],
  ["size > 5 AND size <= 5", /never true/],
  ["size = 1 AND key = 'a' AND size = 2", /never true/],
  ['key = "a" AND key IN ("b", "c")', /never true/],
  ['key LIKE "a%" AND key LIKE "b%"', /never true/],
  ['key REGEXP "^a/" AND key = "b"', /never true/],
  ['key > "b" AND key < "a"', /never true/],
  ["event_type != 'OBJECT_DELETED' AND event_type != 'OBJECT_CREATED_PUT'", /never true/],
  ["event_type = 'OBJECT_DELETED' AND Reason = 'PutObject'", /never true/],
  ["Reason = 'DeleteObject' AND event_type = 'OBJECT_CREATED_PUT'", /never true/],
  ["`tag:a` IS NULL AND `tag:a` = 'b'", /never true/],
  ["key = 'a' OR (size > 1 AND size < 1)", /never true/],
  ["NOT (size > 1 AND size < 1)", /never true/],
  ['key = "c" AND (key = "a" OR size > 1)', /key = "c" AND key = "a" is never true/],
  ['key LIKE "img/%" AND (size > 1 AND key LIKE "doc/%" OR size = 0)', /never true/],
  ["event_type = 'OBJECT_DELETED' AND (key = 'a' OR Reason = 'PutObject')", /never true/],
  // The same by NOT.
  ["NOT size >= 0", /never true/, /0 bytes/],
  ["size NOT BETWEEN 0 AND 9007199254740991", /never true/, /0 bytes/],
  ["NOT (size < 10 OR size > 5)", /never true/],
  ['key NOT LIKE "%"', /never true/, /every text fits/],
  ['NOT key LIKE "%%"', /never true/, /every text fits/],
  ['key NOT REGEXP ".*"', /never true/, /every text fits/],
  ['key NOT REGEXP ""', /never true/],
  ['key = "a" AND NOT key = "a"', /never true/],
  ['key = "a" AND NOT (size > 1 OR key LIKE "a%")', /never true/],
  ['NOT (key != "a" OR key != "b")', /never true/],
  ["NOT (event_type = 'OBJECT_DELETED' OR event_type = 'OBJECT_CREATED_PUT')", /never true/],
  ["NOT key IS NOT NULL", /never true/, /never absent/],
  ["size > 5 AND size < 6", /never true/, /whole/],
  ["ORDER BY key", /changes nothing/],
];

const plain: readonly string[] = [
  "",
  'NOT key LIKE "tmp/%" AND NOT key REGEXP "^$"',
  'NOT (key = "a" AND key REGEXP "^a")',
  "NOT (size < 5 OR size > 5)",
  "size NOT BETWEEN 1 AND 9007199254740991 AND size > -1",
  "size >= 5 AND size < 6",
  'key REGEXP "^images"',
  'key REGEXP "^images/"',
  String.raw`key REGEXP "^agent-[0-9]+/output/.*\.(json|csv)$" AND key NOT REGEXP "(?i)draft"`,
  'key REGEXP "/images/"',
  'key REGEXP "(?m)a$\nb"',
  'key REGEXP "^$|a"',
  String.raw`key REGEXP "100%\.txt"`,
  String.raw`key LIKE "100\% sure/%" OR key LIKE "C:\logs!_%" ESCAPE "!"`,
  'key LIKE "logs/____-__-__.txt"',
  'key LIKE "2024%01"',
  `key = "the ""final"" version.txt" OR key = 'it''s [1].txt'`,
  'key = "100% sure"',
  '`Content-Type` >= "text/c" AND `Content-Type` < "text/j"',
  "`Content-Type` IN ('image/png', 'image/jpeg') AND `Content-Length` > 65536",
  'ETag = "d41d8cd98f00b204e9800998ecf8427e-3"',
  "size BETWEEN 1 AND 1 AND size >= 1 AND size <= 1",
  "size >= 0 AND size <= 5497558138880",
  'event_type = "OBJECT_DELETED" AND Reason IN ("DeleteObject", "DeleteObjects")',
  'event_type LIKE "OBJECT_%"',
  'bucket LIKE "ph%"',
  'last_modified > "2024-01-01T00:00:00Z" AND last_modified < "2999-01-01T00:00:00Z"',
  "`tag:status` IS NULL OR `tag:status` != 'draft'",
  'key LIKE "a%" AND key LIKE "ab%" AND key > "ab" AND key REGEXP "^a"',
  'key LIKE "a%" OR key LIKE "b%"',
  'size > 5 AND (key LIKE "a%" OR key LIKE "b%") AND (key LIKE "a%" OR key LIKE "c%")',
  "`x-amz-meta-n` = '100' AND `x-amz-meta-d` > '2024-01-01'",
];

describe("what may not do as it was meant gets a warning", () => {
  for (const [text, ...fragments] of odd) {
    test(text, () => {
      const warnings = doubts(text);
      assert.equal(warnings.length > 0, true, "no warning");
      for (const fragment of fragments) assert.match(warnings.join("\n"), fragment);
    });
  }

  test("over params, whatever they are called", () => {
    const params = { fields: paramFields };
    assert.match(doubts('email LIKE "*@example.com"', params).join(), /"%@example.com"/);
    assert.match(doubts('email REGEXP "/@example/i"', params).join(), /no slashes around/);
    assert.match(doubts("seats BETWEEN 5 AND 1", params).join(), /never true/);
    assert.match(doubts("plan = 'a' AND plan = 'b'", params).join(), /never true/);
    assert.deepEqual(doubts("key = '/a' AND size < 0 AND bucket = ''", params), []);
  });

  test("ten times at the most, in short", () => {
    const terms = Array.from({ length: 100 }, (_, index) => `key = "${"x".repeat(60)}${index}*"`);
    const warnings = doubts(terms.join(" OR "));
    assert.equal(warnings.length, 10);
    const list = Array.from({ length: 200 }, (_, index) => `"${"x".repeat(30)}${index}*"`);
    const [first = ""] = doubts(`key IN (${list.join(", ")})`);
    assert.ok(first.length < 500, String(first.length));
  });

  test("without asking costly patterns of many values", () => {
    const values = Array.from({ length: 200 }, (_, index) => `'${"ab".repeat(12)}${index}'`).join(", ");
    const costly = `key IN (${values}) AND key REGEXP "[ab]{400}c"`;
    assert.deepEqual(doubts(costly), []);
  });
});

describe("what may well be meant is not", () => {
  for (const text of plain) test(text, () => assert.deepEqual(doubts(text), []));
});
