import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { S3Error } from "./errors.ts";
import { judgePolicy, parsePolicy } from "./post-policy.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const expiration = "2026-11-20T12:00:00Z";
const base64 = (document: unknown): string => Buffer.from(JSON.stringify(document)).toString("base64");
const policy = (...conditions: unknown[]) => parsePolicy(base64({ expiration, conditions }));

function refusal(work: () => unknown): string {
  try {
    work();
    return "ok";
  } catch (error) {
    assert.ok(error instanceof S3Error);
    return `${error.code}: ${error.message}`;
  }
}

describe("a policy", () => {
  it("is read", () => {
    const document = {
      expiration: "2026-11-20T13:00:00.000+01:00",
      conditions: [
        { Bucket: "b" },
        ["starts-with", "$Key", "user/"],
        ["EQ", "$acl", "private"],
        ["content-length-range", 1, "1048576"],
        ["content-length-range", 0, 10],
      ],
    };
    assert.deepEqual(parsePolicy(base64(document)), {
      expiresMs: noon,
      conditions: [
        { operator: "eq", field: "bucket", value: "b" },
        { operator: "starts-with", field: "key", value: "user/" },
        { operator: "eq", field: "acl", value: "private" },
      ],
      size: { min: 1, max: 10 },
    });
    assert.deepEqual(parsePolicy(`${base64({ expiration, conditions: [] })}\n`), { expiresMs: noon, conditions: [] });
  });

  const faults: readonly [what: string, text: string][] = [
    ["no base64", "{}"],
    ["no JSON", Buffer.from("{").toString("base64")],
    ["no UTF-8", Buffer.from('{"\xff"}', "latin1").toString("base64")],
    ["no object", base64([])],
    ["no expiration", base64({ conditions: [] })],
    ["an expiration in other letters", base64({ EXPIRATION: expiration, conditions: [] })],
    ["an expiration that is no text", base64({ expiration: noon, conditions: [] })],
    ["an expiration of another form", base64({ expiration: "2026-11-20 12:00:00+00:00", conditions: [] })],
    ["an expiration that is no day", base64({ expiration: "2026-13-20T12:00:00Z", conditions: [] })],
    ["no conditions", base64({ expiration })],
    ["conditions in other letters", base64({ expiration, CONDITIONS: [] })],
    ["conditions that are no list", base64({ expiration, conditions: { key: "k" } })],
    ["what is not known", base64({ expiration, conditions: [], starts: expiration })],
    ...[
      {},
      { a: "1", b: "2" },
      { a: 1 },
      "key",
      null,
      ["eq", "$key"],
      ["eq", "$key", "k", "l"],
      ["eq", "key", "k"],
      ["eq", "$", "k"],
      ["eq", "$key", 1],
      ["ends-with", "$key", "k"],
      ["content-length-range", -1, 1],
      ["content-length-range", 1],
      ["content-length-range", 0.5, 1],
      ["content-length-range", "0", "all"],
    ].map((condition): [string, string] => [
      `the condition ${JSON.stringify(condition)}`,
      base64({ expiration, conditions: [condition] }),
    ]),
  ];
  for (const [what, text] of faults) {
    it(`is refused with ${what}`, () =>
      assert.match(
        refusal(() => parsePolicy(text)),
        /^InvalidPolicyDocument: Invalid Policy: /,
      ));
  }
});

describe("a form is judged by its policy", () => {
  const allows = policy({ bucket: "b" }, ["starts-with", "$key", "user/"], ["starts-with", "$Content-Type", "image/"]);
  const form = { bucket: "b", key: "user/1", "content-type": "image/png" };
  const judge = (by: ReturnType<typeof policy>, fields: Record<string, string>, nowMs = noon - 1) =>
    refusal(() => judgePolicy(by, new Map(Object.entries(fields)), nowMs));

  const cases: readonly [what: string, fields: Record<string, string>, answer: string][] = [
    ["all that it says", form, "ok"],
    ["a list of types that all fit", { ...form, "content-type": "image/png,image/gif" }, "ok"],
    [
      "a list with one that does not",
      { ...form, "content-type": "image/png,text/html" },
      'Policy Condition failed: ["starts-with","$content-type","image/"]',
    ],
    ["another beginning", { ...form, key: "USER/1" }, 'Policy Condition failed: ["starts-with","$key","user/"]'],
    ["another bucket", { ...form, bucket: "c" }, 'Policy Condition failed: ["eq","$bucket","b"]'],
    [
      "less than it says",
      { bucket: "b", key: "user/1" },
      'Policy Condition failed: ["starts-with","$content-type","image/"]',
    ],
    ["more than it says", { ...form, acl: "private", "x-amz-meta-a": "1" }, "Extra input fields: acl, x-amz-meta-a"],
    ["what proves it", { ...form, policy: "p", signature: "s", awsaccesskeyid: "i", "x-amz-signature": "v" }, "ok"],
    ["the date of a signature", { ...form, "x-amz-date": "d" }, "Extra input fields: x-amz-date"],
    ["what is to be ignored", { ...form, "x-ignore-me": "1" }, "ok"],
  ];
  for (const [what, fields, answer] of cases) {
    it(`${answer === "ok" ? "taken" : "refused"} with ${what}`, () => {
      assert.equal(
        judge(allows, fields),
        answer === "ok" ? "ok" : `AccessDenied: Invalid according to Policy: ${answer}`,
      );
    });
  }

  it("until it expires", () => {
    assert.equal(judge(allows, form, noon), "AccessDenied: Invalid according to Policy: Policy expired.");
  });

  it("whose empty beginning lets anything be sent, or nothing", () => {
    const any = policy(["starts-with", "$key", ""]);
    assert.equal(judge(any, { key: "whatever" }), "ok");
    assert.equal(judge(any, {}), "ok");
  });
});
