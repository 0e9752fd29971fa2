import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { afterPrefix } from "./prefix.ts";

it("is the next character at the end of the prefix", () => {
  assert.equal(afterPrefix("ab"), "ac");
  assert.equal(afterPrefix("\u{7f}"), "\u{80}");
  assert.equal(afterPrefix("a\u{d7ff}"), "a\u{e000}");
  assert.equal(afterPrefix("a\u{ffff}"), "a\u{10000}");
  assert.equal(afterPrefix("a\u{10ffff}\u{10ffff}"), "b");
  assert.equal(afterPrefix(""), null);
  assert.equal(afterPrefix("\u{10ffff}"), null);
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
      const end = afterPrefix(prefix);
      const below = end === null || Buffer.compare(bytes(other), bytes(end)) < 0;
      const within = Buffer.compare(bytes(other), bytes(prefix)) >= 0 && below;
      assert.equal(within, other.startsWith(prefix));
      assert.ok(end === null || Buffer.compare(bytes(prefix + other), bytes(end)) < 0);
    }),
  );
});
