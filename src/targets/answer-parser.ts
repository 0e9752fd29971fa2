/**
 * One answer after another out of the bytes of a connection, however these are cut. What it is given is read at once: nothing of it is
 * kept, but the beginning of what is not whole.
 *
 *   head ──▶ sized ─────────────────────────────────────▶ idle
 *    ▲ │ ├─▶ chunk size ──▶ chunk ──▶ chunk end           ▲
 *    └─┘ │      ▲  └───────────────────────┘│             │
 *   1xx  │      └──────────────────────────▶ trailers ────┤
 *        └─▶ until close ─────────────────────────────────┘
 */
import { AnswerHead, mayBecomeHead, type NotHttp } from "./answer-head.ts";
import { EgressFailure } from "./failure.ts";

/** Of one head, and of all trailers. */
const headBytes = 16_384;
/** Of all interim answers before one final answer. */
const interimBytes = 65_536;

/** What may follow a size, or the beginning of it. It says nothing that is needed. */
const extensionForm = /^;(?:[\t\x20-\x7e\x80-\xff]+\r?)?$/;
const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");
const [lineFeed, carriageReturn, semicolon] = [10, 13, 59];

/** Gets an answer as it comes. It may stop the parser in the middle of any of these. */
export interface AnswerReader {
  /** The head of the final answer. */
  head(head: AnswerHead): void;
  /** A piece of the body, which is only there during the call. `whole`: it is all of it. */
  body(bytes: Buffer, from: number, to: number, whole: boolean): void;
  /** @param reusable the connection may be used for the next request. */
  complete(reusable: boolean): void;
  invalid(failure: EgressFailure): void;
}

type State = "idle" | "head" | "sized" | "chunk size" | "chunk" | "chunk end" | "trailers" | "until close";

export class AnswerParser {
  #state: State = "idle";
  #reader: AnswerReader | undefined;
  #head: AnswerHead | undefined;
  /** Of the head, or of a line between chunks: what there is of it. */
  #partial: Buffer | undefined;
  #interim = 0;
  /** Of the body or of the chunk, what is still to come. */
  #left = 0;
  #trailers = 0;

  /** A request is about to be written: what comes next is its answer. */
  expect(reader: AnswerReader): void {
    this.#reader = reader;
    this.#state = "head";
    this.#head = undefined;
    this.#partial = undefined;
    this.#interim = 0;
    this.#trailers = 0;
  }

  /** The rest does not matter any more. */
  stop(): void {
    this.#state = "idle";
    this.#reader = undefined;
    this.#head = undefined;
    this.#partial = undefined;
  }

  /** False when nothing was asked for, and this is more than the empty lines that some servers send after an answer. */
  read(bytes: Buffer): boolean {
    if (this.#state === "idle") return isBlank(bytes, 0);
    const partial = this.#partial;
    this.#partial = undefined;
    const all = partial === undefined ? bytes : Buffer.concat([partial, bytes]);
    for (let at = 0; at >= 0; ) at = this.#step(all, at);
    return true;
  }

  /** The other side says no more. True when that ends an answer, well or not. */
  end(): boolean {
    const head = this.#head;
    if (head === undefined || head.keepAlive) return false;
    if (this.#state === "until close") this.#complete(false);
    else if (head.length !== undefined) {
      this.#refuse("answered with a body that is not as long as its content-length");
    } else this.#refuseAs("Invalid EOF state");
    return true;
  }

  /** Where to go on; -1 when there is no more to read. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(bytes, at);
      case "sized":
      case "chunk":
        return this.#readSized(bytes, at);
      case "until close":
        if (at < bytes.length) this.#reader?.body(bytes, at, bytes.length, false);
        return -1;
      case "chunk size":
      case "trailers":
        return this.#readLine(bytes, at);
      case "chunk end":
        return this.#readChunkEnd(bytes, at);
      case "idle":
        return -1;
      default:
        return this.#state satisfies never;
    }
  }

  #readHead(bytes: Buffer, from: number): number {
    let at = from;
    while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at += 1;
    const end = bytes.indexOf(headEnd, at);
    const length = (end < 0 ? bytes.length : end + headEnd.length) - at;
    if (end < 0) {
      const text = bytes.toString("latin1", at, bytes.length);
      if (!mayBecomeHead(text)) return this.#refuseHead(AnswerHead.read(text));
    }
    if (length > headBytes) return this.#refuse("answered with more than 16 KiB of headers");
    if (end < 0) return this.#wait(bytes, at);
    const head = AnswerHead.read(bytes.toString("latin1", at, end + lineEnd.length));
    if (!(head instanceof AnswerHead)) return this.#refuseHead(head);
    const next = end + headEnd.length;
    if (head.status === 101) return this.#refuse("answered by switching to another protocol, which was not asked for");
    if (!head.isInterim) return this.#begin(head, bytes, next);
    this.#interim += length;
    return this.#interim > interimBytes ? this.#refuse("answered with more than 64 KiB of interim answers") : next;
  }

  #begin(head: AnswerHead, bytes: Buffer, at: number): number {
    this.#head = head;
    if (head.chunked) this.#state = "chunk size";
    else if (head.untilClose) this.#state = "until close";
    else {
      this.#state = "sized";
      this.#left = head.length ?? 0;
    }
    this.#reader?.head(head);
    return this.#left === 0 && this.#state === "sized" ? this.#completeAt(bytes, at) : at;
  }

  #readSized(bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + this.#left);
    const isWhole = this.#state === "sized" && this.#left === this.#head?.length && to - from === this.#left;
    if (to > from) {
      this.#left -= to - from;
      this.#reader?.body(bytes, from, to, isWhole);
    }
    if (this.#left > 0 || this.#reader === undefined) return -1;
    if (this.#state === "sized") return this.#completeAt(bytes, to);
    this.#state = "chunk end";
    return to;
  }

  #readChunkEnd(bytes: Buffer, at: number): number {
    if (bytes[at] === lineFeed) return this.#refuseAs("Missing expected CR after chunk data");
    const isEnd = bytes[at] === carriageReturn && (at + 1 === bytes.length || bytes[at + 1] === lineFeed);
    if (at < bytes.length && !isEnd) return this.#refuseAs("Expected LF after chunk data");
    if (bytes.length - at < lineEnd.length) return this.#wait(bytes, at);
    this.#state = "chunk size";
    return at + lineEnd.length;
  }

  /** A size of a chunk, or a line of the trailers. */
  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    if (this.#state === "chunk size") {
      const problem = sizeProblem(bytes, at, end < 0 ? bytes.length : end);
      if (problem !== undefined) return this.#refuseAs(problem);
    }
    const length = (end < 0 ? bytes.length : end + 1) - at;
    if (this.#trailers + length > headBytes) return this.#refuse("answered with more than 16 KiB of headers");
    if (end < 0) return this.#wait(bytes, at);
    if (bytes[end - 1] !== carriageReturn || end === at) {
      return this.#refuseAs(
        `Missing expected CR after ${this.#state === "chunk size" ? "chunk size" : "header value"}`,
      );
    }
    return this.#state === "chunk size" ? this.#readSize(bytes, at, end + 1) : this.#readTrailer(bytes, at, end + 1);
  }

  #readSize(bytes: Buffer, at: number, next: number): number {
    this.#left = Number.parseInt(bytes.toString("latin1", at, next), 16);
    if (!Number.isSafeInteger(this.#left)) return this.#refuseAs("Chunk size overflow");
    this.#state = this.#left === 0 ? "trailers" : "chunk";
    return next;
  }

  #readTrailer(bytes: Buffer, at: number, next: number): number {
    if (next - at === lineEnd.length) return this.#completeAt(bytes, next);
    this.#trailers += next - at;
    const problem = AnswerHead.trailerProblem(bytes.toString("latin1", at, next));
    if (problem !== undefined) return this.#refuseAs(problem);
    return next;
  }

  #wait(bytes: Buffer, at: number): number {
    // A copy: what was given is written to again.
    if (at < bytes.length) this.#partial = Buffer.from(bytes.subarray(at));
    return -1;
  }

  /** All that a server may send after an answer without being asked are empty lines. */
  #completeAt(bytes: Buffer, at: number): number {
    this.#complete(this.#head?.keepAlive === true && isBlank(bytes, at));
    return -1;
  }

  #complete(reusable: boolean): void {
    const reader = this.#reader;
    this.stop();
    reader?.complete(reusable);
  }

  #refuseHead(problem: AnswerHead | NotHttp): number {
    if (problem instanceof AnswerHead) return this.#refuseAs("Invalid header token");
    const { lengths } = problem;
    if (lengths === undefined) return this.#refuseAs(problem.problem);
    return this.#refuse(`answered with different lengths: content-length ${lengths.join(" and ").slice(0, 100)}`);
  }

  #refuseAs(problem: string): number {
    return this.#refuse(`answered something that is not HTTP/1.1 (${problem})`);
  }

  #refuse(message: string): number {
    const reader = this.#reader;
    this.stop();
    reader?.invalid(new EgressFailure("invalid_response", message));
    return -1;
  }
}

function isBlank(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] !== carriageReturn && bytes[at] !== lineFeed) return false;
  }
  return true;
}

/** Of as much of the line as there is, without its line feed. */
function sizeProblem(bytes: Buffer, from: number, to: number): string | undefined {
  let at = from;
  while (at < to && isHexDigit(bytes[at] ?? 0)) at += 1;
  if (at === to) return undefined;
  if (at === from) return "Invalid character in chunk size";
  if (bytes[at] === carriageReturn) return at + 1 < to ? "Expected LF after chunk size" : undefined;
  if (bytes[at] !== semicolon) return "Invalid character in chunk size";
  return extensionForm.test(bytes.toString("latin1", at, to)) ? undefined : "Invalid character in chunk extensions";
}

function isHexDigit(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102);
}
