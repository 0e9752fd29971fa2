/** Signature Version 4, written for tests from the documents, so that it shares no mistake with the server. */
import { createHash, createHmac } from "node:crypto";
import { connect } from "node:net";
import type { Credentials } from "./s3.ts";

export interface ToSign {
  readonly method: string;
  /** Encoded already, as it goes on the wire. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What `x-amz-content-sha256` says. Default `UNSIGNED-PAYLOAD`. */
  readonly payload?: string;
  readonly date?: Date;
  /** Default `s3`. */
  readonly service?: string;
  /** What `Host` says, for {@link head} and {@link send}. Default the address. */
  readonly host?: string;
}

export interface SignedParts {
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signature: string;
  readonly scope: string;
  readonly timestamp: string;
  readonly key: Buffer;
}

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export function sign(host: string, { accessKeyId, secretAccessKey }: Credentials, request: ToSign): SignedParts {
  const timestamp = (request.date ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const payload = request.payload ?? "UNSIGNED-PAYLOAD";
  const headers: Record<string, string> = {
    ...request.headers,
    host,
    "x-amz-date": timestamp,
    "x-amz-content-sha256": payload,
  };
  const names = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .filter((name) => !["content-length", "expect", "connection", "transfer-encoding"].includes(name))
    .sort();
  const query = Object.entries(request.query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const canonical = [
    request.method,
    request.path,
    query,
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const date = timestamp.slice(0, 8);
  const { service = "s3" } = request;
  const scope = `${date}/us-east-1/${service}/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), "us-east-1"), service), "aws4_request");
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return {
    target: query === "" ? request.path : `${request.path}?${query}`,
    headers: { ...headers, authorization },
    signature,
    scope,
    timestamp,
    key,
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything that came, `100 Continue` included. */
  readonly all: string;
}

/**
 * Writes bytes to a socket and reads what comes until the server closes, or a whole answer is there. `end`: close our side
 * after writing.
 */
export function raw(
  port: number,
  bytes: readonly (string | Buffer)[],
  options: { readonly end?: boolean; readonly answers?: number } = {},
): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const wanted = options.answers ?? 1;
    const socket = connect(port, "127.0.0.1");
    let received = Buffer.alloc(0);
    const finish = (): void => {
      socket.destroy();
      resolve(parse(received));
    };
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (parse(received).length >= wanted) finish();
    });
    socket.on("error", (error) => (parse(received).length > 0 ? finish() : reject(error)));
    socket.on("close", finish);
    for (const part of bytes) socket.write(part);
    if (options.end === true) socket.end();
  });
}

/** Whole answers, those of 1xx left out. */
function parse(received: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = received.toString("latin1");
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return answers;
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const status = Number(first.split(" ")[1]);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const length = status < 200 || status === 204 ? 0 : Number(headers["content-length"] ?? 0);
    if (rest.length < end + 4 + length) return answers;
    const body = Buffer.from(rest.slice(end + 4, end + 4 + length), "latin1").toString("utf8");
    if (status >= 200) answers.push({ status, headers, body, all: received.toString("latin1") });
    rest = rest.slice(end + 4 + length);
  }
}

/** The head of a request, signed, as text. */
export function head(port: number, credentials: Credentials, request: ToSign): string {
  const { target, headers } = sign(request.host ?? `127.0.0.1:${port}`, credentials, request);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request.method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Sends one signed request with its body and gives the answer. */
export async function send(
  port: number,
  credentials: Credentials,
  request: ToSign & { readonly body?: string | Buffer },
): Promise<RawAnswer> {
  const body = request.body ?? "";
  const headers = { "content-length": String(Buffer.byteLength(body)), ...request.headers };
  const [answer] = await raw(port, [head(port, credentials, { ...request, headers }), body]);
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

/** `<Code>` of an error answer. */
export function codeOf({ body }: RawAnswer): string | undefined {
  return /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
}
