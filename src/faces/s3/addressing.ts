import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { S3Error } from "./wire/errors.ts";
import { parsePath, type ResourcePath } from "./wire/keys.ts";
import { encodeBinary, splitUrl } from "./wire/raw-url.ts";

/**
 * Whom a request is for. Path style (`http://host/bucket/key`) and virtual-host style (`http://bucket.host/key`) look alike: the path
 * `/victim` is an object of the bucket in the host, or a bucket. A host that could be either is refused, since to guess is to delete
 * another thing than was meant.
 */

export interface Address extends ResourcePath {
  /** The bucket stands in the host, and the path names the key alone. */
  readonly isVirtualHost: boolean;
  /** With the port; empty when the client named none. */
  readonly host: string;
}

type Asked = Pick<IncomingMessage, "url" | "headers">;

/**
 * @param domains names of the endpoint, in lower case, below which a bucket's name may stand
 * @throws S3Error InvalidRequest for a host of several labels that is none of ours; those of {@link parsePath}
 */
export function s3AddressOf({ url = "/", headers }: Asked, domains: readonly string[]): Address {
  const host = headers.host ?? /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
  const bucket = bucketIn(host, domains);
  return { ...parsePath(url, bucket), isVirtualHost: bucket !== undefined, host };
}

/** The last host, which is nearly always the next one's too, and the bucket in it. */
let last:
  | { readonly host: string; readonly domains: readonly string[]; readonly bucket: string | undefined }
  | undefined;

function bucketIn(host: string, domains: readonly string[]): string | undefined {
  if (last?.host !== host || last.domains !== domains)
    last = { host, domains, bucket: bucketInHost(nameIn(host), domains) };
  return last.bucket;
}

/** Without port, brackets, and the dot at the end that says that a name is whole. */
function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

function bucketInHost(name: string, domains: readonly string[]): string | undefined {
  // A name without a dot has no room for a bucket: such are `localhost` and the services of containers.
  if (!name.includes(".") || isIP(name) !== 0 || domains.includes(name)) return undefined;
  const below = domains.filter((domain) => name.endsWith(`.${domain}`) && name.length > domain.length + 1);
  const longest = below.toSorted((a, b) => b.length - a.length)[0];
  if (longest !== undefined) return name.slice(0, -longest.length - 1);
  const dot = name.indexOf(".");
  const [label, rest] = [name.slice(0, dot), name.slice(dot + 1)];
  const known = domains.length === 0 ? "none" : domains.join(", ");
  throw new S3Error(
    "InvalidRequest",
    `The host ${name} is no name of this endpoint (SIGNALBOX_S3_DOMAIN: ${known}), so it is not clear whether the path names a bucket. ` +
      `Add ${name} to SIGNALBOX_S3_DOMAIN if it is the endpoint, or ${rest} if "${label}" is a bucket.`,
    { extra: { Host: name } },
  );
}

/** The URL of an object, by the host and in the style of the request. TLS ends in front of this server, at a proxy that says so. */
export function s3UrlOf(
  address: Pick<Address, "host" | "isVirtualHost">,
  request: Asked,
  name: Required<ResourcePath>,
): string {
  const scheme = request.headers["x-forwarded-proto"] === "https" ? "https" : "http";
  const path = address.isVirtualHost ? name.key : `${name.bucket}/${name.key}`;
  return `${scheme}://${address.host}/${encodeBinary(toBytes(path), true)}`;
}

function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What an error is about, as S3 names it: with the bucket, wherever that stood. Still encoded. */
export function s3ResourceOf({ url = "/", headers }: Asked, domains: readonly string[]): string {
  const { path } = splitUrl(url);
  try {
    const bucket = bucketIn(headers.host ?? "", domains);
    return bucket === undefined ? path : `/${bucket}${path}`;
  } catch {
    return path;
  }
}
