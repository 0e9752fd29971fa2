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

export class RequestHead {
  readonly url: URL;
  /** Of the URL. */
  readonly origin: string;
  readonly #text: string;

  /**
   * @param headers names and values in turn, or a record.
   * @throws {EgressFailure} for headers that cannot be sent.
   */
  constructor(url: URL, headers: readonly string[] | Readonly<Record<string, string>>) {
    this.url = url;
    this.origin = url.origin;
    const lines = (Array.isArray(headers) ? pairs(headers as readonly string[]) : Object.entries(headers)).map(lineOf);
    const path = `${url.pathname}${url.search}`;
    this.#text = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${lines.join("")}`;
  }

  /** Head and body of one request, with more lines of headers, each with its end. */
  with(lines: string, body: Uint8Array | string): Buffer {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const head = `${this.#text}${lines}content-length: ${length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + length);
    bytes.write(head, 0, "latin1");
    if (typeof body === "string") bytes.write(body, head.length, "utf8");
    else bytes.set(body, head.length);
    return bytes;
  }
}

/** What {@link RequestHead} writes beside the headers of a request. */
export function addedHeaders({ url, body }: { readonly url: URL; readonly body: Buffer }): readonly string[] {
  return ["host", url.host, "connection", "keep-alive", "content-length", String(body.length)];
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, at): [string, string][] => (at % 2 === 1 ? [] : [[name, list[at + 1] ?? ""]]));
}

function lineOf([name, value]: readonly [string, string]): string {
  if (!tokenForm.test(name)) throw unsendable("invalid header key");
  if (ownNames.has(name.toLowerCase()) || !valueForm.test(value)) throw unsendable(`invalid ${name} header`);
  return `${name}: ${value}\r\n`;
}

function unsendable(problem: string): EgressFailure {
  return new EgressFailure("internal", `the request cannot be sent: ${problem}`);
}
