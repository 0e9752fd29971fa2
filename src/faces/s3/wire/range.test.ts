import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCopySourceRange, parseRange } from "./range.ts";

describe("Range", () => {
  it("is first and last, open, or a suffix", () => {
    for (const [header, start, end] of [
      ["bytes=0-0", 0, 0],
      ["bytes=0-9", 0, 9],
      ["bytes=5-", 5, 9],
      ["bytes=9-9", 9, 9],
      ["bytes=3-100", 3, 9],
      ["bytes=0-99999999999999999999", 0, 9],
      ["bytes=-1", 9, 9],
      ["bytes=-10", 0, 9],
      ["bytes=-100", 0, 9],
      ["BYTES= 1 - 2 ", 1, 2],
    ] as const) {
      assert.deepEqual(parseRange(header, 10), { start, end }, header);
    }
  });

  it("is ignored when it is none, or several", () => {
    for (const header of [
      [undefined, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=1-2,4-5", "bytes=0-0,-1"],
      ["items=0-1", "bytes=--1", "bytes=1-2-3", "bytes 0-1"],
    ].flat()) {
      assert.equal(parseRange(header, 10), undefined, header);
    }
  });

  it("is refused when no byte is in it", () => {
    for (const [header, size] of [
      ["bytes=10-", 10],
      ["bytes=10-20", 10],
      ["bytes=99999999999999999999-", 10],
      ["bytes=-0", 10],
      ["bytes=0-", 0],
      ["bytes=-5", 0],
    ] as const) {
      const extra = { RangeRequested: header, ActualObjectSize: String(size) };
      assert.throws(() => parseRange(header, size), { code: "InvalidRange", status: 416, extra });
    }
  });
});

describe("x-amz-copy-source-range", () => {
  it("must be whole and inside", () => {
    assert.deepEqual(parseCopySourceRange("bytes=0-9", 10), { start: 0, end: 9 });
    assert.throws(() => parseCopySourceRange("bytes=0-10", 10), { code: "InvalidRange" });
    for (const header of ["", "bytes=0-", "bytes=-1", "bytes=5-2", "0-9", "bytes=0-1,3-4"]) {
      assert.throws(() => parseCopySourceRange(header, 10), { code: "InvalidArgument" }, header);
    }
  });
});
