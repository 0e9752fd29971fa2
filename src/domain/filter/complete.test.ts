import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { threadMsNow, within } from "../../../test/support/cpu-limits.ts";
import { type CompletionCatalog, complete, mostSuggestions } from "./complete.ts";
import { listedFields, objectFields, paramFieldsOf, parseFilter, tokensOf } from "./index.ts";

const params = paramFieldsOf({
  schema: {
    type: "object",
    properties: {
      email: { type: "string" },
      plan: { enum: ["pro", 'it\'s "big"'] },
      seats: { type: "integer" },
      trial: { type: "boolean" },
      other: {},
      attributes: { type: "object", additionalProperties: true },
    },
    additionalProperties: false,
  },
});

const catalogs: Readonly<Record<string, CompletionCatalog>> = {
  objects: {
    fields: objectFields,
    names: ["tag:Team", "tag:cost center", "x-amz-meta-owner"],
    values: new Map([["Content-Type", ["image/png", 'odd/"quoted"']]]),
  },
  lists: { fields: listedFields, isList: true },
  params: { fields: params, names: ["attributes.plan", "attributes.a`b"], values: new Map([["other", ["one"]]]) },
};
const objects = catalogs["objects"] as CompletionCatalog;

/** `|` is the cursor. */
function at(marked: string, catalog = objects) {
  const offset = marked.indexOf("|");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const { from, to, suggestions } = complete(text, offset, catalog);
  return { from, to, texts: suggestions.map((one) => one.text), text };
}

/** What the parser would take behind `text`, if it read all of it; `undefined` when it would not. */
function expectedBehind(text: string, { fields }: CompletionCatalog): readonly string[] | undefined {
  const parsed = parseFilter(`${text} \u0001`, fields);
  assert.equal(parsed.kind, "error");
  if (parsed.kind !== "error") return undefined;
  const { error } = parsed;
  if (error.offset !== text.length + 1) return undefined;
  return error.expected;
}

describe("completion", () => {
  const rows: readonly (readonly [marked: string, from: number, to: number, texts: readonly string[] | RegExp])[] = [
    ["|", 0, 0, /^key,`Content-Type`,.*`x-amz-meta-owner`,NOT,\(,WHERE$/],
    ["WHERE |", 6, 6, /^key,.*,NOT,\($/],
    ["ke|", 0, 2, ["key", "bucket"]],
    ["ke|y = 'a'", 0, 3, ["key", "bucket"]],
    ["type|", 0, 4, ["`Content-Type`", "`Event-Type`"]],
    ['"Event|', 0, 6, ['"Event-Type"']],
    ["`tag:|", 0, 5, ["`tag:Team`", "`tag:cost center`"]],
    [
      "key |",
      4,
      4,
      /^=,!=,<,<=,>,>=,IN,BETWEEN,LIKE,REGEXP,IS NULL,IS NOT NULL,NOT IN,NOT BETWEEN,NOT LIKE,NOT REGEXP$/,
    ],
    ["size |", 5, 5, /^=,!=,<,<=,>,>=,IN,BETWEEN,IS NULL,IS NOT NULL,NOT IN,NOT BETWEEN$/],
    ["key NOT |", 8, 8, ["IN", "BETWEEN", "LIKE", "REGEXP"]],
    ["key L|", 4, 5, ["LIKE", "IS NULL", "IS NOT NULL", "NOT LIKE"]],
    ["size >|", 5, 6, [">", ">="]],
    ["key !|", 4, 5, ["!="]],
    ["event_type = |", 13, 13, ['"OBJECT_CREATED_PUT"', '"OBJECT_DELETED"']],
    ["event_type =|", 12, 12, ['"OBJECT_CREATED_PUT"', '"OBJECT_DELETED"']],
    ["event_type = DEL|", 13, 16, ['"OBJECT_DELETED"']],
    ["event_type = 'OBJECT_D|", 13, 22, ["'OBJECT_DELETED'"]],
    ["event_type = 'OBJ|'", 13, 18, ["'OBJECT_CREATED_PUT'", "'OBJECT_DELETED'"]],
    // A quote that is open takes nothing with it that was written before.
    [`event_type = "OBJECT_D| AND key = "x"`, 13, 22, ['"OBJECT_DELETED"']],
    ['event_type = "OBJECT_D| AND size > 5', 13, 22, ['"OBJECT_DELETED"']],
    ["event_type IN ('OBJECT_DELETED', |", 33, 33, /^"OBJECT_CREATED_PUT"/],
    ["`Content-Type` = |", 17, 17, ['"image/png"', '"odd/""quoted"""']],
    ["key IN |", 7, 7, ["("]],
    ["key IN ('a'|", 11, 11, [",", ")"]],
    ["key IS |", 7, 7, ["NULL", "NOT NULL"]],
    ["key IS NOT N|", 11, 12, ["NULL"]],
    ["size BETWEEN 1 |", 15, 15, ["AND"]],
    ["key LIKE 'a%' |", 14, 14, ["AND", "OR", "ESCAPE"]],
    ["key LIKE 'a%' ESCAPE |", 21, 21, []],
    ["(key = 'a' |", 11, 11, ["AND", "OR", ")"]],
    ["key = 'a'|", 9, 9, ["AND", "OR"]],
    ["key = 'a' AND |", 14, 14, /^key,/],
    ["key = 'a' AND|", 10, 13, ["AND"]],
    ["1024 < |", 7, 7, ["`Content-Length`", "size", "`Last-Modified`"]],
    ["'OBJECT_DELETED' = |", 19, 19, /^key,`Content-Type`,`Event-Type`,ETag,bucket,/],
    // Behind what is wrong.
    ["nope GLOB 'a' AND event_type = |", 31, 31, /^"OBJECT_CREATED_PUT"/],
    ["key = 'a' AND OR (size |", 23, 23, /^=,/],
    ["key = 5|", 6, 7, []],
    ["key = 'a' ORDER |", 16, 16, ["BY"]],
    ["|size > 5", 0, 0, /^key ,/],
  ];
  for (const [marked, from, to, texts] of rows) {
    test(marked, () => {
      const found = at(marked);
      assert.deepEqual([found.from, found.to], [from, to]);
      if (texts instanceof RegExp) assert.match(found.texts.join(), texts);
      else assert.deepEqual(found.texts, texts);
    });
  }

  test("of a list offers its order, and no fields that only events have", () => {
    const lists = catalogs["lists"] as CompletionCatalog;
    assert.deepEqual(at("size > 5 O|", lists).texts, ["OR", "ORDER BY"]);
    assert.deepEqual(at("ORDER BY size |", lists).texts, [",", "ASC", "DESC"]);
    assert.deepEqual(at("ORDER BY Event|", lists).texts, []);
    assert.deepEqual(at("tag|", lists).texts, ["`tag:key`", "ETag"]);
  });

  test("of params offers what the schema says", () => {
    const of = catalogs["params"] as CompletionCatalog;
    assert.deepEqual(at("|", of).texts.slice(0, 5), ["email", "plan", "seats", "trial", "other"]);
    assert.deepEqual(at("trial = |", of).texts, ['"true"', '"false"']);
    assert.deepEqual(at("plan = |", of).texts, ['"pro"', '"it\'s ""big"""']);
    assert.deepEqual(at("seats = |", of).texts, []);
    assert.deepEqual(at("other BETWEEN 1 AND |", of).texts, []);
    assert.deepEqual(at("other BETWEEN 'a' AND |", of).texts, ['"one"']);
    assert.deepEqual(at("attributes.|", of).texts, ["`attributes.plan`", "`attributes.a``b`"]);
  });
});

const parts = [
  ..."WHERE AND OR NOT IN LIKE REGEXP ESCAPE BETWEEN IS NULL ORDER BY ASC DESC".split(" "),
  ..."= != <> < <= > >= ( ) , ! ; ' \" `".split(" "),
  ...'key size event_type last_modified `tag:Team` "Content-Type" email seats other plan'.split(" "),
  ...`'a' "OBJECT_DELETED" 'it''s' 5 -1.5 1715171786789 64KB nope k 😀`.split(" "),
];
const pieces = fc
  .array(fc.tuple(fc.constantFrom(...parts), fc.constantFrom(" ", " ", " ", "", "\n")), { maxLength: 14 })
  .map((all) => all.map(([part, blank]) => part + blank).join(""));
const catalog = fc.constantFrom(...Object.values(catalogs));

/** Texts that the parser reads up to their end: grown by what it says that it expects. */
const readable = fc.tuple(catalog, fc.array(fc.nat(), { maxLength: 12 })).map(([of, dice]) => {
  let text = "";
  for (const die of dice) {
    const fitting = parts.filter((part) => expectedBehind(`${text}${part}`, of) !== undefined);
    const part = fitting[die % Math.max(1, fitting.length)];
    if (part === undefined) break;
    text += `${part} `;
  }
  return { of, text };
});

describe("completion, whatever was written", () => {
  test("answers, within the text, in few words", () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: "binary" })), fc.double(), catalog, (text, offset, of) => {
        const { from, to, suggestions } = complete(text, offset, of);
        assert.ok(0 <= from && from <= to && to <= text.length);
        assert.ok(suggestions.length <= mostSuggestions);
        assert.equal(new Set(suggestions.map((one) => one.text)).size, suggestions.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test("makes of what can be read nothing that cannot", () => {
    fc.assert(
      fc.property(fc.oneof(readable, fc.record({ of: catalog, text: pieces })), fc.nat(), ({ of, text }, die) => {
        const offset = die % (text.length + 1);
        const { from, suggestions } = complete(text, offset, of);
        const before = text.slice(0, from);
        if (expectedBehind(before, of) === undefined) return;
        for (const suggestion of suggestions) {
          const whole = before + suggestion.text;
          assert.notEqual(expectedBehind(whole, of), undefined, `${before}«${suggestion.text}»`);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("offers every word and sign that the parser expects", () => {
    fc.assert(
      fc.property(readable, ({ of, text }) => {
        const offered = complete(text, text.length, of).suggestions.map((one) => one.text);
        for (const expected of expectedBehind(text, of) ?? []) {
          if (!/^(?:[A-Z]+( NULL)?|[^\w\s]+)$/.test(expected)) continue;
          // LIKE on a number is expected, and refused then.
          if (expectedBehind(`${text}${expected}`, of) === undefined) continue;
          assert.ok(
            offered.some((one) => one === expected || one.startsWith(`${expected} `)),
            `${text}: ${expected} of ${offered.join()}`,
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is quick at the limit of length", () => {
    const long = "key = 'a' OR ".repeat(630);
    const ms = threadMsNow(() => {
      for (let round = 0; round < 20; round++) complete(long, long.length, objects);
    });
    within(20, ms / 20);
  });
});

describe("tokensOf", () => {
  const shown = (text: string): string =>
    tokensOf(text)
      .map(({ kind, from, to }) => `${text.slice(from, to)}:${kind}`)
      .join(" ");

  test("tells fields from strings by their place", () => {
    assert.equal(
      shown(`WHERE "Event-Type" = "x" AND (key IN ('a', 5) OR 5 < "size") ORDER BY "key" DESC`),
      [
        'WHERE:keyword "Event-Type":field =:operator "x":string AND:keyword (:punctuation key:field IN:keyword (:punctuation',
        "'a':string ,:punctuation 5:number ):punctuation OR:keyword 5:number <:operator \"size\":field ):punctuation",
        'ORDER:keyword BY:keyword "key":field DESC:keyword',
      ].join(" "),
    );
    assert.equal(
      shown("size > 64KB AND `a` ; 'x"),
      "size:field >:operator 64KB:invalid AND:keyword `a`:field ;:invalid 'x:invalid",
    );
  });

  test("leaves out nothing but blanks", () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: "binary" })), (text) => {
        let end = 0;
        for (const { from, to } of tokensOf(text)) {
          assert.match(text.slice(end, from), /^\s*$/);
          assert.ok(from < to);
          end = to;
        }
        assert.match(text.slice(end), /^\s*$/);
      }),
    );
  });
});
