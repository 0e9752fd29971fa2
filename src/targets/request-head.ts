/** Requests as they go on the wire: what is the same in all of a target's is made once, and each leaves in one piece. */
import type { HmacKey } from "../domain/hmac.ts";
import { sign } from "../domain/signature.ts";
import { EgressFailure } from "./failure.ts";

const tokenForm = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const valueForm = /^[\t\x20-\x7e\x80-\xff]*$/;
/** About how the connection is used, which is ours to say. */
const ownNames = new Set([
  "host",
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

/** Bodies are put into bytes here, unless they are larger. */
const work = Buffer.allocUnsafeSlow(65_536);

/** A body in bytes, which are only there until the next one is made. */
function encoded(body: string): Buffer {
  // As many bytes as characters can take at most.
  return 3 * body.length > work.length ? Buffer.from(body) : work.subarray(0, work.write(body, 0));
}

/** Lines of names and values in turn. */
export function linesOf(headers: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

/** Names and values in turn, two by two. */
export function pairsOf(list: readonly string[]): [name: string, value: string][] {
  return list.flatMap((name, at): [string, string][] => (at % 2 === 1 ? [] : [[name, list[at + 1] ?? ""]]));
}

/** One request: what is its own. It is looked at before the call that sends it returns, and not later. */
export interface Letter {
  readonly head: RequestHead;
  /** As what it is signed, with the keys of its head. Absent: it is not. */
  readonly signed?: Signed;
  /** More headers, as {@link linesOf} writes them. */
  readonly lines: string;
  readonly body: Uint8Array | string;
}

/** What a signature covers beside the body. */
interface Signed {
  /** `webhook-id`. */
  readonly id: string;
  /** `webhook-timestamp`: seconds since 1970. */
  readonly timestampS: number;
}

/** Names and values in turn. */
export function signedHeaders(
  keys: readonly HmacKey[],
  { id, timestampS }: Signed,
  body: Uint8Array,
): readonly string[] {
  const signature = sign(keys, { id, timestampS, body });
  return ["webhook-id", id, "webhook-timestamp", String(timestampS), "webhook-signature", signature];
}

let made = 0;

export class RequestHead {
  /** No other of this process has it. */
  readonly number = ++made;
  readonly url: URL;
  /** Of the URL. */
  readonly origin: string;
  readonly keys: readonly HmacKey[];
  /** One character is one byte. */
  readonly text: string;

  private constructor(url: URL, text: string, keys: readonly HmacKey[]) {
    this.url = url;
    this.origin = url.origin;
    this.text = text;
    this.keys = keys;
  }

  /**
   * @param headers names and values in turn.
   * @param keys with which its requests are signed.
   * @param method of them.
   * @throws {EgressFailure} for headers that cannot be sent.
   */
  static of(
    url: URL,
    headers: readonly string[],
    keys: readonly HmacKey[] = [],
    method: "POST" | "OPTIONS" | "GET" = "POST",
  ): RequestHead {
    for (const [name, value] of pairsOf(headers)) check(name, value);
    const path = `${url.pathname}${url.search}`;
    const text = `${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${linesOf(headers)}`;
    return new RequestHead(url, text, keys);
  }

  /** Of one that was made elsewhere. */
  static known(url: URL, text: string, keys: readonly HmacKey[]): RequestHead {
    return new RequestHead(url, text, keys);
  }

  /** Head and body of one request, as they go on the wire. What is signed is what is sent. */
  written({ signed, lines, body }: Omit<Letter, "head">): Buffer {
    const content = typeof body === "string" ? encoded(body) : body;
    const signature = signed === undefined ? "" : linesOf(signedHeaders(this.keys, signed, content));
    const head = `${this.text}${signature}${lines}content-length: ${content.length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + content.length);
    bytes.write(head, 0, "latin1");
    bytes.set(content, head.length);
    return bytes;
  }
}

/** What {@link RequestHead} writes beside the headers of a request. */
export function addedHeaders({ url, body }: { readonly url: URL; readonly body: Buffer }): readonly string[] {
  return ["host", url.host, "connection", "keep-alive", "content-length", String(body.length)];
}

function check(name: string, value: string): void {
  if (!tokenForm.test(name)) throw unsendable("invalid header key");
  if (ownNames.has(name.toLowerCase()) || !valueForm.test(value)) throw unsendable(`invalid ${name} header`);
}

function unsendable(problem: string): EgressFailure {
  return new EgressFailure("internal", `the request cannot be sent: ${problem}`);
}
