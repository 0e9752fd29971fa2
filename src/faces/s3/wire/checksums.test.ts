import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { checksumAlgorithms, checksumOf, isChecksum, newChecksum, parseChecksumAlgorithm } from "./checksums.ts";

const digits = Buffer.from("123456789");
const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");

describe("checksums", () => {
  it("the check values of the CRC catalogue", () => {
    assert.equal(hex(checksumOf("crc32", digits)), "cbf43926");
    assert.equal(hex(checksumOf("crc32c", digits)), "e3069283");
    assert.equal(hex(checksumOf("crc64nvme", digits)), "ae8b14860a799888");
  });

  it("RFC 3720 B.4: CRC-32C of 32 bytes", () => {
    assert.equal(hex(checksumOf("crc32c", Buffer.alloc(32))), "8a9136aa");
    assert.equal(hex(checksumOf("crc32c", Buffer.alloc(32, 0xff))), "62a8ab43");
    const ascending = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
    assert.equal(hex(checksumOf("crc32c", ascending)), "46dd794e");
  });

  it("nothing at all has the checksum that presigned URLs carry", () => {
    assert.equal(checksumOf("crc32", Buffer.alloc(0)), "AAAAAA==");
    assert.equal(checksumOf("crc64nvme", Buffer.alloc(0)), "AAAAAAAAAAA=");
  });

  it("sha1 and sha256 are those of node:crypto", () => {
    assert.equal(checksumOf("sha1", digits), createHash("sha1").update(digits).digest("base64"));
    assert.equal(checksumOf("sha256", digits), createHash("sha256").update(digits).digest("base64"));
  });

  /** Bit by bit, as the definition reads. */
  function slowCrc64(data: Uint8Array): string {
    const polynomial = 0x9a6c9329ac4bc9b5n;
    let crc = 0xffffffffffffffffn;
    for (const byte of data) {
      crc ^= BigInt(byte);
      for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    }
    return (crc ^ 0xffffffffffffffffn).toString(16).padStart(16, "0");
  }

  it("crc64nvme equals its definition, at any length and alignment", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(7), (bytes, skip) => {
        const data = Buffer.from(bytes).subarray(Math.min(skip, bytes.length));
        assert.equal(hex(checksumOf("crc64nvme", data)), slowCrc64(data));
      }),
    );
  });

  it("it does not matter how the data is cut", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...checksumAlgorithms),
        fc.array(fc.uint8Array({ maxLength: 40 })),
        (name, pieces) => {
          const checksum = newChecksum(name);
          for (const piece of pieces) checksum.update(piece);
          assert.equal(checksum.digest().toString("base64"), checksumOf(name, Buffer.concat(pieces)));
        },
      ),
    );
  });

  it("algorithms are found in any case; others are not", () => {
    assert.equal(parseChecksumAlgorithm("CRC64NVME"), "crc64nvme");
    assert.equal(parseChecksumAlgorithm(" sha256 "), "sha256");
    assert.equal(parseChecksumAlgorithm("MD5"), undefined);
  });

  it("a checksum is strict base64 of the right length", () => {
    assert.ok(isChecksum("crc32", "y/Q5Jg=="));
    for (const wrong of ["", "y/Q5Jg", "y_Q5Jg==", "y/Q5Jh==", "y/Q5JgA=", "cbf43926"]) {
      assert.ok(!isChecksum("crc32", wrong), wrong);
    }
  });
});
