/** Every query that the requirement document or the vendor's pages of any time show. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { printFilter } from "../../../test/support/filters.ts";
import type { ObjectData } from "../event.ts";
import {
  listedFields,
  objectFields,
  paramFields,
  parseFilter,
  type ReadField,
  readObjectField,
  SortOrder,
} from "./index.ts";

const object: ObjectData = {
  bucket: "my-bucket",
  key: "path/to/myfile.txt",
  size: 1024,
  eTag: "d41d8cd98f00b204e9800998ecf8427e",
  contentType: "text/plain",
  lastModifiedMs: Date.parse("2023-05-15T10:30:00.000Z"),
  reason: "PutObject",
  userMetadata: {},
  tags: {},
};

function event(data: Partial<ObjectData> = {}, name = "OBJECT_CREATED_PUT"): ReadField {
  return readObjectField({ names: { objects: name }, data: { ...object, ...data } });
}

function matches(text: string, read: ReadField): boolean {
  const parsed = parseFilter(text, objectFields);
  if (parsed.kind === "error") assert.fail(`${text}: ${parsed.error.message}`);
  return parsed.filter.matches(read);
}

interface Example {
  readonly query: string;
  readonly yes: readonly ReadField[];
  readonly no: readonly ReadField[];
}

const keyed = (key: string): ReadField => event({ key });
const typed = (contentType: string, size = 1024): ReadField => event({ contentType, size });
const at = (time: string, data: Partial<ObjectData> = {}): ReadField =>
  event({ lastModifiedMs: Date.parse(time), ...data });
const deletion = event({}, "OBJECT_DELETED");

function check(section: string, examples: readonly Example[]): void {
  describe(section, () => {
    for (const { query, yes, no } of examples) {
      test(query, () => {
        for (const read of yes) assert.equal(matches(query, read), true);
        for (const read of no) assert.equal(matches(query, read), false);
      });
    }
  });
}

check("requirement, Filtering", [
  {
    query: `WHERE key REGEXP "^images"`,
    yes: [keyed("images/cat.png"), keyed("images-old/x")],
    no: [keyed("old/images/cat.png"), keyed("Images/cat.png")],
  },
  { query: `WHERE "Event-Type" = "OBJECT_DELETED"`, yes: [deletion], no: [event()] },
]);

check("metadata querying, §1.4: without WHERE", [
  { query: '`Content-Type` = "text/javascript"', yes: [typed("text/javascript")], no: [typed("text/plain")] },
  { query: 'WHERE `Content-Type` = "text/javascript"', yes: [typed("text/javascript")], no: [typed("text/plain")] },
  {
    query: '`Content-Type` >= "text/c" AND `Content-Type` < "text/j"',
    yes: [typed("text/c"), typed("text/css"), typed("text/html")],
    no: [typed("text/b"), typed("text/j"), typed("text/javascript")],
  },
  {
    query: '`Content-Length` != 65536 AND `Content-Type` = "text/plain"',
    yes: [typed("text/plain", 65535)],
    no: [typed("text/plain", 65536), typed("text/css", 1)],
  },
  {
    query: "`Last-Modified` > 1715171786789",
    yes: [event({ lastModifiedMs: 1715171786790 })],
    no: [event({ lastModifiedMs: 1715171786789 })],
  },
  {
    query: '`Last-Modified` > "2024-06-23T10:38:46Z"',
    yes: [at("2024-06-23T10:38:46.001Z")],
    no: [at("2024-06-23T10:38:46Z"), at("2024-06-23T12:38:46+02:00")],
  },
  {
    query: '`Last-Modified` < "2026-11-20T08:00:00.123456789Z" AND `Content-Type` = "text/javascript"',
    yes: [at("2026-11-20T08:00:00.123Z", { contentType: "text/javascript" })],
    no: [
      at("2026-11-20T08:00:00.124Z", { contentType: "text/javascript" }),
      at("2020-01-01T00:00:00Z", { contentType: "text/css" }),
    ],
  },
  { query: "size > 1000000", yes: [event({ size: 1_000_001 })], no: [event({ size: 1_000_000 })] },
]);

check("metadata querying, §1.4: with WHERE", [
  {
    query: 'WHERE `Content-Type` = "text/plain" AND key REGEXP ".*\\.txt$"',
    yes: [event({ key: "a/b.txt" })],
    no: [event({ key: "a/b-txt" }), event({ key: "a.txt/b" }), event({ key: "a.txt", contentType: "text/css" })],
  },
  {
    query: 'WHERE `Content-Length` > 1024 AND `Content-Type` IN ("text/javascript", "text/css")',
    yes: [typed("text/css", 1025), typed("text/javascript", 4096)],
    no: [typed("text/css", 1024), typed("text/html", 4096)],
  },
  {
    query: 'WHERE `Content-Length` != 65536 AND `Content-Type` NOT IN ("text/plain", "text/html")',
    yes: [typed("text/css", 1)],
    no: [typed("text/html", 1), typed("text/css", 65536)],
  },
  {
    query:
      'WHERE `Last-Modified` > "2022-06-10T14:20:00Z" AND `Content-Type` = "text/plain" AND key REGEXP ".*\\.txt$"',
    yes: [at("2022-06-10T14:20:00.001Z")],
    no: [at("2022-06-10T14:20:00Z"), at("2023-01-01T00:00:00Z", { key: "a.csv" })],
  },
  { query: 'WHERE `key` REGEXP "^images"', yes: [keyed("images")], no: [keyed("x/images")] },
  { query: 'WHERE `Event-Type` = "OBJECT_DELETED"', yes: [deletion], no: [event()] },
  {
    query: 'WHERE `key` REGEXP "^final/" AND `Event-Type` = "OBJECT_CREATED_PUT"',
    yes: [keyed("final/weights.bin")],
    no: [keyed("finals/weights.bin"), event({ key: "final/weights.bin" }, "OBJECT_DELETED")],
  },
  { query: 'WHERE `key` REGEXP "^results/"', yes: [keyed("results/1")], no: [keyed("a/results/1")] },
  { query: 'WHERE `key` REGEXP "\\.json$"', yes: [keyed("a.json")], no: [keyed("ajson"), keyed("a.json.gz")] },
  {
    query: 'WHERE `key` REGEXP "^agent-42/output/"',
    yes: [keyed("agent-42/output/1")],
    no: [keyed("agent-43/output/")],
  },
]);

describe("metadata querying, §1.4: ORDER BY is for lists, and asks nothing of an event", () => {
  const ordered: readonly (readonly [string, string, string])[] = [
    ["`Content-Length` > 0", "ORDER BY `Content-Length` ASC", "Content-Length asc"],
    ["`Content-Length` < 65536", "ORDER BY `Content-Type`", "Content-Type asc"],
    ['`Content-Type` = "text/plain"', "ORDER BY `Last-Modified`", "Last-Modified asc"],
    [
      'WHERE `Last-Modified` > "2023-08-14T11:30:00Z" AND `Content-Length` < 65536',
      "ORDER BY `Content-Type`",
      "Content-Type asc",
    ],
    ["", "ORDER BY size DESC, key", "Content-Length desc, key asc"],
  ];
  for (const [where, orderBy, order] of ordered) {
    test(`${where} ${orderBy}`, () => {
      const parsed = parseFilter(`${where} ${orderBy}`, objectFields);
      const without = parseFilter(where, objectFields);
      assert.ok(parsed.kind === "ok" && without.kind === "ok");
      assert.deepEqual(parsed.filter.tree, without.filter.tree);
      assert.equal(new SortOrder(parsed.filter.order).text, order);
      assert.deepEqual(without.filter.order, []);
    });
  }
});

describe("docs/filters.md", () => {
  const page = readFileSync(new URL("../../../docs/filters.md", import.meta.url), "utf8");
  const queriesIn = (info: string): string[] =>
    Array.from(page.matchAll(new RegExp(`^\`\`\`${info}\n([^]*?)^\`\`\`$`, "gm")), (match) => match[1] ?? "")
      .flatMap((block) => block.split(/\n\n+/))
      .map((query) => query.trim());
  const faces = [
    { queries: queriesIn("sql"), fields: objectFields, least: 10 },
    { queries: queriesIn("sql params"), fields: paramFields, least: 2 },
    { queries: queriesIn("sql list"), fields: listedFields, least: 3 },
  ];
  for (const { queries, fields, least } of faces) {
    test(`has ${least} examples or more`, () => assert.ok(queries.length >= least, `found ${queries.length}`));
    for (const query of queries) {
      test(query, () => {
        const parsed = parseFilter(query, fields);
        if (parsed.kind === "error") assert.fail(parsed.error.message);
        assert.ok(printFilter(parsed.filter) !== "" || parsed.filter.order.length > 0);
      });
    }
  }
});
