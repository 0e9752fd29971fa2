import assert from "node:assert/strict";
import { it } from "node:test";
import { retryAfterMs } from "./retry-after.ts";

const nowMs = Date.UTC(1994, 10, 6, 8, 49, 0);

it("reads seconds and HTTP's three dates, and nothing else", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7_000],
    ["9".repeat(40), Number.MAX_SAFE_INTEGER],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 37_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 37_000],
    ["Sun Nov  6 08:49:37 1994", 37_000],
    ["Sun, 06 Nov 1994 08:48:00 GMT", 0],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    ["1994-11-06T08:49:37Z", undefined],
    ["Sun, 99 Nov 1994 08:49:37 GMT", undefined],
  ];
  for (const [header, wanted] of cases) assert.equal(retryAfterMs(header, nowMs), wanted, JSON.stringify(header));
});
