import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { combiningChecksums } from "./combine-checksums.ts";
import { checksumOf } from "./wire/checksums.ts";
import { inOneGo } from "./wire/xml-read.ts";

const combined = (...asked: Parameters<typeof combiningChecksums>) => inOneGo(combiningChecksums(...asked));
const algorithms = ["crc32", "crc32c", "crc64nvme"] as const;

describe("the checksum of parts", () => {
  it("is that of the whole", () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, fc.constantFrom(...algorithms), (pieces, algorithm) => {
        const known = pieces.map((piece) => ({
          size: piece.length,
          checksums: { [algorithm]: checksumOf(algorithm, piece) },
        }));
        assert.deepEqual(combined(known), { [algorithm]: checksumOf(algorithm, Buffer.concat(pieces)) });
      }),
      { numRuns: 60 },
    );
  });

  it("is not known when that of a part is not, or cannot be combined", () => {
    const piece = Buffer.from("x");
    const crc = { crc32: checksumOf("crc32", piece), sha256: checksumOf("sha256", piece) };
    assert.deepEqual(Object.keys(combined([{ size: 1, checksums: crc }])), ["crc32"]);
    assert.deepEqual(
      combined([
        { size: 1, checksums: crc },
        { size: 1, checksums: {} },
      ]),
      {},
    );
  });
});
