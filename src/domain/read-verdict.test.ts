import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "./event.ts";
import { readVerdict } from "./read-verdict.ts";
import type { Verdict } from "./verdict.ts";

const deny = { decision: "deny", message: "no" } as const;

const read: readonly (readonly [Json, Verdict])[] = [
  [null, { decision: "allow" }],
  [true, { decision: "allow" }],
  [{ decision: "allow" }, { decision: "allow" }],
  [
    { decision: "allow", patch: { attributes: { plan: "pro", old: null } } },
    { decision: "allow", patch: { attributes: { plan: "pro", old: null } } },
  ],
  [
    { decision: "allow", patch: {} },
    { decision: "allow", patch: {} },
  ],
  [deny, deny],
  [
    {
      ...deny,
      code: "plan.full",
      fields: [
        { path: "email", message: "is taken", code: "taken" },
        { path: "a", message: "b" },
      ],
    },
    {
      ...deny,
      code: "plan.full",
      fields: [
        { path: "email", message: "is taken", code: "taken" },
        { path: "a", message: "b" },
      ],
    },
  ],
  [
    { ...deny, fields: [] },
    { ...deny, fields: [] },
  ],
  // Characters, not units; and plain text only.
  [
    { ...deny, message: "😀".repeat(500) },
    { ...deny, message: "😀".repeat(500) },
  ],
  [
    { ...deny, message: " a\r\nb\u0000\u001b[31mc\u202ed " },
    { ...deny, message: "a b [31mc d" },
  ],
  [
    { ...deny, message: "a\ud800b" },
    { ...deny, message: "a\ufffdb" },
  ],
];

const refused: readonly (readonly [Json, RegExp])[] = [
  [false, /^returned false.*return \{ decision: "deny", message/],
  ["no", /^returned a text: return nothing or true to allow/],
  [0, /^returned a number/],
  [[], /^returned a list/],
  [{}, /neither "allow" nor "deny"/],
  [{ allow: true }, /neither "allow" nor "deny"/],
  [{ decision: "ALLOW" }, /neither "allow" nor "deny"/],
  [{ decision: true }, /neither "allow" nor "deny"/],
  [{ decision: "allow", pathc: {} }, /^pathc is not a known property\. Did you mean "patch"\?/],
  [{ decision: "allow", message: "x" }, /^message is not a known property/],
  [{ decision: "allow", patch: null }, /^patch must be a JSON object/],
  [{ decision: "allow", patch: [] }, /^patch must be a JSON object/],
  [{ decision: "allow", patch: { a: "x".repeat(65_536) } }, /^patch: is 65544 bytes long as JSON; at most 65536/],
  [{ decision: "allow", patch: JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`) as Json }, /at most 32 levels/],
  [{ decision: "allow", patch: JSON.parse('{"__proto__":{"a":1}}') as Json }, /^patch\.__proto__: is not a name/],
  [JSON.parse('{"decision":"allow","__proto__":1}') as Json, /^__proto__ is not a known property/],
  [{ decision: "deny" }, /^message must be a text of 1 to 500 characters/],
  [{ decision: "deny", message: "" }, /^message must be/],
  [{ decision: "deny", message: " \n\u0000 " }, /^message must be/],
  [{ decision: "deny", message: "x".repeat(501) }, /^message must be/],
  [{ decision: "deny", message: "x".repeat(5_000_000) }, /^message must be/],
  [{ decision: "deny", message: { text: "no" } }, /^message must be/],
  [{ ...deny, patch: {} }, /^patch is not a known property/],
  [{ ...deny, code: 5 }, /^code must be 1 to 64/],
  [{ ...deny, code: "a b" }, /^code must be 1 to 64/],
  [{ ...deny, fields: { email: "x" } }, /^fields must be a list of at most 50/],
  [{ ...deny, fields: ["email"] }, /^fields must be a list/],
  [{ ...deny, fields: Array.from({ length: 51 }, () => ({ path: "a", message: "b" })) }, /^fields must be a list/],
  [
    { ...deny, fields: [{ path: "a", message: "b" }, { path: "a" }] },
    /^fields\[1\]\.message must be a text of 1 to 500/,
  ],
  [{ ...deny, fields: [{ message: "b" }] }, /^fields\[0\]\.path must be a text of 1 to 256/],
  [
    { ...deny, fields: [{ path: "a", mesage: "b" }] },
    /^fields\[0\]\.mesage is not a known property\. Did you mean "message"/,
  ],
  [{ ...deny, fields: [{ path: "a", message: "b", code: "" }] }, /^fields\[0\]\.code must be/],
];

function refusal(returned: Json): string {
  const text = readVerdict(returned);
  assert.ok(typeof text === "string", "was read as a verdict");
  return text;
}

describe("what a hook returned", () => {
  for (const [returned, verdict] of read) {
    it(`${JSON.stringify(returned).slice(0, 60)} is a verdict`, () => assert.deepEqual(readVerdict(returned), verdict));
  }
  for (const [returned, why] of refused) {
    it(`${JSON.stringify(returned).slice(0, 60)} is none`, () => {
      assert.match(refusal(returned), why);
      assert.ok(refusal(returned).length < 2_000);
    });
  }

  it("may be as deep as it likes, and is not followed", () => {
    const patch = JSON.parse(`${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`) as Json;
    assert.match(refusal({ decision: "allow", patch }), /at most 32 levels/);
    assert.match(refusal({ ...deny, fields: patch }), /^fields must be a list/);
  });

  it("is a verdict or a text, whatever it is", () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>("allow", "deny"));
    const object = fc.dictionary(fc.constantFrom("decision", "patch", "message", "code", "fields", "x"), part);
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), object), (returned) => {
        const verdict = readVerdict(returned as Json);
        if (typeof verdict === "string") assert.notEqual(verdict, "");
        // What was read is read again as the same.
        else assert.deepEqual(readVerdict(JSON.parse(JSON.stringify(verdict)) as Json), verdict);
      }),
    );
  });
});
