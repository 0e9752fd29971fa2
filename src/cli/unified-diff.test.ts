import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { unifiedDiff } from "./unified-diff.ts";

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** `patch`: what comes of `before` by the hunks, which have to fit. */
function patched(before: readonly string[], diff: string): readonly string[] {
  const made: string[] = [];
  let at = 0;
  let left = [0, 0];
  for (const line of diff === "" ? [] : diff.split("\n")) {
    const [, first, count, , added] = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line) ?? [];
    if (first !== undefined && left.every((number) => number === 0)) {
      left = [Number(count), Number(added)];
      const start = Number(first) - (count === "0" ? 0 : 1);
      made.push(...before.slice(at, start));
      at = start;
      continue;
    }
    const [old = 0, fresh = 0] = left;
    left = [line.startsWith("+") ? old : old - 1, line.startsWith("-") ? fresh : fresh - 1];
    if (!line.startsWith("+")) assert.equal(before[at++], line.slice(1));
    if (!line.startsWith("-")) made.push(line.slice(1));
  }
  assert.deepEqual(left, [0, 0], "the counts are those of the lines");
  return [...made, ...before.slice(at)];
}

describe("a unified diff", () => {
  it("has changes with three lines around them, and says where they are", () => {
    const lines = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    const after = ["a", "b", "c", "d", "E", "f", "g", "h", "i", "j", "k", "l", "m"];
    const hunks = "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n@@ -10,3 +10,4 @@\n j\n k\n l\n+m";
    assert.equal(unifiedDiff(text(lines), text(after)), hunks);
    assert.equal(unifiedDiff(text(lines), text(lines)), "");
    assert.equal(unifiedDiff("", "one\n"), "@@ -0,0 +1,1 @@\n+one");
    assert.equal(unifiedDiff("one", ""), "@@ -1,1 +0,0 @@\n-one");
  });

  it("makes the one of the other, whatever they are, and of what they have in common nothing new", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "@@ -1,1 +1,1 @@", "- x", ""), { maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = unifiedDiff(text(before), text(after));
        assert.deepEqual(patched(before, diff), after);
        if (before.join() === after.join() && before.length === after.length) assert.equal(diff, "");
      }),
      { numRuns: 500 },
    );
  });

  it("of texts that have nothing in common is one in place of the other, at once", () => {
    const lines = (name: string): string[] => Array.from({ length: 20_000 }, (_, at) => `${name} ${at}`);
    const diff = unifiedDiff(text(lines("before")), text(lines("after")));
    assert.deepEqual(patched(lines("before"), diff), lines("after"));
  });
});
