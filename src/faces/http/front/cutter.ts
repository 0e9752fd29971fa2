/** Where one message of a connection ends and the next begins, as far as bytes tell before they are parsed. */

const end = Buffer.from("\r\n\r\n");

const lineEnd = Buffer.from("\r\n");

/**
 * As much of a chunked body as has at most so many line ends. The parser hands on each chunk by itself: 10,000 chunks of one byte, in 64 KiB,
 * take it as long as 10,000 of 64 KiB. Two line ends are about a chunk, unless they are the body's own.
 */
export function fewLines(bytes: Buffer, most: number): Buffer {
  let from = 0;
  for (let count = 0; count < most; count += 1) {
    const at = bytes.indexOf(lineEnd, from);
    if (at === -1) return bytes;
    from = at + lineEnd.length;
  }
  return bytes.subarray(0, from);
}

/**
 * Cuts what comes in so that a piece holds the end of one message at the most, and the parser meets the next only when it is handed it: a
 * parser that is given 64 KiB makes 2,000 requests of them at once. A head ends with an empty line, and so does a chunked body; a body of
 * known length is passed on by its length.
 */
export class Cutter {
  #bodyLeft = 0;
  /** How much of {@link end} the piece before ended with. */
  #matched = 0;

  /** The message whose head was just passed on has a body of so many bytes. */
  expectBody(bytes: number): void {
    this.#bodyLeft = bytes;
  }

  /** How many of these bytes are the next piece; at least one. */
  cut(bytes: Buffer): number {
    if (this.#bodyLeft > 0) {
      const length = Math.min(this.#bodyLeft, bytes.length);
      this.#bodyLeft -= length;
      this.#matched = 0;
      return length;
    }
    const rest = end.subarray(this.#matched);
    if (this.#matched > 0 && bytes.subarray(0, rest.length).equals(rest)) {
      this.#matched = 0;
      return rest.length;
    }
    const at = bytes.indexOf(end);
    if (at !== -1) {
      this.#matched = 0;
      return at + end.length;
    }
    this.#matched = this.#matchedAtEnd(bytes);
    return bytes.length;
  }

  #matchedAtEnd(bytes: Buffer): number {
    const before = end.subarray(0, this.#matched);
    const tail = Buffer.concat([before, bytes.subarray(-end.length)]);
    for (let length = end.length - 1; length > 0; length -= 1) {
      if (tail.length >= length && tail.subarray(-length).equals(end.subarray(0, length))) return length;
    }
    return 0;
  }
}
