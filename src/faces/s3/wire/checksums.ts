import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { type Crc64, crc32c, crc64nvme } from "./crc.ts";
import { S3Error } from "./errors.ts";

export const checksumAlgorithms = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;
/** The last part of the header's name: `x-amz-checksum-crc32c`. */
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Checksums by algorithm, each in base64 as S3 writes it. */
export type ObjectChecksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** How many bytes a checksum has; base64 of any other length is not one. */
const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

/** A checksum in the making. */
export interface Checksum {
  update(data: Uint8Array): void;
  /** The raw bytes, big-endian. Call once, at the end. */
  digest(): Buffer;
}

export function newChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case "crc32":
      return crc32Checksum(crc32);
    case "crc32c":
      return crc32Checksum(crc32c);
    case "crc64nvme":
      return crc64Checksum();
    case "sha1":
    case "sha256":
      return createHash(algorithm);
    default:
      return algorithm satisfies never;
  }
}

function crc32Checksum(advance: (data: Uint8Array, crc: number) => number): Checksum {
  let crc = 0;
  return {
    update: (data) => {
      crc = advance(data, crc);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return bytes;
    },
  };
}

function crc64Checksum(): Checksum {
  const crc: Crc64 = { high: 0, low: 0 };
  return {
    update: (data) => crc64nvme(data, crc),
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(crc.high);
      bytes.writeUInt32BE(crc.low, 4);
      return bytes;
    },
  };
}

/** One to be computed by the holder of the bytes. */
export function wantedChecksum(algorithm: ChecksumAlgorithm): {
  readonly algorithm: ChecksumAlgorithm;
  readonly start: () => Checksum;
} {
  return { algorithm, start: () => newChecksum(algorithm) };
}

/** The checksum of `data` in base64. */
export function checksumOf(algorithm: ChecksumAlgorithm, data: Uint8Array): string {
  const checksum = newChecksum(algorithm);
  checksum.update(data);
  return checksum.digest().toString("base64");
}

/** `x-amz-checksum-algorithm`. @throws S3Error InvalidRequest */
export function readAlgorithm(headers: IncomingHttpHeaders): ChecksumAlgorithm | undefined {
  const name = headers["x-amz-checksum-algorithm"];
  if (name === undefined) return undefined;
  const algorithm = parseChecksumAlgorithm(String(name));
  if (algorithm === undefined) throw new S3Error("InvalidRequest", "Checksum algorithm provided is unsupported.");
  return algorithm;
}

/** Finds `CRC32`, `crc32c`, `SHA256` …, as in `x-amz-checksum-algorithm`. */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm | undefined {
  const wanted = text.trim().toLowerCase();
  return checksumAlgorithms.find((algorithm) => algorithm === wanted);
}

/** Whether `text` is base64 of as many bytes as the algorithm's checksum has. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  return isBase64Of(text, checksumBytes[algorithm]);
}

/** Whether `text` is the base64 that `bytes` bytes come out as, and nothing looser. */
export function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, "base64");
  return decoded.length === bytes && decoded.toString("base64") === text;
}
