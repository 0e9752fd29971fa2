import type { IncomingHttpHeaders } from "node:http";
import { defined } from "../../../domain/defined.ts";
import { S3Error } from "./errors.ts";

export interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
  /** Of deletes: how many bytes the object has. */
  readonly ifSize?: number;
  /** Of deletes: when it was last modified; to the second, unless a fraction is said. */
  readonly ifModifiedAt?: { readonly ms: number; readonly isExact: boolean };
}

/** What conditions are judged against. */
export interface Validators {
  /** Without quotes. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly size: number;
}

/** `condition` is the header that did not hold. */
type ConditionResult =
  | { readonly kind: "proceed" }
  | { readonly kind: "not-modified" }
  | { readonly kind: "failed"; readonly condition: string };

/** `prefix` `"x-amz-copy-source-"` gives the conditions on the source of a copy. */
export function readConditions(headers: IncomingHttpHeaders, prefix = ""): Conditions {
  const read = (name: string): string | undefined => {
    const value = headers[`${prefix}${name}`];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const ifMatch = read("if-match");
  const ifNoneMatch = read("if-none-match");
  const ifModifiedSince = read("if-modified-since");
  const ifUnmodifiedSince = read("if-unmodified-since");
  return defined({ ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince });
}

/** ISO 8601, and as headers have it. */
const timeForm =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)|[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4}))$/;

/**
 * Those of a delete, as its headers or the document of many say them.
 *
 * @returns `undefined` for a size or time that is none
 */
export function readDeletion(said: {
  readonly size?: string | undefined;
  readonly modifiedAt?: string | undefined;
}): Pick<Conditions, "ifSize" | "ifModifiedAt"> | undefined {
  const { size, modifiedAt } = said;
  if (size !== undefined && !/^\d{1,15}$/.test(size)) return undefined;
  // What `Date.parse` reads besides is a guess.
  const ms = modifiedAt === undefined ? 0 : timeForm.test(modifiedAt) ? Date.parse(modifiedAt) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  return {
    ...(size === undefined ? {} : { ifSize: Number(size) }),
    ...(modifiedAt === undefined ? {} : { ifModifiedAt: { ms, isExact: /\.\d/.test(modifiedAt) } }),
  };
}

const proceed: ConditionResult = { kind: "proceed" };

/**
 * GET and HEAD: 200, 304 or 412, in the order of RFC 9110 §13.2.2, which is S3's too: with If-Match, If-Unmodified-Since is
 * not asked; with If-None-Match, If-Modified-Since is not. Dates that are none are ignored.
 */
export function judgeRead(conditions: Conditions, object: Validators): ConditionResult {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object)) return { kind: "failed", condition: "If-Match" };
  } else if (modifiedSince(object, ifUnmodifiedSince) === true) {
    return { kind: "failed", condition: "If-Unmodified-Since" };
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, object) ? { kind: "not-modified" } : proceed;
  return modifiedSince(object, ifModifiedSince) === false ? { kind: "not-modified" } : proceed;
}

/** The source of a copy, by the same order; what a read would answer with 304 is 412 here. */
export function judgeCopySource(conditions: Conditions, source: Validators): ConditionResult {
  const judgement = judgeRead(conditions, source);
  if (judgement.kind !== "not-modified") return judgement;
  return { kind: "failed", condition: conditions.ifNoneMatch === undefined ? "If-Modified-Since" : "If-None-Match" };
}

/**
 * PutObject, CompleteMultipartUpload and DeleteObject against the object that is there now, if any ("Conditional writes").
 * `missing` = If-Match where there is no object, which is NoSuchKey.
 *
 * @throws S3Error NotImplemented for an If-None-Match other than `*`
 */
export function judgeWrite(
  conditions: Conditions,
  current: Validators | undefined,
): ConditionResult | { readonly kind: "missing" } {
  const { ifMatch, ifNoneMatch, ifSize, ifModifiedAt } = conditions;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== "*") throw new S3Error("NotImplemented", "On a write, If-None-Match must be *.");
    if (current !== undefined) return { kind: "failed", condition: "If-None-Match" };
  }
  if (ifMatch !== undefined) {
    if (current === undefined) return { kind: "missing" };
    if (!matches(ifMatch, current)) return { kind: "failed", condition: "If-Match" };
  }
  if (ifSize === undefined && ifModifiedAt === undefined) return proceed;
  if (current === undefined) return { kind: "missing" };
  if (ifSize !== undefined && ifSize !== current.size) return { kind: "failed", condition: "x-amz-if-match-size" };
  if (ifModifiedAt !== undefined && !isModifiedAt(current, ifModifiedAt)) {
    return { kind: "failed", condition: "x-amz-if-match-last-modified-time" };
  }
  return proceed;
}

function isModifiedAt(
  { lastModifiedMs }: Validators,
  { ms, isExact }: { readonly ms: number; readonly isExact: boolean },
): boolean {
  return isExact ? lastModifiedMs === ms : Math.floor(lastModifiedMs / 1000) * 1000 === ms;
}

/** A list of entity tags, or `*`. Quotes may be missing; ours are strong, so a weak one is compared by its value. */
function matches(list: string, { etag }: Validators): boolean {
  if (list.trim() === "*") return true;
  return list.split(",").some((tag) => unquoteEtag(tag) === etag);
}

/** `"abc"`, `W/"abc"` and `abc` → `abc`. */
export function unquoteEtag(tag: string): string {
  return tag.trim().replace(/^(?:W\/)?"(.*)"$/s, "$1");
}

/** HTTP dates know seconds only. `undefined` = no such date. */
function modifiedSince({ lastModifiedMs }: Validators, date: string | undefined): boolean | undefined {
  const ms = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : Math.floor(lastModifiedMs / 1000) * 1000 > ms;
}
