import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Batch, inBatches, usualBatch } from "./batch.ts";

const three: Batch = { ...usualBatch, maxEvents: 3, maxBytes: 1_000 };
const names = (batches: readonly (readonly { readonly name: string }[])[]): string[] =>
  batches.map((batch) => batch.map(({ name }) => name).join(""));
const due = (name: string, over: { tries?: number; bytes?: number; line?: string } = {}) => ({
  name,
  tries: 0,
  ...over,
});

describe("what is due, in batches", () => {
  it("fills each before the next", () => {
    assert.deepEqual(
      names(
        inBatches(
          Array.from("abcdefg").map((name) => due(name)),
          three,
        ),
      ),
      ["abc", "def", "g"],
    );
  });

  it("keeps to the bytes, but for one that is larger by itself", () => {
    const sized = [due("a", { bytes: 600 }), due("b", { bytes: 600 }), due("c", { bytes: 9_000 }), due("d")];
    assert.deepEqual(names(inBatches(sized, three)), ["a", "b", "c", "d"]);
  });

  it("leaves alone what has failed twice, behind the others, if its owner wants that", () => {
    const failed = [due("a", { tries: 2 }), due("b", { tries: 1 }), due("c"), due("d", { tries: 3 })];
    assert.deepEqual(names(inBatches(failed, three)), ["bc", "a", "d"]);
    assert.deepEqual(names(inBatches(failed, { ...three, splitOnFailure: false })), ["abc", "d"]);
  });

  it("holds one of each line", () => {
    const lined = [due("a", { line: "x" }), due("b", { line: "y" }), due("c", { line: "x" }), due("d")];
    assert.deepEqual(names(inBatches(lined, three)), ["ab", "cd"]);
  });

  it("loses nothing and invents nothing, and keeps to its bounds", () => {
    const one = fc.record({
      tries: fc.nat(3),
      bytes: fc.nat(900),
      line: fc.constantFrom("x", "y", "z", undefined).map((line) => line ?? ""),
    });
    const given = fc.array(one, { maxLength: 40 });
    const batch = fc.record({
      maxEvents: fc.integer({ min: 1, max: 9 }),
      maxWaitMs: fc.constant(0),
      maxBytes: fc.integer({ min: 1_024, max: 4_000 }),
      splitOnFailure: fc.boolean(),
    });
    fc.assert(
      fc.property(given, batch, (all, of) => {
        const made = inBatches(all, of);
        assert.deepEqual(new Set(made.flat()), new Set(all));
        assert.equal(made.flat().length, all.length);
        for (const group of made) {
          assert.ok(group.length > 0 && group.length <= of.maxEvents);
          assert.ok(group.reduce((sum, { bytes }) => sum + bytes, 0) <= of.maxBytes);
          assert.equal(new Set(group.map(({ line }) => line)).size, group.length);
          if (of.splitOnFailure && group.length > 1) assert.ok(group.every(({ tries }) => tries < 2));
        }
      }),
    );
  });
});
