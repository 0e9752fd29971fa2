import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explain } from "../../../test/support/filters.ts";
import { objectFields, parseFilter, readObjectField } from "./index.ts";

const read = readObjectField({
  names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
  data: {
    bucket: "photos",
    key: "images/cat.png",
    size: 12,
    eTag: "e",
    contentType: "image/png",
    lastModifiedMs: Date.UTC(2024, 5, 23),
    reason: "PutObject",
    userMetadata: { owner: "me", __proto__x: "y" },
    tags: { Team: "a" },
  },
});

function reasons(text: string): readonly string[] {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  const explanation = explain(parsed.filter, read);
  assert.equal(explanation.matches, parsed.filter.matches(read));
  assert.equal(explanation.reasons.length === 0, explanation.matches);
  return explanation.reasons;
}

describe("explain", () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["key REGEXP '^images/' AND `x-amz-meta-OWNER` = 'me' AND `tag:Team` = 'a'", []],
    ["key = 'a'", ['key = "a" is false: key is "images/cat.png"']],
    ["size > 1024", ["`Content-Length` > 1024 is false: `Content-Length` is 12"]],
    ["bucket = 'photos' AND size > 1024", ["`Content-Length` > 1024 is false: `Content-Length` is 12"]],
    [
      "size > 1024 OR `tag:team` = 'a'",
      [
        "`Content-Length` > 1024 is false: `Content-Length` is 12",
        '`tag:team` = "a" is unknown: the event has no `tag:team`',
      ],
    ],
    ["NOT key LIKE 'images/%'", ['key LIKE "images/%" is true under NOT: key is "images/cat.png"']],
    ["NOT (size = 12 OR key = 'x')", ["`Content-Length` = 12 is true under NOT: `Content-Length` is 12"]],
    ["NOT (`tag:x` = 'y')", ['`tag:x` = "y" is unknown under NOT: the event has no `tag:x`']],
    ["NOT NOT size = 13", ["`Content-Length` = 13 is false: `Content-Length` is 12"]],
    [
      "last_modified > '2024-06-23T02:00:00+02:00'",
      ['`Last-Modified` > "2024-06-23T00:00:00Z" is false: `Last-Modified` is "2024-06-23T00:00:00Z"'],
    ],
    ["ETag IS NULL", ['ETag IS NULL is false: ETag is "e"']],
    ["`tag:x` IS NOT NULL", ["`tag:x` IS NOT NULL is false: the event has no `tag:x`"]],
    [
      "event_type = 'OBJECT_DELETED'",
      ['`Event-Type` = "OBJECT_DELETED" is false: `Event-Type` is "OBJECT_CREATED_PUT"'],
    ],
  ];
  for (const [text, expected] of rows) test(text, () => assert.deepEqual(reasons(text), expected));

  test("cuts long values and long lists", () => {
    const [reason = ""] = reasons(`key = '${"a".repeat(5000)}'`);
    assert.ok(reason.length < 500, reason);
    const many = reasons(Array.from({ length: 200 }, (_, index) => `size > ${index + 100}`).join(" AND "));
    assert.equal(many.length, 21);
    assert.equal(many.at(-1), "and 180 more");
  });
});

describe("readObjectField", () => {
  test("reads every field by its canonical name", () => {
    const expected = {
      key: "images/cat.png",
      "Content-Type": "image/png",
      "Content-Length": 12,
      "Last-Modified": Date.UTC(2024, 5, 23),
      "Event-Type": "OBJECT_CREATED_PUT",
      ETag: "e",
      bucket: "photos",
      Reason: "PutObject",
      "x-amz-meta-owner": "me",
      "tag:Team": "a",
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(objectFields.resolve(name)?.name, name);
      assert.equal(read(name), value, name);
    }
  });
  test("never reads what objects inherit", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      assert.equal(read(`tag:${name}`), undefined);
      assert.equal(read(`x-amz-meta-${name}`), undefined);
      assert.equal(objectFields.resolve(name), undefined);
    }
  });
  test("of an event that lacks a field it is absent", () => {
    const bare = readObjectField({ names: {}, data: { key: "a", tags: null, userMetadata: "x", size: true } });
    for (const name of ["Event-Type", "Content-Type", "Content-Length", "tag:0", "x-amz-meta-0"]) {
      assert.equal(bare(name), undefined, name);
    }
    assert.equal(bare("key"), "a");
  });
});
