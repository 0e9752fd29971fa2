import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseCopySource } from "./copy-source.ts";
import { metadataHeaderValue, parseUserMetadata } from "./metadata.ts";
import { parseTaggingHeader } from "./tags.ts";

const binary = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

describe("x-amz-copy-source", () => {
  it("names bucket and key, with a slash before or without", () => {
    for (const [header, expected] of [
      ["b/k", { bucket: "b", key: "k" }],
      ["/b/k", { bucket: "b", key: "k" }],
      ["/b/dir/k%20%2B+%3FversionId=1", { bucket: "b", key: "dir/k + ?versionId=1" }],
      ["%2Fb%2Fk", { bucket: "b", key: "k" }],
      ["b//k", { bucket: "b", key: "/k" }],
      [binary("b/é"), { bucket: "b", key: "é" }],
      ["b/%C3%A9", { bucket: "b", key: "é" }],
      ["b/k?versionId=null", { bucket: "b", key: "k", versionId: "null" }],
      ["b/k?versionId=", { bucket: "b", key: "k" }],
      ["b/k?x", { bucket: "b", key: "k?x" }],
    ] as const) {
      assert.deepEqual(parseCopySource(header), expected, header);
    }
  });

  it("is refused without either, or when it is no text", () => {
    for (const header of ["", "/", "b", "/b", "b/", "//k", "b/%zz", "b/%FF", "?versionId=1"]) {
      assert.throws(() => parseCopySource(header), { code: "InvalidArgument" }, header);
    }
    assert.throws(() => parseCopySource(`b/${"k".repeat(1025)}`), { code: "KeyTooLongError" });
  });
});

describe("x-amz-meta-", () => {
  it("is read as UTF-8, Latin-1 or RFC 2047 words", () => {
    const headers = {
      "x-amz-meta-plain": "one two",
      "x-amz-meta-utf8": binary("café €"),
      "x-amz-meta-latin": "caf\u00e9",
      "x-amz-meta-words": "=?UTF-8?B?Y2Fmw6k=?= =?utf-8?q?_=E2=82=AC_100%?= end",
      "x-amz-meta-other": "=?koi8-r?B?1A==?=",
      "x-amz-meta-broken": "=?UTF-8?Q?=FF?=",
      "x-amz-meta-empty": "",
      "x-amz-meta-": "no name",
      "content-type": "text/plain",
    };
    assert.deepEqual(parseUserMetadata(headers), {
      plain: "one two",
      utf8: "café €",
      latin: "café",
      words: "café € 100% end",
      other: "=?koi8-r?B?1A==?=",
      broken: "=?UTF-8?Q?=FF?=",
      empty: "",
    });
  });

  it("cannot reach a prototype", () => {
    const metadata = parseUserMetadata(JSON.parse('{"x-amz-meta-__proto__":"a","x-amz-meta-constructor":"b"}'));
    assert.deepEqual(Object.entries(metadata), [
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("has 2 KiB of names and values together", () => {
    assert.ok(parseUserMetadata({ "x-amz-meta-a": "x".repeat(2047) }));
    const tooLarge = { code: "MetadataTooLarge" };
    assert.throws(() => parseUserMetadata({ "x-amz-meta-a": "x".repeat(2048) }), tooLarge);
    assert.throws(
      () => parseUserMetadata({ "x-amz-meta-a": "x".repeat(1024), "x-amz-meta-b": "x".repeat(1023) }),
      tooLarge,
    );
  });

  it("goes out as it came, in ASCII that any header may hold", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a =? b", "=?UTF-8?Q?a?=", "\r\nx: y")),
        (value) => {
          const header = metadataHeaderValue(value);
          assert.match(header, /^[\x20-\x7e]*$/);
          assert.equal(parseUserMetadata({ "x-amz-meta-a": header }).a, value);
        },
      ),
    );
    assert.equal(metadataHeaderValue("a =? b"), "a =? b");
  });
});

describe("x-amz-tagging", () => {
  it("is a query string", () => {
    assert.deepEqual(parseTaggingHeader(""), []);
    assert.deepEqual(parseTaggingHeader("a=b&c=d+e%20f&g&h="), [
      { key: "a", value: "b" },
      { key: "c", value: "d e f" },
      { key: "g", value: "" },
      { key: "h", value: "" },
    ]);
    assert.deepEqual(parseTaggingHeader("caf%C3%A9=a%3Db"), [{ key: "café", value: "a=b" }]);
  });

  it("keeps the limits of tags", () => {
    const ten = Array.from({ length: 10 }, (_, i) => `k${i}=v`).join("&");
    assert.equal(parseTaggingHeader(ten).length, 10);
    assert.ok(parseTaggingHeader(`${"k".repeat(128)}=${"v".repeat(256)}`));
    for (const wrong of [
      `${ten}&k10=v`,
      "a=1&a=2",
      "=v",
      `${"k".repeat(129)}=v`,
      `k=${"v".repeat(257)}`,
      "a=%3C",
      "a%00=b",
      "%7B=1",
    ]) {
      assert.throws(() => parseTaggingHeader(wrong), { code: "InvalidTag" }, wrong);
    }
    assert.throws(() => parseTaggingHeader("a=%FF"), { code: "InvalidArgument" });
  });
});
