import type { Socket } from "node:net";
import { EgressFailure } from "./failure.ts";
import { framed } from "./framing.ts";

/** Of one head, as undici's parser has it too: what is longer is left to that to refuse. */
const headBytes = 16_384;
/** Of all interim answers before one final answer. */
const interimBytes = 65_536;
const lineEnd = Buffer.from("\r\n");
const headEnd = Buffer.from("\r\n\r\n");
const [one, space] = [0x31, 0x20];

/**
 * Stands between a socket and undici's parser, which ends a connection for things that HTTP allows: an unasked `100 Continue`,
 * a length that is given twice, a length beside chunks. It sees the heads of answers only: interim ones (1xx) are left out, however many
 * come, and of the final one the framing is made plain. 101 is passed on, and refused: who switches protocols unasked answers nothing.
 */
export class AnswerHeads {
  readonly #socket: Socket;
  readonly #read: (size?: number) => unknown;
  #expecting = false;
  #partial: Buffer | undefined;
  #interim = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#read = socket.read.bind(socket);
    socket.read = (size) => (this.#expecting ? this.#next() : this.#read(size));
  }

  /** A request is about to be written: what comes next is the head of its answer. */
  expect(): void {
    this.#expecting = true;
    this.#partial = undefined;
    this.#interim = 0;
  }

  /** What undici may have; null until a head is whole. */
  #next(): Buffer | null {
    for (;;) {
      const chunk = this.#read() as Buffer | null;
      if (chunk === null) return null;
      const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
      this.#partial = undefined;
      const rest = this.#withoutInterim(bytes);
      if (rest === undefined) return null;
      const end = rest.indexOf(headEnd);
      if (end < 0 && rest.length <= headBytes && mayBecomeHead(rest)) {
        this.#partial = rest;
        continue;
      }
      this.#expecting = false;
      if (end < 0) return rest;
      const plain = framed(rest, end + lineEnd.length);
      if (!(plain instanceof EgressFailure)) return plain;
      this.#socket.destroy(plain);
      return null;
    }
  }

  /** From the first head that is final, or not yet whole; undefined when there were too many. */
  #withoutInterim(bytes: Buffer): Buffer | undefined {
    let rest = bytes;
    while (isInterim(rest)) {
      const end = rest.indexOf(headEnd);
      if (end < 0) break;
      this.#interim += end + headEnd.length;
      if (this.#interim > interimBytes) {
        this.#socket.destroy(
          new EgressFailure("invalid_response", "answered with more than 64 KiB of interim answers"),
        );
        return undefined;
      }
      rest = rest.subarray(end + headEnd.length);
    }
    return rest;
  }
}

/** `HTTP/1.x 1…`, but not 101. */
function isInterim(bytes: Buffer): boolean {
  return bytes[9] === one && bytes[8] === space && !(bytes[10] === 0x30 && bytes[11] === one);
}

const start = "HTTP/1.";

/** What cannot be a head any more is refused now, not when the time is over. */
function mayBecomeHead(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return start.startsWith(text.slice(0, start.length)) && !/(?:^|[^\r])\n/.test(text);
}
