import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { parseSequence, sequenceText, timeOfUuidV7, uuidV7 } from "./ids.ts";

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

it("a UUID v7 is 48 bits of time, the version, 12 random bits, the variant, and 62 more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), bytes, (nowMs, random) => {
      const uuid = uuidV7({ nowMs, bytes: random });
      assert.equal(timeOfUuidV7(uuid), nowMs);
      const [, , third = "", fourth = "", last] = uuid.split("-");
      const ofRandom = Buffer.from(random).toString("hex");
      assert.equal(third, `7${ofRandom.slice(1, 4)}`);
      const variant = (0x80 | ((random[2] ?? 0) & 0x3f)).toString(16);
      assert.equal(fourth, variant + ofRandom.slice(6, 8));
      assert.equal(last, ofRandom.slice(8));
    }),
  );
  const when = { nowMs: 1_795_176_000_000.75, bytes: new Uint8Array(10) };
  assert.equal(uuidV7(when), "01a1f8d3-ea00-7000-8000-000000000000", "a clock may give fractions");
});

it("a sequence is 16 hex digits that sort as it does", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (one, other) => {
      assert.equal(sequenceText(one), one.toString(16).padStart(16, "0"));
      assert.equal(parseSequence(sequenceText(one)), one);
      assert.equal(sequenceText(one) < sequenceText(other), one < other);
    }),
  );
});
