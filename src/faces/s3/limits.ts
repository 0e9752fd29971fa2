const kib = 1024;
const mib = 1024 * kib;
const gib = 1024 * mib;

/** Sizes in bytes, times in milliseconds. */
export interface S3Limits {
  /** Of one PUT, and of one part. */
  readonly maxObjectBytes: number;
  /** Of an object that comes in parts. */
  readonly maxUploadBytes: number;
  /** Every part but the last has at least so much. */
  readonly minPartBytes: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleMs: number;
}

/** S3's own, and an idle time that leaves room for hooks. */
export const defaultS3Limits: S3Limits = {
  maxObjectBytes: 5 * gib,
  maxUploadBytes: 5 * 1024 * gib,
  minPartBytes: 5 * mib,
  idleMs: 120_000,
};

/** Request line and headers: S3 allows 8 KiB of headers, and a key of 1,024 bytes may take 3 KiB in each of URL and header. */
export const maxHeaderBytes = 32 * kib;

/**
 * XML bodies. Ten tags, each character written as a number, have 40 KiB; a thousand keys to delete, and ten thousand parts with their
 * checksums, need more.
 */
export const maxXmlBytes = 64 * kib;
/** A hundred notification configurations, each with two filters of 1,024 bytes as numbers and all events. */
export const maxNotificationXmlBytes = 2 * mib;
export const maxDeleteXmlBytes = 2 * mib;
export const maxCompleteXmlBytes = 4 * mib;

/** Parameters of a URL. Signatures sort them, and nothing that S3 knows has a tenth of them. */
export const maxParameters = 256;

/** How much of a body that is not wanted is read and dropped, so that its sender gets to read why. */
export const maxDrainBytes = 32 * mib;
export const maxDrainMs = 10_000;
/** A rest of at most so much is dropped and the connection kept. */
export const keepAliveRestBytes = mib;
