import type { Checksums } from "./checksums.ts";
import type { Tag } from "./tags.ts";

export { s3Namespace, writeXml, type XmlContent } from "./xml-write.ts";

export interface DeleteObjectsRequest {
  readonly quiet: boolean;
  readonly objects: readonly { readonly key: string; readonly versionId?: string; readonly etag?: string }[];
}

export function parseDeleteObjects(_body: Buffer): DeleteObjectsRequest {
  throw new Error("not yet");
}

export interface CompletedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksums: Checksums;
}

export function parseCompleteMultipart(_body: Buffer): readonly CompletedPart[] {
  throw new Error("not yet");
}

export function parseTagging(_body: Buffer): readonly Tag[] {
  throw new Error("not yet");
}

/** An empty body is a request without a location. */
export function parseCreateBucket(_body: Buffer): { readonly location?: string } {
  throw new Error("not yet");
}
