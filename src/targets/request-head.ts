/** Requests as they go on the wire: what is the same in all of a target's is made once, and each leaves in one piece. */
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
export function encoded(body: string): Buffer {
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

export class RequestHead {
  readonly url: URL;
  /** Of the URL. */
  readonly origin: string;
  readonly #text: string;

  /**
   * @param headers names and values in turn.
   * @throws {EgressFailure} for headers that cannot be sent.
   */
  constructor(url: URL, headers: readonly string[]) {
    for (const [name, value] of pairsOf(headers)) check(name, value);
    this.url = url;
    this.origin = url.origin;
    const path = `${url.pathname}${url.search}`;
    this.#text = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${linesOf(headers)}`;
  }

  /** Head and body of one request, with more {@link linesOf} headers. */
  with(lines: string, body: Uint8Array): Buffer {
    const head = `${this.#text}${lines}content-length: ${body.length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 0, "latin1");
    bytes.set(body, head.length);
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
