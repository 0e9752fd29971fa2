import type { IncomingHttpHeaders } from "node:http";

export interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
}

/** What conditions are judged against. */
export interface Validators {
  /** Without quotes. */
  readonly etag: string;
  readonly lastModifiedMs: number;
}

/** `prefix` `"x-amz-copy-source-"` gives the conditions on the source of a copy. */
export function readConditions(_headers: IncomingHttpHeaders, _prefix = ""): Conditions {
  throw new Error("not yet");
}

/** A condition that did not hold, by the header's name. */
export type Judgement =
  | { readonly kind: "proceed" }
  | { readonly kind: "not-modified" }
  | { readonly kind: "failed"; readonly condition: string };

/** GET and HEAD: 200, 304 or 412. */
export function judgeRead(_conditions: Conditions, _object: Validators): Judgement {
  throw new Error("not yet");
}

/** The source of a copy: whatever does not hold is 412. */
export function judgeCopySource(_conditions: Conditions, _source: Validators): Judgement {
  throw new Error("not yet");
}

/** PUT, Complete, DELETE against the object that is there now, if any: `missing` = If-Match on no object, which is 404. */
export function judgeWrite(
  _conditions: Conditions,
  _current: Validators | undefined,
): Judgement | { readonly kind: "missing" } {
  throw new Error("not yet");
}
