import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { escapeHtml, manyLines, oneLine } from "./text.ts";

/** Any text, with more of what hurts than chance would bring. */
const anyText = fc.string({ unit: fc.oneof(fc.constantFrom("\r", "\n", "\0", "\u2028", "😀", "é", "<"), fc.string()) });

describe("oneLine", () => {
  it("puts a blank in the place of whatever breaks lines or is not printed", () => {
    assert.equal(oneLine("a\r\nBcc: b@example.com", 80), "a Bcc: b@example.com");
    assert.equal(oneLine("a\u2028b\u0085c\0d\te", 80), "a b c d e");
    assert.equal(oneLine("invoice\u202Efdp.exe", 80), "invoice fdp.exe");
    assert.equal(oneLine("pay\u200bpal\ufeff\u{e0041}\u00ad", 80), "pay pal");
    assert.equal(oneLine("👩‍👩‍👧 می‌خواهم", 80), "👩‍👩‍👧 می‌خواهم");
    assert.equal(oneLine("\ud800", 80), "\ufffd");
  });

  it("cuts whole characters", () => {
    assert.equal(oneLine("abcdef", 6), "abcdef");
    assert.equal(oneLine("abcdefg", 6), "abcde…");
    assert.equal(oneLine("abcd😀😀", 6), "abcd…");
    assert.equal(oneLine(" ".repeat(1_000_000), 6), "…");
  });

  it("is one printable line of the length asked for, whatever comes", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, most) => {
        const line = oneLine(text, most);
        assert.ok(line.length <= most, line);
        assert.ok(line.isWellFormed());
        assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe("manyLines", () => {
  it("keeps line breaks and tabs, and nothing else that is not printed", () => {
    assert.equal(manyLines("a\r\nb\rc\td\0e\u001bf\u2028g\u202eh\u200b", 80), "a\nb\nc\tdefgh");
  });

  it("has at most so many bytes and no broken character, whatever comes", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 40 }), (text, most) => {
        const lines = manyLines(text, most);
        assert.ok(Buffer.byteLength(lines) <= most);
        assert.ok(lines.isWellFormed());
        assert.equal(lines.includes("\r"), false);
        if (!/[\p{Cc}\ufffd]/u.test(text)) assert.equal(lines.includes("\ufffd"), false);
      }),
    );
  });
});

describe("escapeHtml", () => {
  it("leaves nothing that ends a text or an attribute", () => {
    assert.equal(escapeHtml(`<a href="x" id='y'>&amp;`), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
  });
});
