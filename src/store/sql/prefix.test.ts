import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { beyondPrefix } from "./prefix.ts";

it("is the next character at the end of the prefix", () => {
  assert.equal(beyondPrefix("ab"), "ac");
  assert.equal(beyondPrefix("\u{7f}"), "\u{80}");
  assert.equal(beyondPrefix("a\u{d7ff}"), "a\u{e000}");
  assert.equal(beyondPrefix("a\u{ffff}"), "a\u{10000}");
  assert.equal(beyondPrefix("a\u{10ffff}\u{10ffff}"), "b");
  for (const prefix of ["", "\u{10ffff}"]) {
    const longest = "\u{10ffff}".repeat(256);
    assert.ok(Buffer.byteLength(longest) === 1_024 && beyondPrefix(prefix).startsWith(`${longest}\u{10ffff}`));
  }
});

it("lies above all that begins with the prefix, and below everything else that lies above that", () => {
  const unit = fc.oneof(
    fc.constantFrom("\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10ffff}", "a"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  const text = fc.string({ unit, maxLength: 4 });
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const bytes = (value: string): Buffer => Buffer.from(value);
      const end = beyondPrefix(prefix);
      const below = Buffer.compare(bytes(other), bytes(end)) < 0;
      const within = Buffer.compare(bytes(other), bytes(prefix)) >= 0 && below;
      assert.equal(within, other.startsWith(prefix));
      assert.ok(Buffer.compare(bytes(prefix + other), bytes(end)) < 0);
    }),
  );
});
