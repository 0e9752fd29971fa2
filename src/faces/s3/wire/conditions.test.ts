import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Conditions,
  judgeCopySource,
  judgeRead,
  judgeWrite,
  readConditions,
  readDeletion,
  unquoteEtag,
} from "./conditions.ts";

const object = { etag: "abc", lastModifiedMs: Date.parse("2026-01-02T03:04:05.678Z"), size: 9 };
const at = "Fri, 02 Jan 2026 03:04:05 GMT";
const before = "Fri, 02 Jan 2026 03:04:04 GMT";
const after = "Fri, 02 Jan 2026 03:04:06 GMT";

/** `304`, `200` or the header that failed. */
function answer(conditions: Conditions, judge = judgeRead): string | number {
  const judgement = judge(conditions, object);
  if (judgement.kind === "failed") return judgement.condition;
  return judgement.kind === "proceed" ? 200 : 304;
}

describe("conditional reads", () => {
  it("compare entity tags with quotes, without, weak, and in lists", () => {
    for (const ifMatch of ['"abc"', "abc", 'W/"abc"', '"x", "abc"', "x,abc", "*", ' "abc" ']) {
      assert.equal(answer({ ifMatch }), 200, ifMatch);
      assert.equal(answer({ ifNoneMatch: ifMatch }), 304, ifMatch);
    }
    for (const ifMatch of ['"abcd"', "", '"ABC"', '"a,bc"']) {
      assert.equal(answer({ ifMatch }), "If-Match", ifMatch);
      assert.equal(answer({ ifNoneMatch: ifMatch }), 200, ifMatch);
    }
  });

  it("compare dates by the second", () => {
    assert.equal(answer({ ifModifiedSince: before }), 200);
    assert.equal(answer({ ifModifiedSince: at }), 304);
    assert.equal(answer({ ifModifiedSince: after }), 304);
    assert.equal(answer({ ifUnmodifiedSince: before }), "If-Unmodified-Since");
    assert.equal(answer({ ifUnmodifiedSince: at }), 200);
    assert.equal(answer({ ifUnmodifiedSince: after }), 200);
  });

  it("ignore a date that is none", () => {
    assert.equal(answer({ ifModifiedSince: "soon" }), 200);
    assert.equal(answer({ ifUnmodifiedSince: "" }), 200);
  });

  it("take the tag before the date", () => {
    assert.equal(answer({ ifMatch: "abc", ifUnmodifiedSince: before }), 200);
    assert.equal(answer({ ifMatch: "x", ifUnmodifiedSince: after }), "If-Match");
    assert.equal(answer({ ifNoneMatch: "abc", ifModifiedSince: before }), 304);
    assert.equal(answer({ ifNoneMatch: "x", ifModifiedSince: after }), 200);
    assert.equal(answer({ ifMatch: "x", ifNoneMatch: "abc" }), "If-Match");
    assert.equal(answer({ ifMatch: "abc", ifNoneMatch: "abc" }), 304);
  });

  it("of a copy's source fail where a read is 304", () => {
    assert.equal(answer({ ifNoneMatch: "abc" }, judgeCopySource), "If-None-Match");
    assert.equal(answer({ ifModifiedSince: at }, judgeCopySource), "If-Modified-Since");
    assert.equal(answer({ ifMatch: "abc", ifUnmodifiedSince: before }, judgeCopySource), 200);
  });

  it("come from the headers, a copy's own from those with its prefix", () => {
    const headers = {
      "if-match": "a",
      "if-modified-since": at,
      "x-amz-copy-source-if-match": "b",
      "x-amz-copy-source-if-none-match": "c",
    };
    assert.deepEqual(readConditions(headers), { ifMatch: "a", ifModifiedSince: at });
    assert.deepEqual(readConditions(headers, "x-amz-copy-source-"), { ifMatch: "b", ifNoneMatch: "c" });
    assert.deepEqual(readConditions({}), {});
  });
});

describe("conditional writes", () => {
  it("create only what is not there, and change only what is as expected", () => {
    assert.deepEqual(judgeWrite({}, object), { kind: "proceed" });
    assert.deepEqual(judgeWrite({ ifNoneMatch: "*" }, undefined), { kind: "proceed" });
    assert.deepEqual(judgeWrite({ ifNoneMatch: "*" }, object), { kind: "failed", condition: "If-None-Match" });
    assert.deepEqual(judgeWrite({ ifMatch: '"abc"' }, object), { kind: "proceed" });
    assert.deepEqual(judgeWrite({ ifMatch: "*" }, object), { kind: "proceed" });
    assert.deepEqual(judgeWrite({ ifMatch: '"x"' }, object), { kind: "failed", condition: "If-Match" });
    assert.deepEqual(judgeWrite({ ifMatch: "*" }, undefined), { kind: "missing" });
    assert.throws(() => judgeWrite({ ifNoneMatch: '"abc"' }, undefined), { code: "NotImplemented" });
  });
});

describe("conditions of deletes", () => {
  it("are a size and a time, to the second unless a fraction is said", () => {
    const judged = (said: Parameters<typeof readDeletion>[0]): string => {
      const conditions = readDeletion(said);
      return conditions === undefined ? "none" : judgeWrite(conditions, object).kind;
    };
    for (const [said, expected] of [
      [{}, "proceed"],
      [{ size: "9" }, "proceed"],
      [{ size: "8" }, "failed"],
      [{ size: "0" }, "failed"],
      [{ size: "-1" }, "none"],
      [{ size: "9 bytes" }, "none"],
      [{ modifiedAt: "Fri, 02 Jan 2026 03:04:05 GMT" }, "proceed"],
      [{ modifiedAt: "2026-01-02T03:04:05Z" }, "proceed"],
      [{ modifiedAt: "2026-01-02T04:04:05+01:00" }, "proceed"],
      [{ modifiedAt: "2026-01-02T03:04:05.678Z" }, "proceed"],
      [{ modifiedAt: "2026-01-02T03:04:05.679Z" }, "failed"],
      [{ modifiedAt: "2026-01-02T03:04:06Z" }, "failed"],
      [{ modifiedAt: "x 1" }, "none"],
      [{ modifiedAt: "" }, "none"],
      [{ size: "9", modifiedAt: "2026-01-02T03:04:06Z" }, "failed"],
    ] as const) {
      assert.equal(judged(said), expected, JSON.stringify(said));
    }
    assert.equal(judgeWrite({ ifSize: 9 }, undefined).kind, "missing");
  });
});

describe("unquoteEtag", () => {
  it("leaves the value", () => {
    for (const tag of ["abc-2", '"abc-2"', ' W/"abc-2" ']) assert.equal(unquoteEtag(tag), "abc-2");
    assert.equal(unquoteEtag('"'), '"');
  });
});
