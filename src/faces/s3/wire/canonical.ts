import type { IncomingHttpHeaders } from "node:http";
import { decodeBinary, encodeBinary, parseRawQuery, splitUrl, toBinary } from "./raw-url.ts";

/** A request as it came, before anything was decoded. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as received. */
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as Node gives them. */
  readonly rawHeaders: readonly string[];
}

// Not `\s` and `trim()`, here and below: in Latin-1 text the second byte of an "à" would count as a blank.
const manyBlanks = /\t|  |^ | $/;

/** All values of each header, by its name in lower case, trimmed and with runs of blanks collapsed. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

export function headerValues(rawHeaders: readonly string[]): HeaderValues {
  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const raw = rawHeaders[i + 1] ?? "";
    const value = manyBlanks.test(raw) ? raw.replace(/[ \t]+/g, " ").replace(/^ | $/g, "") : raw;
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

interface CanonicalParts {
  readonly request: SignedRequest;
  readonly values: HeaderValues;
  readonly signedHeaders: readonly string[];
  readonly payload: string;
}

/**
 * The canonical request ("Create a canonical request" of the SigV4 documents), in every reading that clients are known to
 * sign, the documented one first. All readings name the same bytes, so accepting any of them gives nothing away:
 * a path encoded by the rules or exactly as it was sent, and header values hashed as the bytes on the wire or, by clients
 * that hash before Node turns "é" into one Latin-1 byte, as UTF-8.
 */
export function canonicalRequests(parts: CanonicalParts): readonly (string | Buffer)[] {
  const { path, query } = splitUrl(parts.request.rawUrl);
  const raw = toBinary(path);
  const encoded = encodeBinary(decodeBinary(raw), true);
  const rest = `${canonicalQuery(query)}\n${canonicalHeaders(parts)}\n${parts.signedHeaders.join(";")}\n${parts.payload}`;
  const isPlain = !beyondAscii.test(rest);
  if (isPlain && raw === encoded) return [`${parts.request.method}\n${encoded}\n${rest}`];
  const paths = raw === encoded ? [encoded] : [encoded, raw];
  const texts = paths.map((canonicalPath) => `${parts.request.method}\n${canonicalPath}\n${rest}`);
  const charsets: BufferEncoding[] = isPlain ? ["latin1"] : ["latin1", "utf8"];
  return charsets.flatMap((charset) => texts.map((text) => Buffer.from(text, charset)));
}

const beyondAscii = /[\u0080-\uffff]/;

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return parseRawQuery(query)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encodeBinary(name, false), encodeBinary(value, false)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function canonicalHeaders({ values, signedHeaders }: CanonicalParts): string {
  let text = "";
  for (const name of signedHeaders) {
    const all = values.get(name) ?? absent(name);
    text += `${name}:${all.length === 1 ? all[0] : all.join(",")}\n`;
  }
  return text;
}

/** Proxies answer `Expect` themselves and do not pass it on, although boto3 and the SDK sign it. */
function absent(name: string): readonly string[] {
  return name === "expect" ? ["100-continue"] : [];
}
