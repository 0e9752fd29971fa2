import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { plainShape } from "./regex.ts";
import { shapeTest } from "./text-test.ts";

describe("plainShape", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["^images", "prefix images"],
    ["\\.jpg$", "suffix .jpg"],
    [".*\\.txt$", "suffix .txt"],
    ["^agent-42/output/.*", "prefix agent-42/output/"],
    ["report", "contains report"],
    ["^a\\$b$", "equals a$b"],
    ["", "contains "],
    ["^", "prefix "],
    ["^.*\\.txt$", undefined],
    [".*?a", undefined],
    ["a.b", undefined],
    ["a|b", undefined],
    ["ab*", undefined],
    ["\\d", undefined],
    ["a$b", undefined],
    ["(?i)a", undefined],
    ["a\\", undefined],
  ];
  for (const [pattern, expected] of rows) {
    test(JSON.stringify(pattern), () => {
      const shape = plainShape(pattern);
      assert.equal(shape && `${shape.kind} ${shape.text}`, expected);
    });
  }

  test("never differs from what re2js makes of the pattern", () => {
    const pattern = fc.array(
      fc.constantFrom("a", "b", ".", ".*", "^", "$", "\\.", "\\a", "\\_", "-", "é", "😀", "\n", "?", "]"),
      {
        maxLength: 5,
      },
    );
    const text = fc.array(fc.constantFrom("a", "b", ".", "_", "-", "é", "😀", "\n", "]"), { maxLength: 5 });
    fc.assert(
      fc.property(pattern, text, (patternParts, textParts) => {
        const shape = plainShape(patternParts.join(""));
        fc.pre(shape !== undefined);
        const expected = RE2JS.compile(patternParts.join("")).test(textParts.join(""));
        assert.equal(shapeTest(shape)(textParts.join("")), expected);
      }),
      { numRuns: 2000 },
    );
  });
});
