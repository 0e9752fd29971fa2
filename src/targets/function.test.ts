import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import type { FunctionSubscription } from "../domain/subscription.ts";
import type { FunctionRunner, Runnable } from "../invocation/runner.ts";
import type { SandboxFailure } from "../sandbox/sandbox.ts";
import { functionTargets } from "./function.ts";
import type { AttemptResult, Deliverable } from "./target.ts";

const runnable = { fn: { timeoutMs: 1_000 } } as unknown as Runnable;
const subscription = {
  uuid: "s",
  number: 1,
  target: { kind: "function", function: 7 },
} as unknown as FunctionSubscription;
const event = { id: "e", tenant: "acme", names: {}, data: { params: {} }, sequence: 1, timeMs: 0 };

async function attempted(reason: SandboxFailure): Promise<AttemptResult> {
  const functions: FunctionRunner = {
    load: async () => runnable,
    nextNumber: async () => 1,
    underWay: () => [],
    run: async () => ({
      outcome: { kind: "failed", reason, error: { name: "SandboxError", message: "why" } },
      invocation: { number: 1 } as never,
    }),
  };
  const target = functionTargets({ functions, clock: fakeClock() })(subscription);
  return target.attempt({ uuid: "d", attempt: 1, event } as unknown as Deliverable);
}

describe("a delivery to a function", () => {
  it("that found no room waits some seconds, and is neither counted nor kept as a run", async () => {
    for (const reason of ["busy", "unavailable"] as const) {
      const { outcome, message, invocation } = await attempted(reason);
      assert.deepEqual([outcome, message, invocation], [{ kind: "later", reason, waitMs: 6_000 }, "why", undefined]);
    }
  });

  it("that was begun and failed is counted", async () => {
    for (const reason of ["threw", "timeout", "memory", "stalled", "crashed", "bad_output"] as const) {
      const { outcome, invocation } = await attempted(reason);
      assert.deepEqual([outcome, invocation?.number], [{ kind: "failed", reason }, 1]);
    }
  });
});
