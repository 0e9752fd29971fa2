import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Cutter, fewLines } from "./cutter.ts";

const head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** The pieces that come of buffers. `bodies`: lengths of the bodies that follow each piece that ends a head. */
function pieces(buffers: readonly string[], bodies: readonly number[] = []): string[] {
  const cutter = new Cutter();
  const left = [...bodies];
  return buffers.flatMap((text) => {
    const cut: string[] = [];
    for (let bytes = Buffer.from(text, "latin1"); bytes.length > 0; ) {
      const length = cutter.cut(bytes);
      const piece = bytes.toString("latin1", 0, length);
      cut.push(piece);
      if (piece.endsWith("\r\n\r\n")) cutter.expectBody(left.shift() ?? 0);
      bytes = bytes.subarray(length);
    }
    return cut;
  });
}

describe("what comes in on a connection", () => {
  it("is cut where a message ends", () => {
    assert.deepEqual(pieces([head.repeat(3)]), [head, head, head]);
    assert.deepEqual(pieces([`${head}1\r\nx\r\n0\r\n\r\n${head}`]), [head, "1\r\nx\r\n0\r\n\r\n", head]);
    assert.deepEqual(pieces([`${head}abc\r\n\r\nde${head}${head}`], [9, 0]), [head, "abc\r\n\r\nde", head, head]);
    assert.deepEqual(pieces(["GET / HT", "TP/1.1\r\nHost: x\r\n"]), ["GET / HT", "TP/1.1\r\nHost: x\r\n"]);
  });

  it("is cut there however it comes", () => {
    for (let at = 1; at < head.length; at += 1) {
      const [first, second] = [head.slice(0, at), head.slice(at)];
      assert.deepEqual(pieces([first, `${second}${head}${first}`, `${second}${head}`]).join(""), head.repeat(4));
      const ends = pieces([first, `${second}${head}${first}`, `${second}${head}`]).map(
        (piece) => piece.split("\r\n\r\n").length - 1,
      );
      assert.ok(
        ends.every((count) => count <= 1),
        `cut at ${at}`,
      );
    }
  });

  it("never holds two ends in a piece, and loses nothing", () => {
    const text = fc.string({ unit: fc.constantFrom("\r", "\n", "a"), maxLength: 40 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (buffers) => {
        const cut = pieces(buffers);
        assert.equal(cut.join(""), buffers.join(""));
        // What came since the last end: no end begins within the one before.
        let open = "";
        for (const piece of cut) {
          const [, ...after] = (open + piece).split("\r\n\r\n");
          assert.ok(after.length <= 1, JSON.stringify([buffers, piece]));
          open = after.at(-1) ?? open + piece;
        }
      }),
    );
  });
});

describe("a piece of a chunked body", () => {
  const rows: readonly (readonly [what: string, text: string, most: number, length: number])[] = [
    ["small chunks", "1\r\nx\r\n".repeat(10), 4, 12],
    ["a large one", `4000\r\n${"x".repeat(16_384)}\r\n`, 4, 16_392],
    ["no line end", "x".repeat(100), 1, 100],
    ["half a line end", "xx\r", 1, 3],
    ["nothing", "", 1, 0],
  ];
  for (const [what, text, most, length] of rows) {
    it(`holds at most so many line ends: ${what}`, () => {
      assert.equal(fewLines(Buffer.from(text), most).length, length);
    });
  }
});
