import type { StoredObject } from "../store/records.ts";

/** By algorithm. */
export type Checksums = StoredObject["checksums"];

/** One that is to be computed where it is not known. */
export interface WantedChecksum {
  readonly algorithm: string;
  /** `digest` gives the raw bytes, once. */
  readonly start: () => { update(data: Uint8Array): void; digest(): Buffer };
}

/** Those of the bytes; that of the checksums of parts says nothing of them. */
export function wholeOnly(checksums: Checksums): Checksums {
  return Object.fromEntries(Object.entries(checksums).filter(([, value]) => !value.includes("-")));
}
