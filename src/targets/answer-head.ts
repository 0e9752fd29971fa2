/**
 * The head of an answer, read as strictly as Node's own parser does, and more leniently only where servers tell more than once how long
 * a body is (RFC 9112, section 6.3). What is refused is called what that parser calls it, so that the owner of a server finds it.
 */
import type { IncomingHttpHeaders } from "node:http";

/** Not HTTP/1.1, and in which way. */
export interface NotHttp {
  readonly problem: string;
  /** Where the length of the body is told more than once, and not the same. */
  readonly lengths?: readonly string[];
}

const [tab, lineFeed, carriageReturn, space, colon, dot, zero, one, nine] = [9, 10, 13, 32, 58, 46, 48, 49, 57];
const start = "HTTP/";
/** What stands before the reason: `HTTP/1.1 200`. */
const statusEnd = 12;

/** What a byte may be part of. */
const [inName, inValue] = [1, 2];
const parts = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isName = /[A-Za-z0-9!#$%&'*+.^_`|~-]/.test(String.fromCharCode(byte));
  const isValue = byte === tab || (byte >= space && byte !== 0x7f);
  return (isName ? inName : 0) | (isValue ? inValue : 0);
});

/** Names that say how an answer is read, by their length: it is looked at before any text is made. */
const lengthOf = { connection: 10, keepAlive: 10, contentLength: 14, transferEncoding: 17, retryAfter: 11 } as const;
const telling: ReadonlySet<number> = new Set(Object.values(lengthOf));

export class AnswerHead {
  /** Lines with their ends, without the empty one. One character is one byte. */
  readonly text: string;
  status = 0;
  /** Of the body; `undefined` where it ends otherwise. */
  length: number | undefined;
  chunked = false;
  /** The body ends with the connection. */
  untilClose = false;
  /** The connection may be used again. */
  keepAlive = false;
  /** As long as the server keeps an unused connection, should it say so. */
  keepAliveMs: number | undefined;
  retryAfter: string | undefined;

  #transfer: string | undefined;
  #lengths: string | undefined;
  #connection = "";

  private constructor(text: string) {
    this.text = text;
  }

  /** @param text up to the end of the last line, of the head or of what is there of it. */
  static read(text: string): AnswerHead | NotHttp {
    const head = new AnswerHead(text);
    const problem = head.#lines() ?? head.#framing();
    return problem ?? head;
  }

  /** What is wrong with a line of trailers, which say nothing that is needed. */
  static trailerProblem(line: string): string | undefined {
    const end = new AnswerHead(line).#line(0);
    return typeof end === "string" ? end : undefined;
  }

  get isInterim(): boolean {
    return this.status < 200;
  }

  #lines(): NotHttp | undefined {
    const { text } = this;
    const problem = statusProblem(text);
    if (problem !== undefined) return { problem };
    this.status = Number(text.slice(statusEnd - 3, statusEnd));
    let at = statusEnd;
    for (; ; at += 1) {
      const byte = text.charCodeAt(at);
      if (byte === lineFeed) return { problem: "Missing expected CR after response line" };
      if (byte === carriageReturn) break;
      if (Number.isNaN(byte)) return undefined;
    }
    if (text.charCodeAt(at + 1) !== lineFeed) return { problem: "Expected LF after CR" };
    at += 2;
    if (text.charCodeAt(at) === space) return { problem: "Unexpected space after start line" };
    if (text.charCodeAt(at) === tab) return { problem: "Invalid header token" };
    while (at < text.length) {
      const end = this.#line(at);
      if (typeof end === "string") return { problem: end };
      at = end;
    }
    return undefined;
  }

  /** Where the line after this one begins; or what is wrong with it. */
  #line(from: number): number | string {
    const { text } = this;
    let at = from;
    while (((parts[text.charCodeAt(at)] ?? 0) & inName) !== 0) at += 1;
    const nameLength = at - from;
    if (text.charCodeAt(at) !== colon || nameLength === 0) return lineProblem(text, from, at);
    at += 1;
    for (let byte = text.charCodeAt(at); byte === space || byte === tab; byte = text.charCodeAt(at)) at += 1;
    const valueFrom = at;
    while (((parts[text.charCodeAt(at)] ?? 0) & inValue) !== 0) at += 1;
    const byte = text.charCodeAt(at);
    if (byte !== carriageReturn) {
      if (Number.isNaN(byte)) return text.length;
      return byte === lineFeed ? "Missing expected CR after header value" : "Invalid header value char";
    }
    if (text.charCodeAt(at + 1) !== lineFeed) return "Missing expected LF after header value";
    if (telling.has(nameLength))
      this.#note(text.slice(from, from + nameLength).toLowerCase(), text.slice(valueFrom, at));
    return at + 2;
  }

  #note(name: string, value: string): void {
    switch (name) {
      case "content-length":
        this.#lengths = this.#lengths === undefined ? value : `${this.#lengths},${value}`;
        break;
      case "transfer-encoding":
        // The last one of several counts; the coding that was none is not known any more.
        if (this.#transfer === undefined || !isIdentity(value)) this.#transfer = value;
        break;
      case "connection":
        this.#connection = this.#connection === "" ? value : `${this.#connection},${value}`;
        break;
      case "keep-alive": {
        const seconds = /timeout=(\d+)/.exec(value)?.[1];
        if (seconds !== undefined) this.keepAliveMs = Number(seconds) * 1_000;
        break;
      }
      case "retry-after":
        this.retryAfter ??= value;
        break;
    }
  }

  /** Where the body ends, and whether anything can come after it. */
  #framing(): NotHttp | undefined {
    const lengths = this.#lengths;
    const [length = "", ...different] = lengths === undefined ? [] : distinct(lengths);
    if (different.length > 0) return { problem: "different lengths", lengths: [length, ...different] };
    const transfer = this.#transfer;
    const isTransferred = transfer !== undefined && !(lengths !== undefined && isIdentity(transfer));
    if (this.status === 204 || this.status === 304) this.length = 0;
    else if (isTransferred) {
      this.chunked = /(?:^|,)[\t ]*chunked[\t ]*$/i.test(transfer);
      this.untilClose = !this.chunked;
    } else if (lengths === undefined) this.untilClose = true;
    else {
      const problem = lengthProblem(length);
      if (problem !== undefined) return { problem };
      this.length = Number(length);
    }
    this.keepAlive = this.#isKept() && !this.untilClose && !(this.chunked && lengths !== undefined);
    return undefined;
  }

  #isKept(): boolean {
    const isNewer = this.text.charCodeAt(7) !== zero;
    if (this.#connection === "") return isNewer;
    if (this.#connection === "keep-alive") return true;
    const options = this.#connection
      .toLowerCase()
      .split(",")
      .map((option) => option.trim());
    return isNewer ? !options.includes("close") : options.includes("keep-alive");
  }
}

/** What the text of a head holds, as it came: of a name that came several times, a list. */
export function headersOf(text: string): IncomingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const line of text.split("\r\n").slice(1, -1)) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).replace(/^[\t ]+/, "");
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else headers[name] = typeof known === "string" ? [known, value] : [...known, value];
  }
  return headers;
}

/** Up to the end of the status, or as far as it is there. */
function statusProblem(text: string): string | undefined {
  if (!start.startsWith(text.slice(0, start.length))) return "Expected HTTP/, RTSP/ or ICE/";
  for (let at = start.length; at <= Math.min(statusEnd, text.length - 1); at += 1) {
    const problem = byteProblem(at, text.charCodeAt(at));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** `HTTP/1.1 200`, and what follows. */
function byteProblem(at: number, byte: number): string | undefined {
  switch (at) {
    case 5:
      if (!isDigit(byte)) return "Invalid major version";
      return byte === one ? undefined : "Invalid HTTP version";
    case 6:
      return byte === dot ? undefined : "Expected dot";
    case 7:
      if (!isDigit(byte)) return "Invalid minor version";
      return byte <= one ? undefined : "Invalid HTTP version";
    case 8:
      return byte === space ? undefined : "Expected space after version";
    case statusEnd:
      return byte === space || byte === carriageReturn || byte === lineFeed ? undefined : "Invalid response status";
    default:
      return isDigit(byte) && (at > 9 || byte !== zero) ? undefined : "Invalid status code";
  }
}

/** Of a line without a colon after its name. */
function lineProblem(text: string, from: number, at: number): string {
  const first = text.charCodeAt(from);
  if (first === space || first === tab) return "Unexpected whitespace after header value";
  return text.charCodeAt(at) === lineFeed && at === from
    ? "Missing expected CR after header value"
    : "Invalid header token";
}

function lengthProblem(value: string): string | undefined {
  if (value === "") return "Empty Content-Length";
  if (!/^\d+$/.test(value)) return "Invalid character in Content-Length";
  return Number.isSafeInteger(Number(value)) ? undefined : "Content-Length overflow";
}

/** Most say it once. */
function distinct(lengths: string): readonly string[] {
  if (!lengths.includes(",")) return [lengths.trim()];
  return [...new Set(lengths.split(",").map((length) => length.trim()))];
}

function isIdentity(value: string): boolean {
  return value.trim().toLowerCase() === "identity";
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

/** Whether what is there of a head is one so far: what is none is refused now, not when the time is over. */
export function mayBecomeHead(text: string): boolean {
  return statusProblem(text) === undefined && !/(?:^|[^\r])\n/.test(text);
}
