import type { Bucket, ListedObject } from "../store/records.ts";
import type { Store } from "../store/store.ts";

/** Where a listing goes on: after an object, or after everything that begins with a common prefix. */
export type ListPlace =
  | { readonly kind: "object"; readonly key: string }
  | { readonly kind: "prefix"; readonly prefix: string };

export interface ObjectListQuery {
  readonly bucket: Bucket;
  readonly prefix: string;
  /** Keys that have it after the prefix are listed as one common prefix. Not empty. */
  readonly delimiter?: string;
  /**
   * Only what comes after this text. A common prefix that it begins with is not listed again, also when there are keys after
   * it: so a client may go on from the last thing listed, key or prefix.
   */
  readonly after?: string;
  /** Where the page before ended; wins over `after`. */
  readonly place?: ListPlace;
  readonly max: number;
}

interface Listing {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** The last thing listed, when there are more. */
  readonly next?: ListPlace;
}

/** Rows per query: few where each may lead to a seek, more while all of them are listed. */
const smallestPage = 16;
const largestPage = 256;
/** Rows that are read at once. What is beyond is read in turn: a row takes some 20 µs, and each of a thousand common prefixes a query. */
const rowsAtOnce = 128;

/** Runs a read of the store when the turn of the caller has come. */
export type InTurn = <T>(read: () => Promise<T>) => Promise<T>;

/**
 * Lists keys in UTF-8 byte order. Costs grow with what is listed, not with what lies below a common prefix: from each of those
 * the store seeks on.
 */
export async function listObjects(store: Store, query: ObjectListQuery, inTurn: InTurn): Promise<Listing> {
  const { bucket, prefix, delimiter, after, max } = query;
  if (max <= 0) return { objects: [], prefixes: [] };
  const objects: ListedObject[] = [];
  const prefixes: string[] = [];
  let last: ListPlace | undefined;
  let page = delimiter === undefined ? Math.min(max + 1, rowsAtOnce) : smallestPage;
  let read = 0;
  let cursor = startOf(query);
  while (cursor !== undefined) {
    const { from, after: behind }: Cursor = cursor;
    const list = (): Promise<ListedObject[]> =>
      store.objects.list({ bucket: bucket.uuid, prefix, ...from }, { max: page, ...behind });
    const rows = read + page <= rowsAtOnce ? await list() : await inTurn(list);
    read += Math.max(1, rows.length);
    let passed: string | undefined;
    for (const object of rows) {
      if (passed !== undefined && object.key.startsWith(passed)) continue;
      const common = commonPrefix(object.key, prefix, delimiter);
      if (common !== undefined && query.place === undefined && after?.startsWith(common) === true) {
        passed = common;
        continue;
      }
      if (objects.length + prefixes.length === max) return { objects, prefixes, ...(last && { next: last }) };
      if (common === undefined) {
        objects.push(object);
        last = { kind: "object", key: object.key };
      } else {
        prefixes.push(common);
        last = { kind: "prefix", prefix: common };
        passed = common;
      }
    }
    const end = rows.at(-1)?.key;
    if (end === undefined || rows.length < page) break;
    const within = passed !== undefined && end.startsWith(passed) ? passed : undefined;
    cursor = within === undefined ? { after: { after: end } } : seekPast(within);
    page = within === undefined ? Math.min(page * 2, largestPage) : smallestPage;
  }
  return { objects, prefixes };
}

/** Where to read on. */
export interface Cursor {
  readonly after?: { readonly after: string };
  readonly from?: { readonly from: string };
}

/** `undefined`: there is nothing to list any more. */
export function startOf({ place, after }: Pick<ObjectListQuery, "place" | "after">): Cursor | undefined {
  if (place?.kind === "prefix") return seekPast(place.prefix);
  const key = place?.key ?? after;
  return key === undefined || key === "" ? {} : { after: { after: key } };
}

/** Behind all that begins with `prefix`; `undefined`: nothing is. */
export function seekPast(prefix: string): Cursor | undefined {
  const from = successor(prefix);
  return from === undefined ? undefined : { from: { from } };
}

/** The common prefix under which the key is listed; `undefined`: by itself. */
export function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

const lastCodePoint = 0x10ffff;

/** The least text that is greater, in UTF-8 byte order, than all that begins with `prefix`; `undefined` when there is none. */
export function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === lastCodePoint) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters, and have no bytes in UTF-8.
  points.push(last === 0xd7ff ? 0xe000 : last + 1);
  return String.fromCodePoint(...points);
}
