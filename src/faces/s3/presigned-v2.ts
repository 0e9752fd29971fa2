import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Address } from "./addressing.ts";
import { header } from "./request.ts";
import { S3Error } from "./wire/errors.ts";
import { type Parameter, parseRawQuery, splitUrl, toBinary } from "./wire/raw-url.ts";
import { hoistedHeaders } from "./wire/sigv4.ts";

/**
 * Presigned URLs of Signature Version 2. Long superseded, but they are what boto3, aws-cli and s3cmd still make by default
 * otherwise, so a client that works unmodified makes them. Only for objects, and only in a URL: requests with an `Authorization`
 * header are signed with Version 4.
 *
 * Version 2 signs a fixed list of parameters and no others. S3 lets the holder of such a URL add the others; here they are
 * refused, so that a URL to read an object is good for nothing else. Names are read once, decoded, for signing and routing alike.
 */

type Parameters = readonly Parameter[];

const ownParameters = new Set(["AWSAccessKeyId", "Signature", "Expires"]);
const subResourceParameters = ["acl", "partNumber", "tagging", "uploadId", "uploads", "versionId"];
const overrideParameters = [
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
  "response-content-language",
  "response-content-type",
  "response-expires",
];
const signedParameters = new Set([...subResourceParameters, ...overrideParameters]);
/** Sub-resources that answer something else than the object, to which overrides mean nothing. */
const otherAnswers = new Set(["acl", "tagging", "uploadId", "uploads"]);
/** Headers that the client of the signer puts into the URL. A colon ends the name in what is signed, so no name holds one. */
const headerParameter = /^(?:x-amz-[^:]+|content-type|content-md5)$/;

/** Whether the URL carries a signature of Version 2. */
export function isPresignedV2({ url = "/", headers }: IncomingMessage): boolean {
  if (headers.authorization !== undefined || !url.includes("?")) return false;
  const names = new Set(parseRawQuery(splitUrl(url).query).map(([name]) => name));
  return names.has("AWSAccessKeyId") && names.has("Signature");
}

/**
 * Proves who signed the URL.
 *
 * @throws S3Error AccessDenied (expired, malformed, more parameters than may be), InvalidAccessKeyId, SignatureDoesNotMatch
 */
export async function verifyPresignedV2<T extends { readonly secret: string }>(
  { request, address }: { readonly request: IncomingMessage; readonly address: Address },
  lookup: (accessKeyId: string) => Promise<T | undefined>,
  nowMs: number,
): Promise<T> {
  const { path: rawPath, query: rawQuery } = splitUrl(request.url ?? "/");
  // What is signed is the same in both styles; the host is not.
  const path = address.isVirtualHost ? `/${address.bucket}${rawPath}` : rawPath;
  const query = parseRawQuery(rawQuery);
  const expires = valueOf(query, "Expires") ?? "";
  if (!/^\d{1,12}$/.test(expires)) throw new S3Error("AccessDenied", "Expires must be a time in seconds.");
  if (nowMs > Number(expires) * 1000) {
    throw new S3Error("AccessDenied", "Request has expired", {
      extra: { Expires: new Date(Number(expires) * 1000).toISOString(), ServerTime: new Date(nowMs).toISOString() },
    });
  }
  if (!/^\/[^/]+\/./.test(path) || !query.every(([name]) => isKnown(name)) || isAmbiguous(query)) {
    throw new S3Error(
      "AccessDenied",
      "A URL of Signature Version 2 is good for the object that it was signed for only.",
    );
  }
  const id = valueOf(query, "AWSAccessKeyId") ?? "";
  const accessKey = await lookup(id);
  if (accessKey === undefined) throw new S3Error("InvalidAccessKeyId", undefined, { extra: { AWSAccessKeyId: id } });
  const text = stringToSign(request, query, { path, expires });
  const expected = createHmac("sha1", accessKey.secret).update(text, "latin1").digest();
  const given = Buffer.from(valueOf(query, "Signature") ?? "", "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new S3Error("SignatureDoesNotMatch", undefined, { extra: { AWSAccessKeyId: id, StringToSign: text } });
  }
  return accessKey;
}

/** The headers in the URL that mean something for the object and its bytes. */
export function hoistedV2({ url = "/" }: IncomingMessage): Readonly<Record<string, string>> {
  const plain = parseRawQuery(splitUrl(url).query)
    .filter(([name]) => name === "content-type" || name === "content-md5")
    .map(([name, value]) => [name, value] as const);
  return { ...hoistedHeaders(url), ...Object.fromEntries(plain) };
}

/**
 * What is signed is joined by line feeds and `&`, unescaped: a value that holds a line feed could pass for two lines, and one
 * that holds `&tagging` for another sub-resource.
 */
function isAmbiguous(query: Parameters): boolean {
  const overrides = query.some(([name]) => name.startsWith("response-"));
  // oxlint-disable-next-line no-control-regex -- what separates the lines that are signed
  return query.some(([name, value]) => /[\r\n]/.test(name + value) || (overrides && otherAnswers.has(name)));
}

function isKnown(name: string): boolean {
  return ownParameters.has(name) || signedParameters.has(name) || headerParameter.test(name);
}

function valueOf(query: Parameters, name: string): string | undefined {
  return query.find(([other]) => other === name)?.[1];
}

/** After "Signing and authenticating REST requests (Version 2)", with `Expires` in the place of the date. */
function stringToSign(
  request: IncomingMessage,
  query: Parameters,
  { path, expires }: { readonly path: string; readonly expires: string },
): string {
  const given = (name: string): string => header(request.headers, name) ?? valueOf(query, name) ?? "";
  return [
    request.method,
    given("content-md5"),
    given("content-type"),
    expires,
    ...amzHeaders(request, query),
    toBinary(path) + subResources(query),
  ].join("\n");
}

/** `x-amz-*`, from headers and, where there is none of the name, from the URL; sorted, repeated ones joined. */
function amzHeaders({ rawHeaders }: IncomingMessage, query: Parameters): string[] {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!name.startsWith("x-amz-")) continue;
    values.set(name, [...(values.get(name) ?? []), (rawHeaders[index + 1] ?? "").trim()]);
  }
  for (const [name, value] of query) {
    if (name.startsWith("x-amz-") && !values.has(name)) values.set(name, [value]);
  }
  return [...values.keys()].sort().map((name) => `${name}:${(values.get(name) ?? []).join(",")}`);
}

/** The parameters that are signed, sorted; one without `=` has none here either. */
function subResources(query: Parameters): string {
  const signed = query
    .filter(([name]) => signedParameters.has(name))
    .map(([name, value, bare]) => (bare ? name : `${name}=${value}`))
    .sort();
  return signed.length === 0 ? "" : `?${signed.join("&")}`;
}
