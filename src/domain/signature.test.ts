import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import golden from "../../test/golden/signatures.json" with { type: "json" };
import { newSigningSecret, sign, signingKey, verify } from "./signature.ts";

/** The public vector of the Standard Webhooks reference libraries. */
const vector = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestampS: 1614265330,
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const nowMs = vector.timestampS * 1000;
const headers = {
  "webhook-id": vector.id,
  "webhook-timestamp": String(vector.timestampS),
  "webhook-signature": vector.signature,
};

describe("sign", () => {
  it("gives the published vector, for text and for bytes", () => {
    const keys = [signingKey(vector.secret)];
    assert.equal(sign(keys, vector), vector.signature);
    assert.equal(sign(keys, { ...vector, body: Buffer.from(vector.body) }), vector.signature);
  });

  it("writes one signature per key, separated by a space", () => {
    const other = signingKey(newSigningSecret(new Uint8Array(32).fill(7)));
    const [first, second, ...rest] = sign([signingKey(vector.secret), other], vector).split(" ");
    assert.equal(first, vector.signature);
    assert.equal(second, sign([other], vector));
    assert.deepEqual(rest, []);
  });

  it("is HMAC-SHA256, whatever the key and the body (property)", () => {
    const keyOf = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const bodyOf = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.uint8Array({ maxLength: 200 }));
    const timesOf = fc.constantFrom(1, 1, 1, 3_000);
    fc.assert(
      fc.property(keyOf, bodyOf, timesOf, fc.string({ unit: "binary" }), (bytes, piece, times, id) => {
        const body = typeof piece === "string" ? piece.repeat(times) : Buffer.concat(Array(times).fill(piece));
        const key = signingKey(`whsec_${Buffer.from(bytes).toString("base64")}`);
        const mac = createHmac("sha256", bytes).update(`${id}.7.`).update(body).digest("base64");
        assert.equal(sign([key], { id, timestampS: 7, body }), `v1,${mac}`);
        assert.deepEqual(key.export(), Buffer.from(bytes));
      }),
    );
  });

  it("writes nothing without a key", () => assert.equal(sign([], vector), ""));
});

describe("secrets", () => {
  it("are whsec_ and the base64 of 32 bytes", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
    const secret = newSigningSecret(bytes);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(signingKey(secret).export(), Buffer.from(bytes));
    assert.throws(() => newSigningSecret(new Uint8Array(31)), RangeError);
  });

  it("that are none are refused without being repeated", () => {
    for (const secret of [
      "",
      "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "whsec_",
      "whsec_c2hvcnQ=",
      "whsec_not base64 at all, but long enough",
    ]) {
      assert.throws(
        () => signingKey(secret),
        (error: Error) =>
          /signing_secret/.test(error.message) && (secret.length < 8 || !error.message.includes(secret)),
      );
    }
  });
});

describe("verify", () => {
  it("agrees with the vectors that the clients share", () => {
    for (const { name, secrets, headers: given, body, now, accepted } of golden.vectors) {
      const all = {
        "webhook-id": undefined,
        "webhook-timestamp": undefined,
        "webhook-signature": undefined,
        ...given,
      };
      assert.equal(verify(secrets, all, body, { nowMs: now * 1000 }).kind, accepted ? "ok" : "refused", name);
    }
  });

  it("accepts the vector, alone and beside other signatures and versions", () => {
    assert.deepEqual(verify([vector.secret], headers, vector.body, { nowMs }), { kind: "ok" });
    const several = { ...headers, "webhook-signature": `v1a,xyz v1,AAAA ${vector.signature}` };
    assert.deepEqual(verify([vector.secret], several, Buffer.from(vector.body), { nowMs }), { kind: "ok" });
  });

  it("accepts either secret while one replaces the other", () => {
    const next = newSigningSecret(new Uint8Array(32).fill(1));
    assert.equal(verify([next, vector.secret], headers, vector.body, { nowMs }).kind, "ok");
    const both = sign([signingKey(next), signingKey(vector.secret)], vector);
    assert.equal(verify([vector.secret], { ...headers, "webhook-signature": both }, vector.body, { nowMs }).kind, "ok");
    assert.equal(verify([next], headers, vector.body, { nowMs }).kind, "refused");
  });

  it("holds the timestamp to five minutes either way", () => {
    const at = (shiftMs: number): string =>
      verify([vector.secret], headers, vector.body, { nowMs: nowMs + shiftMs }).kind;
    assert.equal(at(300_000), "ok");
    assert.equal(at(-300_000), "ok");
    assert.equal(at(300_001), "refused");
    assert.equal(at(-300_001), "refused");
    const wide = { nowMs: nowMs + 300_001, toleranceMs: 400_000 };
    assert.equal(verify([vector.secret], headers, vector.body, wide).kind, "ok");
  });

  it("wants strict digits", () => {
    for (const timestamp of [
      "",
      " 1614265330",
      "1614265330.0",
      "1.6e9",
      "0x60",
      "+1614265330",
      "01614265330",
      "1614265330\n",
    ]) {
      const changed = { ...headers, "webhook-timestamp": timestamp };
      assert.equal(verify([vector.secret], changed, vector.body, { nowMs }).kind, "refused", JSON.stringify(timestamp));
    }
  });

  it("refuses missing and repeated headers, and no secrets", () => {
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"] as const) {
      assert.equal(verify([vector.secret], { ...headers, [name]: undefined }, vector.body, { nowMs }).kind, "refused");
      assert.equal(verify([vector.secret], { ...headers, [name]: ["a", "b"] }, vector.body, { nowMs }).kind, "refused");
    }
    assert.equal(verify([], headers, vector.body, { nowMs }).kind, "refused");
  });

  it("accepts what was signed and nothing that was changed (property)", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (key, body, at) => {
        const secret = newSigningSecret(key);
        const signed = {
          "webhook-id": "msg",
          "webhook-timestamp": "1700000000",
          "webhook-signature": sign([signingKey(secret)], { id: "msg", timestampS: 1_700_000_000, body }),
        };
        const time = { nowMs: 1_700_000_000_000 };
        assert.equal(verify([secret], signed, body, time).kind, "ok");
        const changed = body.map((byte, index) => (index === at % body.length ? byte ^ 1 : byte));
        assert.equal(verify([secret], signed, changed, time).kind, "refused");
        assert.equal(verify([secret], { ...signed, "webhook-id": "msh" }, body, time).kind, "refused");
      }),
    );
  });
});
