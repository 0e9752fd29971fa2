import type { Readable } from "node:stream";
import type { BodySpec } from "./body-spec.ts";
import type { Checksums } from "./checksums.ts";

export interface BodyDigest {
  readonly size: number;
  readonly md5Hex: string;
  /** Those that the client gave (all verified) and those the spec asked for. */
  readonly checksums: Checksums;
}

/** The bytes of the object, to be iterated once. */
export interface Body extends AsyncIterable<Buffer> {
  /** What was read. Throws before the iteration has ended well. */
  digest(): BodyDigest;
}

export function readBody(_stream: Readable, _spec: BodySpec): Body {
  throw new Error("not yet");
}

/** A whole small body (XML), verified alike. */
export async function readSmallBody(_stream: Readable, _spec: BodySpec, _maxBytes: number): Promise<Buffer> {
  throw new Error("not yet");
}
