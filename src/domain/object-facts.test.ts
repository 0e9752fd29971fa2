import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { metadataBytes, metadataFault, tagsFault } from "./object-facts.ts";

describe("metadata", () => {
  it("is kept when headers can carry it", () => {
    for (const metadata of [{}, { a: "" }, { "x-1_.y": "two words" }, { town: "Zürich 🏔" }, { a: "x".repeat(2047) }]) {
      assert.equal(metadataFault(metadata, {}), undefined, JSON.stringify(metadata));
    }
  });

  it("is not when its names, values or sum cannot be sent back", () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ A: "x" }, /name "A" must be lower-case/],
      [{ "": "x" }, /name ""/],
      [{ "a:b": "x" }, /name "a:b"/],
      [{ ü: "x" }, /name "ü"/],
      [{ a: "b\u0000" }, /^metadata\.a: the value must be printable/],
      [{ a: "b\r\nc: d" }, /^metadata\.a/],
      [{ a: "\ud800" }, /^metadata\.a/],
      [{ a: "ü".repeat(1024) }, /are 2049 bytes together; at most 2048/],
    ];
    for (const [metadata, fault] of cases) assert.match(metadataFault(metadata, {}) ?? "", fault);
  });

  it("is not judged again where it is as it was, but for the sum", () => {
    assert.equal(metadataFault({ a: "\n", b: "x" }, { a: "\n" }), undefined);
    assert.match(metadataFault({ a: "\n" }, { a: "\r" }) ?? "", /^metadata\.a/);
    assert.match(metadataFault({ a: "\n", b: "x".repeat(2048) }, { a: "\n" }) ?? "", /2051 bytes/);
    // Not found on the prototype.
    assert.match(metadataFault({ constructor: "\n" }, {}) ?? "", /^metadata\.constructor/);
  });

  it("is measured in UTF-8, names included", () => {
    assert.equal(metadataBytes({ ab: "ü", c: "" }), 5);
  });
});

describe("tags", () => {
  it("keep to S3's rules", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ""]));
    assert.equal(tagsFault(many(10)), undefined);
    assert.match(tagsFault(many(11)) ?? "", /there are 11; at most 10/);
    assert.equal(tagsFault({ [`${"k".repeat(127)}ü`]: "ä +-=._:/@1".padEnd(256, "x") }), undefined);
    assert.match(tagsFault({ ["k".repeat(129)]: "" }) ?? "", /must be 1–128/);
    assert.match(tagsFault({ "": "x" }) ?? "", /the key ""/);
    assert.match(tagsFault({ "a&b": "x" }) ?? "", /the key "a&b"/);
    assert.match(tagsFault({ a: "x".repeat(257) }) ?? "", /^tags\.a: the value must be at most 256/);
    assert.match(tagsFault({ a: "<x>" }) ?? "", /^tags\.a/);
  });
});
