import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json } from "../domain/event.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import { redactor } from "../secrets/redact.ts";
import { readResult } from "./answer.ts";
import type { PlannedHook } from "./plan.ts";

const given = {
  plan: { definition: { name: "PRE_USER_CREATE", phase: "pre", resource: "user", schema: {}, changeable: [] } },
  timeoutMs: 1_000,
} as const;

function read(outcome: SandboxResult["outcome"], failurePolicy: "open" | "closed" = "open") {
  const hook = {
    options: { stage: "prepare", priority: 0, failurePolicy },
    runnable: { redactor: redactor(["sk_live_1234"]) },
  };
  return readResult(outcome, hook as unknown as PlannedHook, given);
}

const unreadable = (said?: Json): SandboxResult["outcome"] => ({
  kind: "failed",
  reason: "bad_output",
  error: { name: "SandboxError", message: "too long", ...(said === undefined ? {} : { said }) },
});

describe("what a run says", () => {
  it("refuses under every policy, when it would by what can be read of it", () => {
    const refusals: readonly (readonly [said: Json, message: string])[] = [
      [{ decision: "deny", message: "no" }, "no"],
      [{ decision: "DENY", message: true, fields: true }, "it gave no reason"],
      [{ error: { message: "no" } }, "no"],
      [{ errors: true }, "it gave no reason"],
    ];
    for (const [said, message] of refusals) {
      const answer = read(unreadable(said));
      assert.ok(answer.kind === "verdict" && answer.verdict.decision === "deny", JSON.stringify(said));
      assert.deepEqual([answer.verdict.message, answer.verdict.notes?.[0]], [message, "too long"]);
    }
  });

  it("stops the operation under every policy, when what can be read of it is an unknown decision", () => {
    assert.deepEqual(read(unreadable({ decision: true })), {
      kind: "failed",
      reason: "bad_verdict",
      because: "it returned something that is no verdict",
      detail:
        'returned a decision that is neither "allow" nor "deny": return { decision: "allow", patch } to change something, or { decision: "deny", message } to refuse',
      stops: true,
    });
  });

  it("is a failure, when it cannot be read and says nothing of a refusal", () => {
    for (const said of [undefined, {}, { decision: "allow" }, { success: true }]) {
      const answer = read(unreadable(said));
      assert.deepEqual(answer.kind === "failed" && [answer.reason, answer.stops], ["bad_output", undefined]);
    }
  });

  it("tells callers nothing that the function has to keep secret", () => {
    const value = {
      decision: "deny",
      message: "sk_live_1234 is not known",
      code: "sk_live_1234",
      fields: [{ path: "a.sk_live_1234", message: "as sk_live_1234" }],
    };
    assert.deepEqual(read({ kind: "ok", value }), {
      kind: "verdict",
      verdict: {
        decision: "deny",
        message: "[redacted] is not known",
        code: "[redacted]",
        fields: [{ path: "a.[redacted]", message: "as [redacted]" }],
      },
    });
  });
});
