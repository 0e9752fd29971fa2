import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { successor } from "./list-objects.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });

describe("the successor of a prefix", () => {
  it("is greater than all that begins with the prefix", () => {
    fc.assert(
      fc.property(text, fc.string({ unit: "binary" }), (prefix, rest) => {
        const next = successor(prefix);
        if (next === undefined) return /^\u{10ffff}+$/u.test(prefix);
        return Buffer.compare(bytes(next), bytes(prefix + rest)) > 0;
      }),
    );
  });

  it("is no greater than anything that is greater than those", () => {
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const next = successor(prefix);
        const beyond = Buffer.compare(bytes(other), bytes(prefix)) > 0 && !other.startsWith(prefix);
        if (!beyond) return true;
        return next !== undefined && Buffer.compare(bytes(next), bytes(other)) <= 0;
      }),
    );
  });

  it("steps over surrogates and the last character", () => {
    assert.equal(successor("a\ud7ff"), "a\ue000");
    assert.equal(successor("a\u{10ffff}"), "b");
    assert.equal(successor("\u{10ffff}"), undefined);
    assert.equal(successor("\uffff"), "\u{10000}");
  });
});
