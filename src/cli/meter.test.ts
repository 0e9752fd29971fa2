import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reported } from "../check/progress.ts";
import { meterOn } from "./meter.ts";

function watched(screen: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = [];
  let nowMs = 0;
  const meter = meterOn({ ...screen, write: (text) => written.push(text) }, () => nowMs);
  return { meter, written, wait: (ms: number) => (nowMs += ms) };
}

describe("how far something is", () => {
  it("is a bar on a terminal, drawn over, at most ten times a second, and gone at the end", () => {
    const { meter, written, wait } = watched({ isTTY: true, columns: 200 });
    for (let done = 0; done <= 1_000; done += 1) {
      meter.progress({ doing: "copying", done, total: 1_000 });
      wait(10);
    }
    assert.ok(written.length <= 102, `${written.length} times`);
    assert.ok(written.every((text) => text.startsWith("\r\u001b[2K") && !text.includes("\n")));
    assert.match(written.at(50) ?? "", /copying: \[#{12}\.{12}\] 50 %, 500 of 1,000, 5 s left$/);
    meter.end();
    assert.equal(written.at(-1), "\r\u001b[2K");
  });

  it("is no wider than the terminal", () => {
    const { meter, written } = watched({ isTTY: true, columns: 30 });
    meter.progress({ doing: "something with a long name", done: 1, total: 2 });
    assert.ok((written[0] ?? "").replace("\r\u001b[2K", "").length < 30);
  });

  it("is a plain line every five seconds where there is no terminal, and none for what is quick", () => {
    const { meter, written, wait } = watched({});
    for (let done = 0; done <= 110; done += 1) {
      meter.progress({ doing: "copying", done, total: 110 });
      wait(100);
    }
    meter.end();
    assert.deepEqual(written, ["copying: 45 %, 50 of 110, 6 s left\n", "copying: 90 %, 100 of 110, 1 s left\n"]);
    meter.progress({ doing: "looking", done: 0 });
    meter.progress({ doing: "looking", done: 9 });
    meter.end();
    assert.equal(written.length, 2);
  });

  it("is reported as things go by", () => {
    const steps: unknown[] = [];
    const items = [...reported(["a", "b"], { progress: (step) => steps.push(step), doing: "x", total: 2 })];
    assert.deepEqual(items, ["a", "b"]);
    assert.deepEqual(steps, [
      { doing: "x", total: 2, done: 0 },
      { doing: "x", total: 2, done: 1 },
      { doing: "x", total: 2, done: 2 },
    ]);
  });
});
