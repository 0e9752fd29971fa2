import type { Part } from "../../store/records.ts";

/**
 * The CRC of bytes that came in parts, from the CRCs of the parts, without reading a byte: appending n bytes multiplies a CRC,
 * as a polynomial over GF(2), by x^8n. Hashes (SHA) cannot be combined.
 */

interface Crc {
  readonly algorithm: string;
  readonly bits: bigint;
  /** Bit-reversed. */
  readonly polynomial: bigint;
}

const crcs: readonly Crc[] = [
  { algorithm: "crc32", bits: 32n, polynomial: 0xedb88320n },
  { algorithm: "crc32c", bits: 32n, polynomial: 0x82f63b78n },
  { algorithm: "crc64nvme", bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
];

/**
 * Every CRC that all of the parts have, or the one that is asked for, combined; base64, by algorithm. To be interrupted at each yield: ten
 * thousand parts of as many sizes take seconds.
 */
export function* combiningChecksums(
  parts: readonly Pick<Part, "size" | "checksums">[],
  only?: string,
): Generator<void, Record<string, string>, void> {
  const combined: Record<string, string> = {};
  for (const crc of crcs) {
    if (only !== undefined && crc.algorithm !== only) continue;
    if (parts.some(({ checksums }) => checksums[crc.algorithm] === undefined)) continue;
    const value = yield* combine(crc, parts);
    if (value !== undefined) combined[crc.algorithm] = value;
  }
  return combined;
}

/** Parts that are combined between two interruptions: one of a size of its own costs a third of a millisecond. */
const perStep = 4;

function* combine(
  crc: Crc,
  parts: readonly Pick<Part, "size" | "checksums">[],
): Generator<void, string | undefined, void> {
  const bytes = Number(crc.bits) / 8;
  // Parts are mostly of one size.
  const powers = new Map<number, bigint>();
  let whole = 0n;
  for (const [index, { size, checksums }] of parts.entries()) {
    if (index % perStep === perStep - 1) yield;
    const text = checksums[crc.algorithm];
    if (text === undefined) return undefined;
    const power = powers.get(size) ?? powerOfX(crc, BigInt(size) * 8n);
    powers.set(size, power);
    whole = multiply(crc, power, whole) ^ BigInt(`0x${Buffer.from(text, "base64").toString("hex")}`);
  }
  const hex = whole.toString(16).padStart(bytes * 2, "0");
  return Buffer.from(hex, "hex").toString("base64");
}

/** x^n modulo the polynomial. The highest bit is x^0, as all is bit-reversed. */
function powerOfX(crc: Crc, n: bigint): bigint {
  let result = 1n << (crc.bits - 1n);
  let base = result >> 1n;
  for (let rest = n; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = multiply(crc, base, result);
    base = multiply(crc, base, base);
  }
  return result;
}

/** a × b modulo the polynomial. */
function multiply({ bits, polynomial }: Crc, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = bits - 1n; bit >= 0n; bit -= 1n) {
    if (((a >> bit) & 1n) === 1n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
