import { formatFilterError, listedFields, parseFilter, type SortValue } from "../../domain/filter/index.ts";
import type { ObjectListQuery } from "../../storage/list-objects.ts";
import type { FoundObjects, ObjectQuery, QueryPlace } from "../../storage/query-objects.ts";
import type { BucketCall } from "./call.ts";
import { header } from "./request.ts";
import { S3Error } from "./wire/errors.ts";
import { decodeWords } from "./wire/metadata.ts";
import { utf8Text } from "./wire/raw-url.ts";

/** `X-Tigris-Query` of ListObjectsV2: a filter over what the bucket holds. */

export const queryHeader = "x-tigris-query";

/** What the client asks for; `undefined` of a request without the header. Beyond ASCII as metadata may come: UTF-8 or RFC 2047 words. */
export function queryOf({ headers }: BucketCall): string | undefined {
  const written = header(headers, queryHeader);
  return written === undefined ? undefined : decodeWords(utf8Text(written) ?? written);
}

/**
 * @throws S3Error InvalidArgument, which says where the query is wrong and why
 */
export async function runQuery(
  { context, exchange, principal }: BucketCall,
  text: string,
  query: Omit<ObjectListQuery, "place"> & { readonly place?: QueryPlace },
): Promise<FoundObjects> {
  const filter = await context.slices.run(principal.tenant, reading(text), exchange.whenGone);
  return context.queries.list({ ...query, filter }, exchange.whenGone);
}

function* reading(text: string): Generator<void, ObjectQuery["filter"], void> {
  yield;
  const parsed = parseFilter(text, listedFields);
  if (parsed.kind === "ok") return parsed.filter;
  throw new S3Error("InvalidArgument", `X-Tigris-Query: ${formatFilterError(parsed.error, text)}`, {
    extra: { ArgumentName: "X-Tigris-Query" },
  });
}

/** A place in a list as its continuation token: opaque to clients; a letter, and base64 of what it stands for. */
export function tokenOf(place: QueryPlace): string {
  switch (place.kind) {
    case "object":
      return `o${encoded(place.key)}`;
    case "prefix":
      return `p${encoded(place.prefix)}`;
    case "sorted":
      return `s${encoded(JSON.stringify([place.order, place.key, place.values]))}`;
    default:
      return place satisfies never;
  }
}

/** @throws S3Error InvalidArgument */
export function parseToken(token: string): QueryPlace {
  const text = Buffer.from(token.slice(1), "base64url").toString("utf8");
  if (token.startsWith("o")) return { kind: "object", key: text };
  if (token.startsWith("p") && text !== "") return { kind: "prefix", prefix: text };
  const sorted = token.startsWith("s") ? parseSorted(text) : undefined;
  if (sorted !== undefined) return sorted;
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
}

function parseSorted(text: string): QueryPlace | undefined {
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts)) return undefined;
    const [order, key, values] = parts as readonly unknown[];
    if (typeof order !== "string" || typeof key !== "string" || !isSortValues(values)) return undefined;
    return { kind: "sorted", order, key, values };
  } catch {
    return undefined;
  }
}

function isSortValues(values: unknown): values is readonly SortValue[] {
  return (
    Array.isArray(values) &&
    values.every((value) => value === null || typeof value === "string" || typeof value === "number")
  );
}

function encoded(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}
