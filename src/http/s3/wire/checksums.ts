export const checksumAlgorithms = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;
/** The last part of the header's name: `x-amz-checksum-crc32c`. */
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Checksums by algorithm, each in base64 as S3 writes it. */
export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** A checksum in the making. */
export interface Checksum {
  update(data: Uint8Array): void;
  /** The raw bytes. Ends the computation. */
  digest(): Buffer;
}

export function newChecksum(_algorithm: ChecksumAlgorithm): Checksum {
  throw new Error("not yet");
}

/** The checksum of `data` in base64. */
export function checksumOf(_algorithm: ChecksumAlgorithm, _data: Uint8Array): string {
  throw new Error("not yet");
}

/** Finds `CRC32`, `crc32c`, `SHA256` …, as in `x-amz-checksum-algorithm`. */
export function parseChecksumAlgorithm(_text: string): ChecksumAlgorithm | undefined {
  throw new Error("not yet");
}
