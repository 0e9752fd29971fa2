import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { checkBucketName, checkKey, encodeForListing, parsePath } from "./keys.ts";

describe("paths", () => {
  it("name a bucket and a key, either, or none", () => {
    for (const [rawUrl, expected] of [
      ["/", {}],
      ["/?list-type=2", {}],
      ["", {}],
      ["/b", { bucket: "b" }],
      ["/b/", { bucket: "b" }],
      ["/b/?list-type=2&prefix=a/b", { bucket: "b" }],
      ["/b?uploads", { bucket: "b" }],
      ["/b/k", { bucket: "b", key: "k" }],
      ["/b/k?x-id=PutObject", { bucket: "b", key: "k" }],
      ["/b//k/", { bucket: "b", key: "/k/" }],
      ["/b/../../etc/passwd", { bucket: "b", key: "../../etc/passwd" }],
      ["/b/./a", { bucket: "b", key: "./a" }],
      ["/b/a%2Fb%3Fc%23d%25", { bucket: "b", key: "a/b?c#d%" }],
      ["/b/a+b%2Bc%20d", { bucket: "b", key: "a+b+c d" }],
      ["/b/%E2%82%AC", { bucket: "b", key: "€" }],
      ["/b/\u00e2\u0082\u00ac", { bucket: "b", key: "€" }],
      ["/b/__proto__", { bucket: "b", key: "__proto__" }],
      ["http://host:1/b/k?a=/", { bucket: "b", key: "k" }],
    ] as const) {
      assert.deepEqual(parsePath(rawUrl), expected, rawUrl);
    }
  });

  it("are refused when they are no text or no key", () => {
    for (const [rawUrl, code] of [
      ["/b/%", "InvalidURI"],
      ["/b/%2", "InvalidURI"],
      ["/b/%zz", "InvalidURI"],
      ["/b/%C3", "InvalidURI"],
      ["/b/%ED%A0%80", "InvalidURI"],
      ["/b/%C0%AF", "InvalidURI"],
      ["//k", "InvalidURI"],
      ["/b/a%00b", "InvalidArgument"],
      [`/b/${"a".repeat(1025)}`, "KeyTooLongError"],
      [`/b/${"%C3%A9".repeat(513)}`, "KeyTooLongError"],
    ] as const) {
      assert.throws(() => parsePath(rawUrl), { name: "S3Error", code }, rawUrl);
    }
  });

  it("give back every key", () => {
    const keys = fc.string({ unit: "binary", minLength: 1, maxLength: 200 }).filter((key) => !key.includes("\0"));
    fc.assert(
      fc.property(keys, (key) => {
        assert.deepEqual(parsePath(`/b/${encodeURIComponent(key)}`), { bucket: "b", key });
      }),
    );
  });
});

describe("keys", () => {
  it("hold every character but NUL", () => {
    for (let code = 1; code < 0x100; code += 1) checkKey(String.fromCharCode(code));
    for (const key of ["..", ".", "/", "//", " ", "a\nb", "\ufffe", "😀"]) assert.equal(checkKey(key), key);
    assert.throws(() => checkKey("\0"), { code: "InvalidArgument" });
    assert.throws(() => checkKey(""), { code: "InvalidArgument" });
  });

  it("have 1024 bytes at most", () => {
    checkKey("a".repeat(1024));
    checkKey("é".repeat(512));
    assert.throws(() => checkKey("a".repeat(1025)), { code: "KeyTooLongError", status: 400 });
    assert.throws(() => checkKey(`${"é".repeat(512)}a`), { code: "KeyTooLongError" });
  });
});

describe("bucket names", () => {
  it("follow the rules", () => {
    for (const name of [
      "abc",
      "a-b",
      "a.b.c",
      "1ab",
      "my-bucket.example",
      "a".repeat(63),
      "1.2.3",
      "1.2.3.4a",
      "a--b",
    ]) {
      assert.equal(checkBucketName(name), name);
    }
    for (const name of [
      [
        "",
        "ab",
        "a".repeat(64),
        "Abc",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "a.-b",
        "a-.b",
        "1.2.3.4",
        "192.168.0.1",
      ],
      ["a b", "é-bucket", "a/b", "abc\n", "../x"],
    ].flat()) {
      assert.throws(() => checkBucketName(name), { code: "InvalidBucketName" });
    }
  });
});

describe("encoding-type=url", () => {
  it("is S3's", () => {
    assert.equal(encodeForListing("photos/a b+c&d(3)~*'!.png"), "photos/a+b%2Bc%26d%283%29%7E*%27%21.png");
    assert.equal(encodeForListing("é\u0001\n"), "%C3%A9%01%0A");
    assert.equal(encodeForListing("\ud800"), "%EF%BF%BD");
  });

  it("is undone by form decoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.equal(decodeURIComponent(encodeForListing(text).replaceAll("+", " ")), text);
      }),
    );
  });
});
