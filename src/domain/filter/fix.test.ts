import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fixOf } from "./fix.ts";
import { objectFields, paramFields, parseFilter } from "./index.ts";

function fixed(text: string, catalog = objectFields): string | undefined {
  const parsed = parseFilter(text, catalog);
  if (parsed.kind === "ok") return assert.fail(`was accepted: ${text}`);
  const fix = fixOf(text, parsed.error, catalog);
  return fix === undefined ? undefined : text.slice(0, fix.from) + fix.text + text.slice(fix.to);
}

const rows: readonly (readonly [text: string, fixed: string | undefined])[] = [
  ["WHERE size > 64KB", "WHERE size > 65536"],
  ["size = '64KB'", "size = 65536"],
  ["kye = 'a'", "key = 'a'"],
  ["filename = 'a'", "key = 'a'"],
  ["`content-lenght` > 1", "`Content-Length` > 1"],
  ["`Event-Type` = 'OBJECT_DELETE'", '`Event-Type` = "OBJECT_DELETED"'],
  ["`Event-Type` = 'object_deleted'", '`Event-Type` = "OBJECT_DELETED"'],
  ["key > 5", 'key > "5"'],
  ["key = images", 'key = "images"'],
  ["key = 'images", "key = 'images'"],
  ["key == 'a'", "key = 'a'"],
  ["key = 'a' && size > 1", "key = 'a' AND size > 1"],
  ["key = 'a' || size > 1", "key = 'a' OR size > 1"],
  ["!key = 'a'", "NOT key = 'a'"],
  ["key ~ '^a'", "key REGEXP '^a'"],
  ["key =~ '^a'", "key REGEXP '^a'"],
  ["key !~ '^a'", "key NOT REGEXP '^a'"],
  ['key REGEXPP "^a"', 'key REGEXP "^a"'],
  ["key eq 'a'", "key = 'a'"],
  ["key = 'a';", "key = 'a'"],
  ["key = “a”", 'key = "a"'],
  ["last_modified > 1719139126", "last_modified > 1719139126000"],
  ["last_modified > '2024-06-23'", 'last_modified > "2024-06-23T00:00:00Z"'],
  ["key = 'a' AND", undefined],
  ["foo = 1", undefined],
  ["key REGEXP '(?=x)'", undefined],
];

describe("what is offered instead", () => {
  for (const [text, wanted] of rows) {
    test(text, () => {
      assert.equal(fixed(text), wanted);
    });
  }
  test("of params, whose names are unknown", () => {
    assert.equal(fixed("plan = gold", paramFields), 'plan = "gold"');
  });
  test("is understood at least up to its end, whatever is wrong", () => {
    const parts = fc.constantFrom(
      "key",
      "size",
      "kye",
      "=",
      "&&",
      "~",
      "'a'",
      "5",
      "64KB",
      "AND",
      "(",
      "IN",
      ";",
      "“b”",
      '"',
    );
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 8 }), (words) => {
        const text = words.join(" ");
        const before = parseFilter(text, objectFields);
        if (before.kind === "ok") return;
        const fix = fixOf(text, before.error, objectFields);
        if (fix === undefined) return;
        const after = parseFilter(text.slice(0, fix.from) + fix.text + text.slice(fix.to), objectFields);
        assert.ok(after.kind === "ok" || after.error.offset > fix.from);
      }),
    );
  });
});
