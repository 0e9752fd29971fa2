import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { threadMsNow, within } from "../../../test/support/cpu-limits.ts";
import { GuestAnswer } from "./answer.ts";

const limits = { outputBytes: 1_000, logBytes: 100, logLines: 5 };

function answerOf(...pieces: readonly (string | Buffer)[]): GuestAnswer {
  const answer = new GuestAnswer(limits);
  for (const piece of pieces) answer.take(Buffer.from(piece));
  return answer;
}

const reasonOf = ({ outcome }: GuestAnswer): string | undefined =>
  outcome?.kind === "failed" ? outcome.reason : outcome?.kind;

describe("Answer", () => {
  it("tells lines and the value, however they are cut into pieces", () => {
    const text = 'l[0.5,1,"grüße"]\nl[2,3,"x"]\nr{"ä":[1,null]}\n';
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const answer = answerOf(...at.slice(1).map((end, index) => bytes.subarray(at[index], end)));
        assert.deepEqual(answer.outcome, { kind: "ok", value: { ä: [1, null] } });
        assert.deepEqual(answer.logs, [
          { atMs: 0.5, level: "info", message: "grüße" },
          { atMs: 2, level: "error", message: "x" },
        ]);
      }),
    );
  });

  it("has an outcome for whatever is said, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const answer = answerOf(`${text}\n`);
        assert.ok(answer.outcome !== undefined || answer.logs.length === 0 || text.includes("l"));
      }),
    );
    for (const line of ["r{", "r", "r1 2", "zzz", "", "\u0000"])
      assert.equal(reasonOf(answerOf(`${line}\n`)), "bad_output", line);
    for (const line of ["t", "t1", "tnull", "x", "t{}"]) assert.equal(reasonOf(answerOf(`${line}\n`)), "threw", line);
    for (const line of ["l", "l1", "l[]", 'l[1,9,"x"]', 'l["1",1,"x"]', "l[1,1,{}]"]) {
      assert.deepEqual(answerOf(`${line}\nr1\n`).logs, [], line);
    }
  });

  it("costs by its bytes, not by the pieces in which they come", () => {
    const wide = { outputBytes: 256 * 2 ** 10, logBytes: 64 * 2 ** 10, logLines: 100_000 };
    const text = Buffer.from(`r${JSON.stringify("x".repeat(200_000))}\n`);
    const cpuMs = (size: number): number => {
      const answer = new GuestAnswer(wide);
      const ms = threadMsNow(() => {
        for (let at = 0; at < text.length; at += size) answer.take(text.subarray(at, at + size));
      });
      assert.ok(answer.isUnread, "a long value is read as a work of its own");
      while (answer.reading().next().done !== true);
      assert.equal(reasonOf(answer), "ok");
      return ms;
    };
    cpuMs(16);
    // 12,500 pieces; it was 1.8 s when each was added to a text that was then split.
    within(100, cpuMs(16));
  });

  it("is given up when it comes in more pieces than lines need", () => {
    const answer = new GuestAnswer(limits);
    let taken = 0;
    while (taken < 10_000 && answer.take(Buffer.from("x"))) taken += 1;
    assert.equal(reasonOf(answer), "bad_output");
    assert.ok(taken < 1_000, `${taken} pieces were taken`);
    const lines = Array.from({ length: 5 }, (_, at) => `l[${at},1,"x"]\n`);
    assert.equal(reasonOf(answerOf(...lines, "r1", "\n")), "ok");
  });

  it("keeps to what was said first", () => {
    const answer = answerOf('r1\nr2\nl[1,1,"late"]\n');
    assert.deepEqual(answer.outcome, { kind: "ok", value: 1 });
    assert.deepEqual(answer.logs, []);
    assert.equal(answerOf("r1").outcome, undefined);
  });

  it("bounds the value by its bytes", () => {
    const most = JSON.stringify("x".repeat(998));
    assert.equal(reasonOf(answerOf(`r${most}\n`)), "ok");
    assert.equal(reasonOf(answerOf(`r${JSON.stringify("x".repeat(999))}\n`)), "bad_output");
    assert.equal(reasonOf(answerOf(`r${JSON.stringify("ü".repeat(500))}\n`)), "bad_output");
  });

  it("wants no more of an endless answer, whatever it is made of", () => {
    for (const piece of ["r".repeat(4_096), 'l[1,1,"x"]\n'.repeat(400), "c\n".repeat(2_000), "\n".repeat(4_096)]) {
      const answer = new GuestAnswer(limits);
      let taken = 0;
      while (answer.take(Buffer.from(piece)) && taken < 10_000_000) taken += piece.length;
      assert.ok(taken < 300_000, `${taken}`);
      assert.equal(reasonOf(answer), "bad_output");
    }
  });

  it("cuts logs by lines and by bytes, never within a character, and says so", () => {
    const many = answerOf('l[1,1,"x"]\n'.repeat(6), "rnull\n");
    assert.equal(many.logs.length, 5);
    assert.equal(many.logsCut, true);
    const long = answerOf(`l[1,1,${JSON.stringify("ü".repeat(49))}]\n`, 'l[1,1,"aüb"]\n', 'l[1,1,"c"]\n', "rnull\n");
    assert.deepEqual(
      long.logs.map(({ message }) => message),
      ["ü".repeat(49), "a"],
    );
    assert.equal(long.logsCut, true);
    const exact = answerOf(`l[1,1,${JSON.stringify("x".repeat(100))}]\n`, "rnull\n");
    assert.equal(exact.logsCut, false);
    assert.equal(answerOf("c\nrnull\n").logsCut, true);
  });

  it("refuses values so deep that they would be a danger to code that walks them", () => {
    const deep = (levels: number): string => `r${"[".repeat(levels)}${"]".repeat(levels)}\n`;
    assert.equal(reasonOf(answerOf(deep(256))), "ok");
    assert.equal(reasonOf(answerOf(deep(257))), "bad_output");
    assert.equal(reasonOf(answerOf(`r${JSON.stringify("[".repeat(600))}\n`)), "ok");
    assert.equal(reasonOf(answerOf(`r${JSON.stringify(`\\"${"[".repeat(600)}`)}\n`)), "ok");
  });

  it("tells what was thrown, cut and without the shim", () => {
    const thrown = {
      name: "TypeError",
      message: "m".repeat(20_000),
      stack: "TypeError\n    at f (function.js:1:1)\n    at x (shim.js:1:1)",
    };
    const wide = new GuestAnswer({ ...limits, outputBytes: 100_000 });
    wide.take(Buffer.from(`t${JSON.stringify(thrown)}\n`));
    assert.equal(wide.outcome?.kind === "failed" && wide.outcome.error.message.length, 16_385);
    assert.equal(wide.outcome?.kind === "failed" && wide.outcome.error.stack, "TypeError\n    at f (function.js:1:1)");
  });

  it("tells fields of what was thrown, when they are few and flat", () => {
    const wide = { ...limits, outputBytes: 1_000_000 };
    const fieldsOf = (fields: string): unknown => {
      const answer = new GuestAnswer(wide);
      answer.take(Buffer.from(`t{"message":"m","fields":${fields}}\n`));
      assert.equal(reasonOf(answer), "threw");
      return answer.outcome?.kind === "failed" ? answer.outcome.error.fields : undefined;
    };
    assert.deepEqual(fieldsOf('{"a":"b"}'), { a: "b" });
    assert.equal(fieldsOf("null"), undefined);
    assert.equal(fieldsOf(JSON.stringify("x".repeat(20_000))), undefined);
    assert.equal(fieldsOf(`${"[".repeat(200_000)}${"]".repeat(200_000)}`), undefined);
  });

  it("is given up when it comes in more lines than there can be", () => {
    const answer = new GuestAnswer({ ...limits, outputBytes: 1_000_000 });
    assert.equal(answer.take(Buffer.from("c\n".repeat(10_000))), false);
    assert.equal(reasonOf(answer), "bad_output");
  });
});
