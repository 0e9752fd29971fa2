import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { HmacKey, padBytes, workFor } from "./hmac.ts";

describe("HMAC-SHA256", () => {
  it("is that of Node, for any key of at most a block and any text", () => {
    const key = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(key, fc.string({ unit: "grapheme", maxLength: 300 }), (bytes, text) => {
        const expected = createHmac("sha256", bytes).update(text);
        assert.equal(new HmacKey(bytes).hex(text), expected.digest("hex"));
      }),
    );
  });

  it("is that of Node for texts that are longer than what it works in", () => {
    const text = "é".repeat(40_000);
    assert.equal(new HmacKey(Buffer.from("key")).hex(text), createHmac("sha256", "key").update(text).digest("hex"));
  });

  it("is made of bytes in place", () => {
    const bytes = workFor(5).subarray(0, padBytes + 5);
    bytes.write("bytes", padBytes);
    assert.equal(
      new HmacKey(Buffer.from("key")).mac(bytes, "base64"),
      createHmac("sha256", "key").update("bytes").digest("base64"),
    );
  });

  it("takes no key that is longer than a block", () => {
    assert.throws(() => new HmacKey(Buffer.alloc(65)), RangeError);
  });

  it("shows nothing of its key", () => {
    const key = new HmacKey(Buffer.from("secret"));
    assert.equal(key.export().toString(), "secret");
    for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key)]) {
      assert.doesNotMatch(shown, /secret|73 65 63|115/);
    }
  });
});
