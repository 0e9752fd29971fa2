import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "./event.ts";
import { readThrownError } from "./read-refusal.ts";
import { readVerdict } from "./read-verdict.ts";
import { refusalText, type Verdict } from "./verdict.ts";

const deny = { decision: "deny", message: "no" } as const;
const allow = { decision: "allow" } as const;
const error = { decision: "deny", error: "returned" } as const;

const patched = { decision: "allow", patch: { attributes: { plan: "pro", old: null } } } as const;
const withFields = {
  ...deny,
  code: "plan.full",
  fields: [
    { path: "email", message: "is taken", code: "taken" },
    { path: "a", message: "b" },
  ],
} as const;

/** What has no decision and is no error allows. */
const allows: readonly Json[] = [
  null,
  true,
  {},
  "ok",
  "",
  0,
  7,
  [],
  ["x"],
  { success: true },
  { status: "success" },
  { allow: true },
];

const read: readonly (readonly [Json, Verdict])[] = [
  ...allows.map((returned) => [returned, allow] as const),
  // Values of these names that say that there is no error.
  [{ error: null }, allow],
  [{ error: "", errors: [], message: "fine" }, allow],
  [{ error: false }, allow],
  [{ errors: {} }, allow],
  [{ status: "ok", message: "fine" }, allow],
  [{ success: null }, allow],
  [allow, allow],
  [patched, patched],
  [
    { decision: "Allow", patch: {} },
    { decision: "allow", patch: {} },
  ],
  [deny, deny],
  [{ ...deny, decision: " DENY " }, deny],
  [withFields, withFields],
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
  // Errors that are returned refuse, each with its message and fields.
  [false, { ...error, message: "it returned false" }],
  [{ error: "Email domain not allowed" }, { ...error, message: "Email domain not allowed" }],
  [{ error: { message: "too young", code: "age" } }, { ...error, message: "too young", code: "age" }],
  [{ error: true }, { ...error, message: "it gave no reason", notes: ["there was no message for the caller"] }],
  [
    { status: "error", message: "no credit", data: {} },
    { ...error, message: "no credit" },
  ],
  [
    { status: "ERROR", code: "EXECUTION_ERROR", message: "no" },
    { ...error, code: "EXECUTION_ERROR", message: "no" },
  ],
  [
    { success: false, message: "taken" },
    { ...error, message: "taken" },
  ],
  [
    { success: false, errors: { email: ["is taken", { toString: 1 }, 5, { message: "is long" }] } },
    { ...error, message: "email: is taken; is long", fields: [{ path: "email", message: "is taken; is long" }] },
  ],
  [
    { success: false, errors: { email: ["is taken", "is long"], name: "is empty" } },
    {
      ...error,
      message: "email: is taken; is long",
      fields: [
        { path: "email", message: "is taken; is long" },
        { path: "name", message: "is empty" },
      ],
    },
  ],
  [
    { status: "error", message: "no", fields: [{ field: "email", error: "is taken" }] },
    { ...error, message: "no", fields: [{ path: "email", message: "is taken" }] },
  ],
  [
    { errors: [{ message: "first" }, { message: "second" }] },
    { ...error, message: "first", fields: [], notes: [keptNote(0)] },
  ],
  [
    { success: false, detail: "Not found." },
    { ...error, message: "Not found." },
  ],
];

function keptNote(count: number): string {
  return `of fields, ${count} were kept: at most 50, each with a path and a message`;
}

/** Denials that something is wrong with: they deny, and say to their author what could not be used. */
const wrongDenials: readonly (readonly [Json, message: string | RegExp, note: RegExp])[] = [
  [{ decision: "deny" }, "it gave no reason", /there was no message/],
  [{ decision: "deny", message: " \n\u0000 " }, "it gave no reason", /there was no message/],
  [{ decision: "deny", message: { text: "no" } }, "it gave no reason", /there was no message/],
  [{ decision: "deny", message: "x".repeat(501) }, /^x{499}…$/, /message was cut/],
  [{ decision: "deny", message: "x".repeat(5_000_000) }, /^x{499}…$/, /message was cut/],
  [{ ...deny, patch: {} }, "no", /^patch is not a known property of a denial/],
  [{ ...deny, code: 5 }, "no", /^code was left out/],
  [{ ...deny, code: "a b" }, "no", /^code was left out/],
  [{ ...deny, fields: 5 }, "no", /^of fields, 0 were kept/],
  [{ ...deny, fields: ["email"] }, "no", /^of fields, 0 were kept/],
  [
    { ...deny, fields: Array.from({ length: 51 }, () => ({ path: "a", message: "b" })) },
    "no",
    /^of fields, 50 were kept/,
  ],
  [{ ...deny, fields: [{ path: "a", message: "b" }, { path: "a" }] }, "no", /^of fields, 1 were kept/],
  [{ decision: "deny", fields: [{ path: "a", message: "b" }] }, "a: b", /^$/],
];

const none: readonly (readonly [Json, RegExp, undecided?: true])[] = [
  [{ decision: "reject", message: "no" }, /neither "allow" nor "deny"/, true],
  [{ decision: true }, /neither "allow" nor "deny"/, true],
  [{ decision: null }, /neither "allow" nor "deny"/, true],
  [{ patch: { a: 1 } }, /^returned a patch without a decision/],
  [{ decision: "allow", patch: null }, /^patch must be a JSON object/],
  [{ decision: "allow", patch: [] }, /^patch must be a JSON object/],
  [{ decision: "allow", patch: { a: "x".repeat(65_536) } }, /^patch: is .* at most 65536/],
  [{ decision: "allow", patch: JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`) as Json }, /at most 32 levels/],
  [{ decision: "allow", patch: JSON.parse('{"__proto__":{"a":1}}') as Json }, /^patch\.__proto__: is not a name/],
];

describe("what a hook returned", () => {
  for (const [returned, verdict] of read) {
    it(`${JSON.stringify(returned).slice(0, 60)} is a verdict`, () => assert.deepEqual(readVerdict(returned), verdict));
  }
  for (const [returned, message, note] of wrongDenials) {
    it(`${JSON.stringify(returned).slice(0, 60)} denies`, () => {
      const verdict = readVerdict(returned);
      assert.ok("decision" in verdict && verdict.decision === "deny");
      if (typeof message === "string") assert.equal(verdict.message, message);
      else assert.match(verdict.message, message);
      assert.match(verdict.notes?.[0] ?? "", note);
    });
  }
  for (const [returned, why, undecided] of none) {
    it(`${JSON.stringify(returned).slice(0, 60)} is no verdict`, () => {
      const verdict = readVerdict(returned);
      assert.ok("problem" in verdict);
      assert.match(verdict.problem, why);
      assert.ok(verdict.problem.length < 2_000);
      assert.equal(verdict.undecided, undecided);
    });
  }

  it("allows with what is not known beside it, and says so", () => {
    assert.deepEqual(readVerdict({ decision: "allow", pathc: {} }), {
      decision: "allow",
      notes: ['pathc is not a known property. Did you mean "patch"?'],
    });
  });

  it("may be as deep as it likes, and is not followed", () => {
    const patch = JSON.parse(`${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`) as Json;
    const verdict = readVerdict({ decision: "allow", patch });
    assert.ok("problem" in verdict);
    assert.match(verdict.problem, /at most 32 levels/);
    assert.equal("decision" in readVerdict({ ...deny, fields: patch }), true);
  });

  it("denies whenever its decision is to deny, whatever else it says", () => {
    const object = fc.dictionary(
      fc.constantFrom("patch", "message", "code", "fields", "error", "success", "x"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(object, fc.constantFrom("deny", "DENY", " Deny"), (rest, decision) => {
        const verdict = readVerdict({ ...(rest as Record<string, Json>), decision });
        assert.ok("decision" in verdict && verdict.decision === "deny");
        assert.ok(verdict.message.length > 0 && Array.from(verdict.message).length <= 500);
      }),
    );
  });

  it("is a verdict or says why not, whatever it is", () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>("allow", "deny", "error"));
    const names = ["decision", "patch", "message", "code", "fields", "errors", "error", "status", "success", "x"];
    const object = fc.dictionary(fc.constantFrom(...names), part);
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), object), (returned) => {
        const verdict = readVerdict(returned as Json);
        if ("problem" in verdict) assert.notEqual(verdict.problem, "");
        else assert.ok(verdict.decision === "allow" || verdict.message !== "");
      }),
    );
  });
});

describe("an error that a function threw", () => {
  it("refuses with its message and fields, never more than 500 characters of it", () => {
    const fields = [{ path: "email", message: "is taken" }];
    assert.deepEqual(readThrownError({ message: "Email domain not allowed", fields }), {
      decision: "deny",
      error: "thrown",
      message: "Email domain not allowed",
      fields,
    });
    assert.equal(Array.from(readThrownError({ message: "é".repeat(10_000) }).message).length, 500);
    assert.equal(readThrownError({ message: "" }).message, "it gave no reason");
  });
});

describe("what callers get", () => {
  const at = { functionName: "Check", eventType: "PRE_USER_CREATE" };
  for (const [denial, code, message] of [
    [deny, "hook_denied", "Function 'Check' refused PRE_USER_CREATE: no"],
    [{ ...deny, error: "returned" }, "hook_denied", "Function 'Check' failed on PRE_USER_CREATE: no"],
    [{ ...deny, error: "thrown" }, "hook_error", "Function 'Check' failed on PRE_USER_CREATE: no"],
  ] as const) {
    it(`${message} (${code})`, () => assert.deepEqual(refusalText(denial, at), { code, message }));
  }
});
