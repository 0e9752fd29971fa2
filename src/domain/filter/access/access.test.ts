import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accessText, objectFields, paramFields, readAccess } from "../index.ts";

/** As `key ^images/`: field, kind and value; and what is left. */
function access(filter: string, catalog = objectFields): readonly [readonly string[], readonly string[] | undefined] {
  const { keys, rest } = readAccess(accessText(filter, catalog)) ?? assert.fail();
  const signs = { equals: "=", prefix: "^", suffix: "$" } as const;
  return [keys.map(({ kind, field, value }) => `${field} ${signs[kind]}${value}`), rest];
}

describe("the access to a filter", () => {
  const cases: readonly (readonly [filter: string, keys: readonly string[], rest: readonly string[] | undefined])[] = [
    ["key = 'a' AND size > 1", ["key =a"], ["`Content-Length` > 1"]],
    [
      "size > 1 AND key LIKE 'images/%' AND `Event-Type` = 'OBJECT_DELETED'",
      ["key ^images/"],
      ["`Content-Length` > 1", '`Event-Type` = "OBJECT_DELETED"'],
    ],
    ["NOT (size <= 1 OR key NOT LIKE '%.jpg')", ["key $.jpg"], ["`Content-Length` > 1"]],
    ["key IN ('a', 'b', 'a')", ["key =a", "key =b"], []],
    ["key LIKE 'a%' OR key = 'b' OR size = 3", ["key ^a", "key =b", "Content-Length =3"], []],
    [
      "key LIKE 'a%' AND size > 1 OR ETag = 'b'",
      ["key ^a", "ETag =b"],
      ['key LIKE "a%" AND `Content-Length` > 1 OR ETag = "b"'],
    ],
    ["key LIKE 'a%' OR size > 1", [], ['key LIKE "a%" OR `Content-Length` > 1']],
    ["key LIKE 'a\\%%b'", ["key ^a%"], ['key LIKE "a\\%%b"']],
    ["key LIKE 'a_%'", ["key ^a"], undefined],
    ["key LIKE '%draft%'", [], ['key LIKE "%draft%"']],
    ["key REGEXP '^a/'", ["key ^a/"], []],
    ["key REGEXP '^a/\\d+\\.csv$'", ["key ^a/"], undefined],
    ["key REGEXP '\\d+\\.(csv|tsv)$' AND size > 1", [], undefined],
    ["key REGEXP '\\d\\.csv$'", ["key $.csv"], undefined],
    ["key REGEXP '^ab?c'", ["key ^a"], undefined],
    ["key REGEXP '^a{0}b'", [], undefined],
    ["key REGEXP '^ab|^cd+'", ["key ^ab", "key ^c"], undefined],
    ["key REGEXP '^ab|cd'", [], undefined],
    ["key REGEXP '^(ab|cd)'", [], undefined],
    ["key REGEXP '(?i)^ab'", [], undefined],
    ["key REGEXP '[^|]\\pLab$'", ["key $ab"], undefined],
    ["key IS NULL", [], ["key IS NULL"]],
    ["", [], []],
    ["key WAS ONCE ALLOWED", [], undefined],
  ];
  for (const [filter, keys, rest] of cases) {
    test(filter, () => {
      assert.deepEqual(access(filter), [keys, rest]);
    });
  }

  test("of params asks patterns on texts of any length as a whole, and keeps numbers and texts apart", () => {
    assert.deepEqual(access("a LIKE 'x%'", paramFields), [["a ^x"], []]);
    assert.deepEqual(access("a = 1 AND b LIKE '%x%'", paramFields), [["a =1"], undefined]);
    assert.equal(accessText("a = 1", paramFields) === accessText("a = '1'", paramFields), false);
  });

  test("of long ones is kept short", () => {
    const long = "x".repeat(3_000);
    assert.deepEqual(access(`key = '${long}' AND size = 1`), [["Content-Length =1"], undefined]);
    assert.deepEqual(access(`key IN (${Array.from({ length: 65 }, (_, at) => `'${at}'`).join()})`)[0], []);
  });

  test("of another version is not read", () => {
    assert.equal(readAccess("0[[],[]]"), undefined);
    assert.equal(readAccess(undefined), undefined);
  });
});
