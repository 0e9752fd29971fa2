import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type AnswerHead, headersOf } from "./answer-head.ts";
import { AnswerParser, type AnswerReader } from "./answer-parser.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const sized = `${ok}Content-Length: 3\r\n\r\nabc`;
/** `end`: the other side says no more after that. */
type Case = readonly [bytes: string, wanted: string, end?: "end"];

/** What comes of an answer: `status body`, with `kept` when the connection may be used again, or what is wrong with it. */
const corpus: readonly Case[] = [
  [sized, "200 abc kept"],
  [`${sized}\r\n`, "200 abc kept"],
  [`${sized}X`, "200 abc"],
  [`${sized}${sized}`, "200 abc"],
  [`\r\n\r\n${sized}`, "200 abc kept"],
  [`${ok}content-length:3  \r\nx:\r\nX-Empty: \t\r\n\r\nabc`, "200 abc kept"],
  [`${ok}content-length: 0\r\n\r\n`, "200  kept"],
  [`${ok}content-length: 0003\r\ncontent-length: 0003\r\n\r\nabc`, "200 abc kept"],
  ["HTTP/1.1 200\r\ncontent-length: 3\r\n\r\nabc", "200 abc kept"],
  ["HTTP/1.1 999 \xe9\0\r\ncontent-length: 3\r\n\r\n\xff\0\n", "999 \xff\0\n kept"],
  [`${ok}connection: X, Close\r\ncontent-length: 3\r\n\r\nabc`, "200 abc"],
  [`${ok}connection: Upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\nabc`, "200 abc kept"],
  ["HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabc", "200 abc"],
  ["HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 3\r\n\r\nabc", "200 abc kept"],
  ["HTTP/1.0 200 OK\r\n\r\nabc", "200 abc", "end"],
  [`${ok}\r\nabc\r\n`, "200 abc\r\n", "end"],
  [`${ok}transfer-encoding: gzip\r\ncontent-length: 1\r\n\r\nabc`, "200 abc", "end"],
  [`${ok}\r\nabc`, "unfinished"],
  ["HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\n", "204  kept"],
  ["HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", "304  kept"],
  [`${chunked}3\r\nabc\r\n0\r\n\r\n`, "200 abc kept"],
  [`${chunked}1;x\r\na\r\n00002;y="\xe9 z";w\r\nbc\r\n0;q\r\nX-T: 1\r\nz:\r\n\r\n`, "200 abc kept"],
  [
    `${ok}transfer-encoding: gzip\r\nTRANSFER-ENCODING: x, Chunked \r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
    "200 0123456789 kept",
  ],
  [`${ok}content-length: 99\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, "200 abc"],
  [`${ok}transfer-encoding: identity\r\ncontent-length: 3\r\n\r\nabc`, "200 abc kept"],
  [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${sized}`, "200 abc kept"],
  [`${"HTTP/1.1 102 Processing\r\n\r\n".repeat(50)}${sized}`, "200 abc kept"],

  ["220 mail.example ESMTP\r\n", "not HTTP/1.1 (Expected HTTP/, RTSP/ or ICE/)"],
  ["\x16\x03\x01\0\xff", "not HTTP/1.1 (Expected HTTP/, RTSP/ or ICE/)"],
  ["HTTP/2 200\r\n\r\n", "not HTTP/1.1 (Invalid HTTP version)"],
  ["HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1.1 (Invalid HTTP version)"],
  ["HTTP/1 200\r\n\r\n", "not HTTP/1.1 (Expected dot)"],
  ["HTTP/1.2 200 OK\r\n\r\n", "not HTTP/1.1 (Invalid HTTP version)"],
  ["HTTP/1.1\t200 OK\r\n\r\n", "not HTTP/1.1 (Expected space after version)"],
  ["HTTP/1.1 20\r\n\r\n", "not HTTP/1.1 (Invalid status code)"],
  ["HTTP/1.1 099 No\r\n\r\n", "not HTTP/1.1 (Invalid status code)"],
  ["HTTP/1.1 2000 OK\r\n\r\n", "not HTTP/1.1 (Invalid response status)"],
  ["HTTP/1.1 200 OK\n\n", "not HTTP/1.1 (Missing expected CR after response line)"],
  ["HTTP/1.1 200 O\rK\r\n\r\n", "not HTTP/1.1 (Expected LF after CR)"],
  [`${ok} x: y\r\n\r\n`, "not HTTP/1.1 (Unexpected space after start line)"],
  [`${ok}x: y\r\n z\r\n\r\n`, "not HTTP/1.1 (Unexpected whitespace after header value)"],
  [`${ok}x : y\r\n\r\n`, "not HTTP/1.1 (Invalid header token)"],
  [`${ok}: y\r\n\r\n`, "not HTTP/1.1 (Invalid header token)"],
  [`${ok}x\r\n\r\n`, "not HTTP/1.1 (Invalid header token)"],
  [`${ok}x: a\0\r\n\r\n`, "not HTTP/1.1 (Invalid header value char)"],
  [`${ok}x: a\ny: b\r\n\r\n`, "not HTTP/1.1 (Missing expected CR after header value)"],
  [`${ok}x: a\rb\r\n\r\n`, "not HTTP/1.1 (Missing expected LF after header value)"],
  [`${ok}content-length: \r\n\r\n`, "not HTTP/1.1 (Empty Content-Length)"],
  [`${ok}content-length: +3\r\n\r\nabc`, "not HTTP/1.1 (Invalid character in Content-Length)"],
  [`${ok}content-length: 99999999999999999\r\n\r\nabc`, "not HTTP/1.1 (Content-Length overflow)"],
  [`${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`, "different lengths: content-length 3 and 4"],
  [`${chunked}x\r\n`, "not HTTP/1.1 (Invalid character in chunk size)"],
  [`${chunked}3 \r\nabc\r\n`, "not HTTP/1.1 (Invalid character in chunk size)"],
  [`${chunked}fffffffffffffff\r\nabc\r\n`, "not HTTP/1.1 (Chunk size overflow)"],
  [`${chunked}3;\0\r\nabc\r\n`, "not HTTP/1.1 (Invalid character in chunk extensions)"],
  [`${chunked}3\nabc\n`, "not HTTP/1.1 (Missing expected CR after chunk size)"],
  [`${chunked}3\rabc\r\n`, "not HTTP/1.1 (Expected LF after chunk size)"],
  [`${chunked}3\r\nabcd\r\n`, "not HTTP/1.1 (Expected LF after chunk data)"],
  [`${chunked}3\r\nabc\n`, "not HTTP/1.1 (Missing expected CR after chunk data)"],
  [`${chunked}0\r\nx y\r\n\r\n`, "not HTTP/1.1 (Invalid header token)"],
  ["HTTP/1.1 100 Continue\r\nx y\r\n\r\n", "not HTTP/1.1 (Invalid header token)"],
  ["HTTP/1.1 101 Switching Protocols\r\n\r\n", "switching to another protocol"],
  [`${ok}connection: close\r\ncontent-length: 4\r\n\r\nabc`, "not as long as its content-length", "end"],
  [`${ok}connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab`, "not HTTP/1.1 (Invalid EOF state)", "end"],
  [`${ok}content-length: 4\r\n\r\nabc`, "unfinished", "end"],
  [ok, "unfinished", "end"],
];

/** Reads the pieces one after the other. What it is given is overwritten after each, as the system does. */
function outcome(pieces: readonly Buffer[], end: boolean): string {
  const parser = new AnswerParser();
  let status = 0;
  let body = "";
  let outcome = "unfinished";
  let isKept = false;
  const reader: AnswerReader = {
    head: (head: AnswerHead) => {
      ({ status } = head);
    },
    body: (bytes, from, to, whole) => {
      assert.ok(from < to && (!whole || body === ""));
      body += bytes.toString("latin1", from, to);
    },
    complete: (reusable) => {
      outcome = `${status} ${body}`;
      isKept = reusable;
    },
    invalid: ({ reason, message }) => {
      assert.equal(reason, "invalid_response");
      outcome = message;
    },
  };
  parser.expect(reader);
  for (const piece of pieces) {
    const given = Buffer.from(piece);
    if (!parser.read(given)) isKept = false;
    given.fill("x");
  }
  if (end && !parser.end()) isKept = false;
  return isKept ? `${outcome} kept` : outcome;
}

function assertOutcome(pieces: readonly Buffer[], [bytes, wanted, end]: Case): void {
  const found = outcome(pieces, end !== undefined);
  const cuts = pieces.map(({ length }) => length).join("+");
  const isRight = /^(?:\d|unfinished)/.test(wanted)
    ? found === wanted
    : found.endsWith(wanted) || found.includes(`${wanted},`);
  assert.ok(
    isRight,
    `${JSON.stringify(bytes.slice(0, 200))} in ${cuts}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`,
  );
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...new Set(cuts)].toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, nth) => bytes.subarray(places[nth], to));
}

describe("an answer", () => {
  it("is what it is, however it is cut in two, and byte by byte", () => {
    for (const one of corpus) {
      const bytes = Buffer.from(one[0], "latin1");
      for (let cut = 0; cut <= bytes.length; cut += 1) assertOutcome(cutAt(bytes, [cut]), one);
      assertOutcome(cutAt(bytes, Array.from(bytes.keys())), one);
    }
  });

  it("is what it is in any pieces (property)", () => {
    const piecesOf = fc.constantFrom(...corpus).chain((one) => {
      const bytes = Buffer.from(one[0], "latin1");
      const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 });
      return fc.record({ one: fc.constant(one), pieces: cuts.map((places) => cutAt(bytes, places)) });
    });
    fc.assert(
      fc.property(piecesOf, ({ one, pieces }) => assertOutcome(pieces, one)),
      { numRuns: 3_000, seed: 14 },
    );
  });

  it("of any bytes is an answer or refused, and the same in any pieces (property)", () => {
    const words = [
      "HTTP/1.1 200 OK",
      "HTTP/1.1 103 x",
      "\r\n",
      "\r\n\r\n",
      "\n",
      "\r",
      ": ",
      "content-length: 2",
      "transfer-encoding: chunked",
      "2\r\nab",
      "0",
      "ab",
      " ",
      "\0",
      "x: y",
      "connection: close",
    ];
    const text = fc
      .array(fc.constantFrom(...words), { maxLength: 14 })
      .map((list) => Buffer.from(list.join(""), "latin1"));
    const cuts = fc.array(fc.nat(200), { maxLength: 8 });
    fc.assert(
      fc.property(text, cuts, fc.boolean(), (bytes, places, end) => {
        const pieces = cutAt(
          bytes,
          places.map((at) => at % (bytes.length + 1)),
        );
        assert.equal(outcome(pieces, end), outcome([bytes], end));
      }),
      { numRuns: 5_000, seed: 14 },
    );
  });

  it("has no head of more than 16 KiB, no trailers and no interim answers of more than their bounds", () => {
    const head = (length: number): string =>
      `${ok}content-length: 0\r\nx: ${"a".repeat(length - ok.length - 26)}\r\n\r\n`;
    assert.equal(head(16_384).length, 16_384);
    const chunkLines = `${chunked}1\r\na\r\n0\r\n`;
    const cases: readonly Case[] = [
      [head(16_384), "200  kept"],
      [head(16_385), "answered with more than 16 KiB of headers"],
      [`${ok}x: ${"a".repeat(16_384)}`, "answered with more than 16 KiB of headers"],
      [`${chunkLines}${"x: a\r\n".repeat(2_730)}\r\n`, "200 a kept"],
      [`${chunkLines}${"x: a\r\n".repeat(2_731)}\r\n`, "answered with more than 16 KiB of headers"],
      [`${chunkLines}x: ${"a".repeat(16_384)}`, "answered with more than 16 KiB of headers"],
      [`${chunked}1;${"a".repeat(16_384)}`, "answered with more than 16 KiB of headers"],
      [`${"HTTP/1.1 100 \r\n\r\n".repeat(3_855)}${sized}`, "200 abc kept"],
      ["HTTP/1.1 100 \r\n\r\n".repeat(3_856), "answered with more than 64 KiB of interim answers"],
    ];
    for (const one of cases) {
      const bytes = Buffer.from(one[0], "latin1");
      assertOutcome([bytes], one);
      assertOutcome(cutAt(bytes, [7_000, 15_000, 16_000]), one);
    }
  });

  it("has its headers as they came, by their names in small letters", () => {
    const parser = new AnswerParser();
    const heads: AnswerHead[] = [];
    const reader: AnswerReader = {
      head: (head) => heads.push(head),
      body: () => {},
      complete: () => {},
      invalid: assert.fail,
    };
    parser.expect(reader);
    parser.read(
      Buffer.from(
        `${ok}X-A: 1\r\nx-a:\t2 \r\nSet-Cookie: \xe9\r\n__proto__: p\r\nKeep-Alive: timeout=7\r\nRetry-After: 5\r\nretry-after: 6\r\n\r\n`,
        "latin1",
      ),
    );
    const [head] = heads;
    assert.deepEqual(Object.entries(headersOf(head?.text ?? "")), [
      ["x-a", ["1", "2 "]],
      ["set-cookie", "\xe9"],
      ["__proto__", "p"],
      ["keep-alive", "timeout=7"],
      ["retry-after", ["5", "6"]],
    ]);
    assert.deepEqual([head?.keepAliveMs, head?.retryAfter], [7_000, "5"]);
  });
});
