import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Json } from "../../../src/domain/event.ts";
import type { Code, Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, code } from "./kit.ts";

/** Which errors are the function's own word, by which it may refuse, and what it may say with them. */
export function describeErrors(open: OpenSandbox): void {
  describe("an error of a call", () => {
    let sandbox: Sandbox;
    before(async () => {
      sandbox = await open({ limits: { outputBytes: 10_000 } });
    });
    after(() => sandbox[Symbol.asyncDispose]());

    it("is its own when it throws it, and not when something else ended it or kept it from being loaded", async () => {
      const errors: readonly (readonly [own: true | undefined, of: Code, timeoutMs?: number])[] = [
        [true, body('throw new Error("x");')],
        [true, body('throw "x";')],
        [true, body('return Promise.reject(new Error("x"));')],
        [true, body("return { get then() { throw new Error('x'); } };")],
        [true, body('await api("no path");')],
        [undefined, code('throw new Error("x");')],
        [undefined, code("export const x = 1;")],
        [undefined, body("await new Promise(() => {});")],
        [undefined, body("return { toJSON() { throw new Error('x'); } };")],
        [undefined, body('return "x".repeat(20_000);')],
        [undefined, body("setInterval(() => {}, 1); await new Promise(() => {});"), 200],
      ];
      for (const [own, of, timeoutMs = 30_000] of errors) {
        const { outcome } = await sandbox.run(call(of, { timeoutMs }));
        assert.equal(outcome.kind === "failed" ? outcome.error.own : outcome.kind, own, of.js);
      }
    });

    it("has fields, as far as they are not too many and not too deep", async () => {
      const thrown: readonly (readonly [fields: string, told: Json | undefined])[] = [
        ['{ fields: [{ path: "a", message: "b" }] }', [{ path: "a", message: "b" }]],
        ['{ errors: { a: ["b"] } }', { a: ["b"] }],
        ["{}", undefined],
        ["{ fields: null }", undefined],
        ["{ fields: () => 1 }", undefined],
        ["{ fields: [1n] }", undefined],
        ["{ fields: globalThis }", undefined],
        ["{ get toString() { return 1; }, fields: { toJSON() { throw 1; } } }", undefined],
        ["{ fields: Array(30_000).fill(1) }", undefined],
        ['{ fields: JSON.parse("[".repeat(9_000) + "]".repeat(9_000)) }', undefined],
      ];
      for (const [more, told] of thrown) {
        const { outcome } = await sandbox.run(call(body(`throw Object.assign(new Error("x"), ${more});`)));
        assert.deepEqual(outcome.kind === "failed" && [outcome.error.message, outcome.error.fields], ["x", told], more);
      }
      const { outcome } = await sandbox.run(
        call(body('throw Object.defineProperty(new Error("x"), "fields", { get() { throw 1; } });')),
      );
      assert.equal(outcome.kind === "failed" && outcome.error.message, "x");
    });

    it("is what something thrown says of itself, whatever it is", async () => {
      const thrown: readonly (readonly [what: string, error: object])[] = [
        ['{ message: "no", fields: { a: "b" } }', { name: "Error", message: "no", fields: { a: "b" }, own: true }],
        ['{ name: "Refused", message: "no" }', { name: "Refused", message: "no", own: true }],
        ["{ message: 1 }", { name: "Error", message: '{"message":1}', own: true }],
        ["null", { name: "Error", message: "null", own: true }],
        ["undefined", { name: "Error", message: "undefined", own: true }],
      ];
      for (const [what, error] of thrown) {
        const { outcome } = await sandbox.run(call(body(`throw ${what};`)));
        assert.deepEqual(outcome.kind === "failed" && outcome.error, error, what);
      }
    });

    it("is told when it is returned, of which JSON would leave nothing", async () => {
      const returned: readonly (readonly [what: string, error: object])[] = [
        ['new Error("no")', { name: "Error", message: "no" }],
        ['new DOMException("no", "AbortError")', { name: "AbortError", message: "no" }],
        [
          'Object.assign(new TypeError("no"), { errors: [1], toJSON: () => 1 })',
          { name: "TypeError", message: "no", fields: [1] },
        ],
      ];
      for (const [what, error] of returned) {
        const { outcome } = await sandbox.run(call(body(`return ${what};`)));
        assert.deepEqual(outcome, { kind: "ok", value: { error } }, what);
      }
    });

    it("has what a value says of a refusal that cannot be told as a whole", async () => {
      const long = "x".repeat(1_000);
      const deep = 'JSON.parse("[".repeat(300) + "]".repeat(300))';
      const returned: readonly (readonly [what: string, said: Json | undefined])[] = [
        ['{ decision: "deny", message: "x".repeat(20_000) }', { decision: "deny", message: long }],
        ['{ decision: "deny", message: "é".repeat(9_000) }', { decision: "deny", message: "é".repeat(1_000) }],
        ['{ decision: "deny", message: "no", n: 1n }', { decision: "deny", message: "no" }],
        ['{ decision: "deny", message: "no", get n() { throw 1; } }', { decision: "deny", message: "no" }],
        ['(() => { const o = { decision: "deny" }; o.code = o; return o; })()', { decision: "deny", code: true }],
        [
          `{ decision: "deny", message: "no", code: null, deep: ${deep} }`,
          { decision: "deny", message: "no", code: null, deep: true },
        ],
        ["{ decision: 1n }", { decision: true }],
        ['{ decision: Symbol("deny"), n: 1n }', {}],
        ['{ error: { message: "x".repeat(20_000), fields: 1n } }', { error: { message: long, fields: true } }],
        [
          '{ success: false, message: "no", errors: Array(9_000).fill(1) }',
          { success: false, message: "no", errors: true },
        ],
        ['{ decision: "allow", patch: { a: "x".repeat(20_000) } }', { decision: "allow" }],
        ["{ get decision() { throw 1; } }", undefined],
        ['"x".repeat(20_000)', undefined],
        ["() => 1", undefined],
        [deep, undefined],
      ];
      for (const [what, said] of returned) {
        const { outcome } = await sandbox.run(call(body(`return ${what};`)));
        assert.deepEqual(outcome.kind === "failed" && [outcome.reason, outcome.error.said], ["bad_output", said], what);
      }
    });
  });
}
