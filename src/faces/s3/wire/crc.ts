/**
 * CRC-32C and CRC-64/NVME, eight bytes at a time ("slicing-by-8"); CRC-32 is in `node:zlib`. 64 bits are kept as two 32-bit
 * halves: BigInt would be far slower.
 */

/** Both polynomials bit-reversed. */
const crc32cPolynomial = 0x82f63b78;
const crc64Polynomial = { high: 0x9a6c9329, low: 0xac4bc9b5 };

/** Tables of 8 × 256; entry `k * 256 + byte` is the effect of a byte with `k` bytes after it. */
const crc32cTable = new Int32Array(2048);
const crc64Low = new Int32Array(2048);
const crc64High = new Int32Array(2048);

/** Every index below is masked to the table's length, so that an entry is always there. */
function entry(table: Int32Array, index: number): number {
  return table[index] as number;
}

for (let byte = 0; byte < 256; byte += 1) {
  let crc = byte;
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ crc32cPolynomial;
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) {
      low ^= crc64Polynomial.low;
      high ^= crc64Polynomial.high;
    }
  }
  crc32cTable[byte] = crc;
  crc64Low[byte] = low;
  crc64High[byte] = high;
}
for (let index = 256; index < 2048; index += 1) {
  const crc = entry(crc32cTable, index - 256);
  crc32cTable[index] = (crc >>> 8) ^ entry(crc32cTable, crc & 0xff);
  const low = entry(crc64Low, index - 256);
  const high = entry(crc64High, index - 256);
  crc64Low[index] = ((low >>> 8) | (high << 24)) ^ entry(crc64Low, low & 0xff);
  crc64High[index] = (high >>> 8) ^ entry(crc64High, low & 0xff);
}

/** CRC-32C (Castagnoli) of what `crc` is the checksum of, followed by `data`. Begins with 0. */
export function crc32c(data: Uint8Array, crc = 0): number {
  const table = crc32cTable;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~7;
  let state = ~crc;
  for (let i = 0; i < whole; i += 8) {
    const a = state ^ view.getInt32(i, true);
    const b = view.getInt32(i + 4, true);
    state =
      entry(table, 1792 + (a & 0xff)) ^
      entry(table, 1536 + ((a >>> 8) & 0xff)) ^
      entry(table, 1280 + ((a >>> 16) & 0xff)) ^
      entry(table, 1024 + (a >>> 24)) ^
      entry(table, 768 + (b & 0xff)) ^
      entry(table, 512 + ((b >>> 8) & 0xff)) ^
      entry(table, 256 + ((b >>> 16) & 0xff)) ^
      entry(table, b >>> 24);
  }
  for (let i = whole; i < data.length; i += 1) {
    state = (state >>> 8) ^ entry(table, (state ^ view.getUint8(i)) & 0xff);
  }
  return ~state >>> 0;
}

/** The running state of a CRC-64: two unsigned halves of the checksum so far. */
export interface Crc64 {
  high: number;
  low: number;
}

/** CRC-64/NVME: moves `crc` (begin with two zeros) over `data`. */
export function crc64nvme(data: Uint8Array, crc: Crc64): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~7;
  let low = ~crc.low;
  let high = ~crc.high;
  for (let i = 0; i < whole; i += 8) {
    const a = low ^ view.getInt32(i, true);
    const b = high ^ view.getInt32(i + 4, true);
    const i0 = 1792 + (a & 0xff);
    const i1 = 1536 + ((a >>> 8) & 0xff);
    const i2 = 1280 + ((a >>> 16) & 0xff);
    const i3 = 1024 + (a >>> 24);
    const i4 = 768 + (b & 0xff);
    const i5 = 512 + ((b >>> 8) & 0xff);
    const i6 = 256 + ((b >>> 16) & 0xff);
    const i7 = b >>> 24;
    low =
      entry(crc64Low, i0) ^
      entry(crc64Low, i1) ^
      entry(crc64Low, i2) ^
      entry(crc64Low, i3) ^
      entry(crc64Low, i4) ^
      entry(crc64Low, i5) ^
      entry(crc64Low, i6) ^
      entry(crc64Low, i7);
    high =
      entry(crc64High, i0) ^
      entry(crc64High, i1) ^
      entry(crc64High, i2) ^
      entry(crc64High, i3) ^
      entry(crc64High, i4) ^
      entry(crc64High, i5) ^
      entry(crc64High, i6) ^
      entry(crc64High, i7);
  }
  for (let i = whole; i < data.length; i += 1) {
    const index = (low ^ view.getUint8(i)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ entry(crc64Low, index);
    high = (high >>> 8) ^ entry(crc64High, index);
  }
  crc.low = ~low >>> 0;
  crc.high = ~high >>> 0;
}
