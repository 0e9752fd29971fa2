/** The S3 endpoint in the matrix: what is asked of mia's bucket, signed in each of the ways in which it can be. */
import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "../support/s3.ts";
import { type RawAnswer, raw, send, sign } from "../support/sign.ts";
import { bucketName, key } from "./scene.ts";

export interface S3Probe {
  readonly method: string;
  readonly path: string;
  /** Sub-resources and parameters. */
  readonly query?: Readonly<Record<string, string>>;
  /** `manage`: to own it, or to manage the tenant. */
  readonly needs: "read" | "write" | "manage";
  /** What is answered to who may. Of writes nothing that changes the scene is asked. */
  readonly ok: number;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const object = `/${bucketName}/${key}`;
const missing = `/${bucketName}/missing`;

export const s3Probes: readonly S3Probe[] = [
  { method: "GET", path: object, needs: "read", ok: 200 },
  { method: "GET", path: object, query: { "response-content-type": "text/html" }, needs: "read", ok: 200 },
  { method: "GET", path: object, query: { tagging: "" }, needs: "read", ok: 200 },
  { method: "GET", path: object, query: { acl: "" }, needs: "read", ok: 200 },
  { method: "GET", path: `/${bucketName}`, query: { "list-type": "2" }, needs: "read", ok: 200 },
  { method: "GET", path: `/${bucketName}`, query: { uploads: "" }, needs: "read", ok: 200 },
  { method: "GET", path: `/${bucketName}`, query: { versions: "" }, needs: "read", ok: 200 },
  // Without the header that says which: judged once the bucket may be read.
  { method: "GET", path: object, query: { attributes: "" }, needs: "read", ok: 400 },
  { method: "GET", path: `/${bucketName}`, query: { location: "" }, needs: "read", ok: 200 },
  { method: "GET", path: `/${bucketName}`, query: { acl: "" }, needs: "read", ok: 200 },
  { method: "GET", path: `/${bucketName}`, query: { cors: "" }, needs: "read", ok: 404 },
  { method: "DELETE", path: `/${bucketName}`, query: { cors: "" }, needs: "manage", ok: 204 },
  { method: "DELETE", path: `/${bucketName}`, query: { tagging: "" }, needs: "manage", ok: 204 },
  { method: "PUT", path: `/${bucketName}`, query: { notification: "" }, needs: "manage", ok: 400 },
  { method: "DELETE", path: missing, needs: "write", ok: 204 },
  { method: "DELETE", path: missing, query: { tagging: "" }, needs: "write", ok: 404 },
  { method: "DELETE", path: missing, query: { uploadId: "none" }, needs: "write", ok: 404 },
  { method: "POST", path: missing, query: { uploadId: "none" }, needs: "write", ok: 400 },
];

type Way = (port: number, credentials: Credentials, probe: S3Probe) => Promise<RawAnswer>;

const encoded = (query: Readonly<Record<string, string>> = {}): string =>
  Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");

async function plain(port: number, line: string): Promise<RawAnswer> {
  const [answer] = await raw(port, [`${line} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 0\r\n\r\n`]);
  if (answer === undefined) throw new Error(`no answer to ${line}`);
  return answer;
}

/** Parameters that a URL of Signature Version 2 is good for: those of objects. */
export function hasV2({ path, query }: S3Probe): boolean {
  return path !== `/${bucketName}` && query?.["attributes"] === undefined;
}

export function v2Url({ accessKeyId, secretAccessKey }: Credentials, { method, path, query }: S3Probe): string {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const signed = Object.entries(query ?? {}).map(([name, value]) => `${name}=${value}`);
  const text = [method, "", "", expires, path + (signed.length === 0 ? "" : `?${signed.join("&")}`)].join("\n");
  const signature = encodeURIComponent(createHmac("sha1", secretAccessKey).update(text).digest("base64"));
  const own = `AWSAccessKeyId=${accessKeyId}&Signature=${signature}&Expires=${expires}`;
  return `${path}?${own}${query === undefined ? "" : `&${encoded(query)}`}`;
}

function v4Url(port: number, credentials: Credentials, { method, path, query }: S3Probe): string {
  const { timestamp, scope, key: signingKey } = sign(`127.0.0.1:${port}`, credentials, { method, path });
  const all = {
    ...query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${credentials.accessKeyId}/${scope}`,
    "X-Amz-Date": timestamp,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
  };
  const canonical = [method, path, encoded(all), `host:127.0.0.1:${port}`, "", "host", "UNSIGNED-PAYLOAD"].join("\n");
  const text = ["AWS4-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n");
  const signature = createHmac("sha256", signingKey).update(text).digest("hex");
  return `${path}?${encoded(all)}&X-Amz-Signature=${signature}`;
}

export const ways: Readonly<Record<string, Way>> = {
  "Version 4 in headers": (port, credentials, { method, path, query }) =>
    send(port, credentials, { method, path, ...(query === undefined ? {} : { query }) }),
  "Version 4 in the URL": (port, credentials, probe) =>
    plain(port, `${probe.method} ${v4Url(port, credentials, probe)}`),
  "Version 2 in the URL": (port, credentials, probe) => plain(port, `${probe.method} ${v2Url(credentials, probe)}`),
};

/** A URL to read the object, used for something else. */
export function tampered(port: number, credentials: Credentials): readonly Promise<RawAnswer>[] {
  const read: S3Probe = { method: "GET", path: object, needs: "read", ok: 200 };
  const more = ["tagging", "%74agging", "acl", "%61cl=", "%75ploadId=x", "%72esponse-content-type=text/html"];
  return [v2Url(credentials, read), v4Url(port, credentials, read)].flatMap((url) =>
    more.map((added) => plain(port, `GET ${url}&${added}`)),
  );
}
