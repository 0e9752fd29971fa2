import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SignalboxError } from "../../errors.ts";
import type { FilterErrorCode } from "./filter-error-code.ts";
import { type FilterError, formatFilterError, objectFields, parseFilter, readFilter } from "./index.ts";

function errorOf(text: string): FilterError {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "ok") assert.fail(`was accepted: ${text}`);
  return parsed.error;
}

type Row = readonly [text: string, place: `${number}:${number}`, code: FilterErrorCode, ...fragments: RegExp[]];

const rows: readonly Row[] = [
  ["WHERE", "1:1", "empty_where", /without a condition/, /leave the filter empty/],
  ["WHERE ORDER BY key", "1:1", "empty_where"],
  ["ORDER BY -size", "1:10", "syntax", /DESC behind the field/],
  ["ORDER BY RAND()", "1:10", "unknown_field", /no functions/],
  ["ORDER BY size NULLS LAST", "1:15", "syntax", /comes last/],
  ["SORT BY size", "1:1", "unknown_field", /ORDER BY/],
  ["key = 'a' ORDER key", "1:17", "syntax", /expected BY/],
  ["key = 'a' ORDER BY", "1:19", "syntax", /end of the filter/, /expected a field/],
  ["key = 'a' ORDER BY nope", "1:20", "unknown_field"],
  ["WHERE WHERE key = 'a'", "1:7", "syntax", /unexpected WHERE/],
  ["SELECT * FROM x", "1:1", "unknown_field", /no field SELECT/, /starts at WHERE/],
  ["SELECT key WHERE key = 'a'", "1:1", "unknown_field", /starts at WHERE/],
  ["key = 'a' GROUP BY key", "1:11", "syntax", /nothing to group/],
  ["images/*", "1:1", "unknown_field", /key LIKE "images\/%"/],
  ['{"key": "a"}', "1:1", "syntax", /no JSON/],
  // Functions, arithmetic, parameters.
  ["LOWER(key) = 'a'", "1:1", "unknown_field", /no functions/, /\(\?i\)/],
  ["key = UPPER('a')", "1:7", "field_comparison", /no functions/],
  ["LENGTH(key) > 3", "1:1", "unknown_field", /no functions/],
  ["SUBSTR(key, 1, 3) = 'abc'", "1:1", "unknown_field", /no functions/, /LIKE/],
  ["last_modified > NOW() - INTERVAL 1 DAY", "1:17", "field_comparison", /no functions/, /written out/],
  ["last_modified > DATE '2024-01-01'", "1:17", "field_comparison", /literal alone/],
  ["EXISTS(key)", "1:1", "unknown_field", /IS NOT NULL/],
  ["size > 10 * 1024", "1:11", "syntax", /no arithmetic/],
  ["size > 1+1", "1:9", "syntax", /no arithmetic/],
  ["size > 1,000", "1:9", "syntax", /digits/],
  ["key = ?", "1:7", "syntax", /no parameters/],
  ["key = :key", "1:7", "syntax", /no parameters/],
  ["key = $1", "1:7", "syntax", /no parameters/],
  // Operators of others.
  ["key <=> 'a'", "1:7", "syntax", /write =/],
  ["key =~ 'a'", "1:6", "syntax", /REGEXP/],
  ["key !~ 'a'", "1:5", "syntax", /NOT REGEXP/],
  ["key GLOB 'a/*'", "1:5", "syntax", /LIKE/, /% is any text/],
  ["key STARTS WITH 'a'", "1:5", "syntax", /LIKE "text%"/],
  ["key NOT ILIKE 'a'", "1:9", "syntax", /\(\?i\)/],
  ["key eq 'a'", "1:5", "syntax", /write =/],
  ["key IS NOT 'a'", "1:12", "syntax", /write !=/],
  ["key NOT NULL", "1:9", "syntax", /IS NOT NULL/],
  ["key ISNULL", "1:5", "syntax", /IS NULL/],
  ["key = ANY('a')", "1:7", "field_comparison", /write IN/],
  ["key = 'a', size = 1", "1:10", "syntax", /joined by AND/],
  ["key REGEXP '^a' i", "1:17", "syntax", /\(\?i\)/],
  ["key LIKE 'a' COLLATE nocase", "1:14", "syntax", /\(\?i\)/],
  ["key", "1:4", "syntax", /unexpected end/, /expected =, !=/],
  ["key NOT = 'a'", "1:9", "syntax", /expected IN, LIKE, REGEXP or BETWEEN/],
  ["NOT", "1:4", "syntax", /expected a field, NOT or \(/],
  ["key = 'a' AND", "1:14", "syntax", /unexpected end/],
  ["key = 'a' key = 'b'", "1:11", "syntax", /expected AND, OR or the end/],
  ["key = 'a' && size = 1", "1:11", "syntax", /write AND/],
  ["key = 'a' || size = 1", "1:11", "syntax", /write OR/],
  ["!key = 'a'", "1:1", "syntax", /write NOT/],
  ["key == 'a'", "1:5", "syntax", /write =/],
  ["key ~ 'a'", "1:5", "syntax", /write REGEXP/],
  ["key ILIKE 'a'", "1:5", "syntax", /\(\?i\)/],
  ["key = 'a' LIMIT 1", "1:11", "syntax", /nothing to limit/],
  ["key = 'a';", "1:10", "syntax", /semicolon/],
  ["key = 'a' -- note", "1:11", "syntax", /comments/],
  ["(key = 'a'", "1:11", "syntax", /expected \), AND or OR/],
  ["key = 'a')", "1:10", "syntax", /closes nothing/],
  ["()", "1:2", "syntax", /unexpected \)/],
  ["key IN 'a'", "1:8", "syntax", /expected \(/, /in parentheses/],
  ["key IN ['a']", "1:8", "syntax", /in parentheses/],
  ["key IN {'a'}", "1:8", "syntax", /in parentheses/],
  ["[key] = 'a'", "1:1", "syntax", /in backticks/],
  ["key IN ()", "1:9", "syntax", /expected a string/],
  ["key IN ('a'", "1:12", "syntax", /expected \) or ,/],
  ["key IN ('a',)", "1:13", "syntax", /expected a string/],
  ["size BETWEEN 1", "1:15", "syntax", /expected AND/],
  ["size BETWEEN 1, 2", "1:15", "syntax", /joined by AND/],
  ["size BETWEEN 1 TO 2", "1:16", "syntax", /joined by AND/],
  ["size BETWEEN (1, 2)", "1:14", "syntax", /joined by AND/],
  ["key IS 'a'", "1:8", "syntax", /expected NULL or NOT NULL/],
  ["key = NULL", "1:7", "syntax", /IS NULL/],
  ["1 = 1", "1:5", "syntax", /expected a field/],
  ["'a' IN (key)", "1:5", "syntax", /field stands on the left/],
  // Fields.
  ["kye = 'a'", "1:1", "unknown_field", /no field kye/, /did you mean `key`/],
  ["`content-lenght` > 1", "1:1", "unknown_field", /`Content-Length`/],
  ["foo = 1", "1:1", "unknown_field", /the fields are key, Content-Type/, /tag:<key>/],
  ["`` = 'a'", "1:1", "unknown_field", /empty name/],
  ["`x-amz-meta-` = 'a'", "1:1", "unknown_field"],
  [`"OBJECT_DELETED" = "Event-Type"`, "1:1", "unknown_field", /'OBJECT_DELETED'/],
  [`'Event-Type' = "OBJECT_DELETED"`, "1:16", "syntax", /a field is written `Event-Type`/],
  ["'key' = 'a'", "1:9", "syntax", /a field is written `key`/],
  ["object.key = 'a'", "1:1", "unknown_field", /did you mean `key`/],
  ["eventName = 'a'", "1:1", "unknown_field", /did you mean `Event-Type`/],
  ["filename = 'a'", "1:1", "unknown_field", /did you mean `key`/],
  ["tags.status = 'a'", "1:1", "unknown_field", /`tag:<key>`/],
  ["metadata.owner = 'a'", "1:1", "unknown_field", /`x-amz-meta-<name>`/],
  ["key = images", "1:7", "field_comparison", /"images"/],
  ["key = `bucket`", "1:7", "field_comparison", /another field/],
  ["key IN (bucket)", "1:9", "field_comparison"],
  ["key REGEXP bucket", "1:12", "field_comparison"],
  // Types.
  ["key > 5", "1:7", "type_mismatch", /key is text/, /"5"/],
  ["5 < key", "1:1", "type_mismatch", /key is text/],
  ["key REGEXP 5", "1:12", "type_mismatch", /a pattern is a string/],
  ["size = 'big'", "1:8", "type_mismatch", /Content-Length is a number/],
  ["size = '64KB'", "1:8", "type_mismatch", /65536/],
  ["size = ''", "1:8", "type_mismatch"],
  ["size REGEXP '1'", "1:6", "type_mismatch", /Content-Length is a number/],
  ["last_modified NOT LIKE '2024%'", "1:19", "type_mismatch", /Last-Modified is a time/],
  ["size > 64KB", "1:8", "invalid_number", /65536/],
  ["size > 1.5MiB", "1:8", "invalid_number", /1572864/],
  ["size > 64 KB", "1:11", "syntax", /65536/],
  ["size > 1e6", "1:8", "invalid_number", /exponent/],
  ["size > 1_000", "1:8", "invalid_number", /1000/],
  ["size > .5", "1:8", "syntax", /0\.5/],
  ["size > 9007199254740992", "1:8", "invalid_number", /9007199254740991/],
  ["size > 0.1234567890123456", "1:8", "invalid_number", /15 digits/],
  ["size > 1.2.3", "1:8", "invalid_number"],
  // Times.
  ["last_modified > '2024-06-23'", "1:17", "invalid_time", /"2024-06-23T00:00:00Z"/],
  ["last_modified > '2024-06-23T10:38:46'", "1:17", "invalid_time", /time zone/],
  ["last_modified > '2024-02-30T00:00:00Z'", "1:17", "invalid_time", /not a time/],
  ["last_modified > '2023-02-29T00:00:00Z'", "1:17", "invalid_time"],
  ["last_modified > '2024-06-23T24:00:00Z'", "1:17", "invalid_time"],
  ["last_modified > '2024-06-23T10:60:00Z'", "1:17", "invalid_time"],
  ["last_modified > '2024-06-23T10:00:00+24:00'", "1:17", "invalid_time"],
  ["last_modified > 'yesterday'", "1:17", "invalid_time", /RFC 3339/],
  ["last_modified > '1715171786789'", "1:17", "invalid_time", /without quotes/],
  ["last_modified > 1715171786", "1:17", "invalid_time", /seconds/, /1715171786000/],
  ["last_modified > 1.5", "1:17", "invalid_time", /whole number/],
  // Values that never occur.
  [`"Event-Type" = "OBJECT_DELETE"`, "1:16", "unknown_value", /did you mean "OBJECT_DELETED"/],
  ["event_type != 'object_deleted'", "1:15", "unknown_value", /"OBJECT_DELETED"/],
  [
    "event_type IN ('OBJECT_DELETED', 's3:ObjectCreated:*')",
    "1:34",
    "unknown_value",
    /expected "OBJECT_CREATED_PUT" or/,
    /write "OBJECT_CREATED_PUT"/,
  ],
  ["event_type = 's3:ObjectRemoved:Delete'", "1:14", "unknown_value", /write "OBJECT_DELETED"/],
  ["event_type = 'OBJECT_CREATED_COPY'", "1:14", "unknown_value", /Reason = "CopyObject"/],
  ["event_type = 'OBJECT_CREATED_MULTIPART'", "1:14", "unknown_value", /Reason = "CompleteMultipartUpload"/],
  ["event_type = 'OBJECT_RENAME'", "1:14", "unknown_value", /of the old key/],
  ["Reason = 'PatchObject'", "1:10", "unknown_value", /"PutObject"/],
  // Quotes.
  ["key = 'abc", "1:7", "unterminated", /no closing '/, /twice/],
  ["`key = 'abc'", "1:1", "unterminated", /field name/],
  [String.raw`key = "a\"b"`, "1:11", "syntax", /within a string " is written ""/],
  ["key = “a”", "1:7", "syntax", /typographic/],
  ["key REGEXP ^images", "1:12", "syntax", /put them in quotes/],
  // Patterns; the place is within the literal where it can be known.
  ["key REGEXP 'it''s (?=x)'", "1:19", "invalid_regex", /\(\?=/, /no lookahead/],
  ["key REGEXP '(?<!x)a'", "1:13", "invalid_regex", /no lookahead or lookbehind/],
  [String.raw`key REGEXP "(a)\1"`, "1:16", "invalid_regex", /no backreferences/],
  ["key REGEXP 'ab++c'", "1:15", "invalid_regex", /possessive/],
  ["key REGEXP 'a)'", "1:13", "invalid_regex", /unexpected \)/],
  ["key REGEXP '*a'", "1:13", "invalid_regex", /nothing before it to repeat/],
  ["key REGEXP '*.jpg'", "1:13", "invalid_regex", /any text is \.\*/],
  ["key REGEXP 'x[z-a]'", "1:15", "invalid_regex", /z-a/],
  ["key REGEXP 'a(b'", "1:13", "invalid_regex", /missing closing \)/],
  ["key REGEXP '[a'", "1:13", "invalid_regex", /missing closing \]/],
  [String.raw`key REGEXP 'a\'`, "1:13", "invalid_regex", /trailing backslash/],
  ["key REGEXP 'a{1001}'", "1:14", "invalid_regex", /up to 1000/],
  [String.raw`key LIKE "C:\temp"`, "1:13", "invalid_like", /ESCAPE/],
  [String.raw`key LIKE 'a\'`, "1:12", "invalid_like"],
  ["key LIKE 'a!b' ESCAPE '!'", "1:12", "invalid_like"],
  ["key LIKE 'a' ESCAPE '!!'", "1:21", "invalid_like", /one character/],
  // Lines of every kind; a character outside the BMP is one column.
  ["key = 'a'\nAND foo = 1", "2:5", "unknown_field"],
  ["key = 'a'\r\nAND\r  foo = 1", "3:3", "unknown_field"],
  ["key = '😀😀' foo", "1:12", "syntax"],
];

describe("errors", () => {
  for (const [text, place, code, ...fragments] of rows) {
    test(text, () => {
      const error = errorOf(text);
      const shown = formatFilterError(error, text);
      assert.equal(error.code, code, shown);
      assert.equal(`${error.line}:${error.column}`, place, shown);
      for (const fragment of fragments) assert.match(shown, fragment);
      assert.notEqual(error.message, "");
      const { offset, length } = error;
      assert.ok(length >= 0 && offset + length <= text.length, `${offset} + ${length}`);
      assert.equal(length === 0, offset === text.length);
    });
  }
});

describe("what an error marks", () => {
  const marked: readonly (readonly [text: string, marked: string])[] = [
    ["kye = 'a'", "kye"],
    ["size > 64KB", "64KB"],
    ["key = 'a' AND", ""],
    ["WHERE", "WHERE"],
    ["`Event-Type` = 'OBJECT_GONE'", "'OBJECT_GONE'"],
    ["key = 'abc OR size = 1", "'abc OR size = 1"],
    ["key REGEXP 'it''s (?=x)'", "("],
    ["key REGEXP '[😀-a]'", "😀"],
    ["key = 'a')", ")"],
    [`key = 'a' AND ${"x".repeat(8179)}`, "x"],
    [`key LIKE '${"a".repeat(1001)}'`, `'${"a".repeat(1001)}'`],
  ];
  for (const [text, part] of marked) {
    test(text.slice(0, 40), () => {
      const { offset, length } = errorOf(text);
      assert.equal(text.slice(offset, offset + length), part);
    });
  }
  test("and all else that it says is told to programs, too", () => {
    assert.throws(
      () => readFilter("WHERE kye = 1", objectFields),
      (error) => {
        assert.ok(error instanceof SignalboxError);
        assert.deepEqual(error.data, {
          code: "unknown_field",
          message: "there is no field kye",
          line: 1,
          column: 7,
          offset: 6,
          length: 3,
          expected: [],
          hint: "did you mean `key`?",
        });
        return true;
      },
    );
  });
});

describe("formatFilterError", () => {
  test("shows the line, a caret under the place, what was expected and the hint", () => {
    const text = 'WHERE key REGEXP "^images"\n  AND\tsize > 64KB OR key = "b"';
    assert.equal(
      formatFilterError(errorOf(text), text),
      [
        "line 2, column 14: 64KB is not a number",
        '    AND size > 64KB OR key = "b"',
        "               ^",
        "expected a number",
        "hint: sizes are written in bytes, without a unit: 65536",
      ].join("\n"),
    );
  });
  test("cuts long lines around the place", () => {
    const text = `${"key = '😀' AND ".repeat(100)}nope = 1${" AND key = 'a'".repeat(100)}`;
    const [, line = "", caret = ""] = formatFilterError(errorOf(text), text).split("\n");
    assert.ok(Array.from(line).length <= 104, line);
    assert.ok(line.startsWith("  …") && line.endsWith("…"), line);
    assert.equal(
      Array.from(line)
        .slice(caret.length - 1)
        .join("")
        .slice(0, 4),
      "nope",
    );
  });
  test("offset is an index into the text", () => {
    const text = "key = '😀' AND nope = 1";
    assert.equal(errorOf(text).offset, text.indexOf("nope"));
  });
  test("is short for a huge text and a huge word", () => {
    for (const text of [
      "x".repeat(10_000_000),
      `${"x".repeat(8000)} = 1`,
      `key = ${"y".repeat(8000)}`,
      "'".repeat(8191),
    ]) {
      assert.ok(formatFilterError(errorOf(text), text).length < 1000);
    }
  });
});
