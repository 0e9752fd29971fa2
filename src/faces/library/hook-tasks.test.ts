import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { SignalboxError } from "../../errors.ts";
import type { Allowed, Begun, HookTask } from "../../hooks/guard.ts";
import { HookTasks, keptTasks, verdictKeptMs } from "./hook-tasks.ts";

const about = { tenant: "acme", type: "PRE_ORDER_CREATE" };
const recorded = Promise.resolve();

function task(taskId: string, verdict: Promise<Verdict>): HookTask {
  return { taskId, invocation: 5, function: { number: 123, name: "Credit check", slug: "credit-check" }, verdict };
}

const agreed = { operation: "o", params: {}, warnings: [], ran: [], changes: [], changesFor: () => [] };
const refused = new SignalboxError("hook_failed", "what they want does not fit");

/** A chain that came to `result`. */
function begun(result: Allowed | SignalboxError, ...tasks: HookTask[]): Begun {
  const over = result instanceof SignalboxError ? Promise.reject<Allowed>(result) : Promise.resolve(result);
  return { operation: "operation", tasks, result: over };
}

const allowed = Promise.resolve<Verdict>({ decision: "allow", patch: { discount: 5 } });

describe("a hook's task", () => {
  it("gives the verdict, and throws when that is a refusal or when there is none", async () => {
    const tasks = new HookTasks(fakeClock());
    const fields = [{ path: "item", message: "is sold out" }];
    const denied = Promise.resolve<Verdict>({ decision: "deny", message: "No credit", code: "broke", fields });
    const failed = Promise.reject<Verdict>(new SignalboxError("hook_failed", "timeout"));
    tasks.keep(begun(refused, task("a", allowed), task("b", denied), task("c", failed)), about, recorded);
    assert.deepEqual(await tasks.verdict("acme", "a"), { decision: "allow", patch: { discount: 5 } });
    await assert.rejects(tasks.verdict("acme", "b") ?? recorded, {
      code: "hook_denied",
      fields,
      message: "Function 'Credit check' refused PRE_ORDER_CREATE: No credit",
      data: {
        function_id: 123,
        function_name: "Credit check",
        function_slug: "credit-check",
        invocation_id: 5,
        code: "broke",
        fields,
        refusals: [
          {
            function_id: 123,
            function_name: "Credit check",
            function_slug: "credit-check",
            invocation_id: 5,
            message: "No credit",
            code: "broke",
            fields,
          },
        ],
      },
    });
    await assert.rejects(tasks.verdict("acme", "c") ?? recorded, { code: "hook_failed" });
  });

  it("allows when its failure is passed over", async () => {
    const tasks = new HookTasks(fakeClock());
    const failed = Promise.reject<Verdict>(new SignalboxError("hook_failed", "timeout"));
    tasks.keep(begun(agreed, task("a", failed)), about, recorded);
    assert.deepEqual(await tasks.verdict("acme", "a"), { decision: "allow" });
  });

  it("tells last that the operation is stopped although each hook for itself allows it", async () => {
    const tasks = new HookTasks(fakeClock());
    tasks.keep(begun(refused, task("a", allowed), task("b", allowed)), about, recorded);
    await tasks.verdict("acme", "a");
    await assert.rejects(tasks.verdict("acme", "b") ?? recorded, refused);
  });

  it("is known to its own tenant only", () => {
    const tasks = new HookTasks(fakeClock());
    tasks.keep(begun(agreed, task("a", allowed)), about, recorded);
    assert.equal(tasks.verdict("other", "a"), undefined);
    assert.equal(tasks.verdict("acme", "b"), undefined);
  });

  it("tells the last verdict only when the decision is recorded", async () => {
    const tasks = new HookTasks(fakeClock());
    const recording = Promise.withResolvers<void>();
    tasks.keep(begun(agreed, task("a", allowed), task("b", allowed)), about, recording.promise);
    await tasks.verdict("acme", "a");
    const last = tasks.verdict("acme", "b")?.then(() => "ended");
    const later = new Promise((resolve) => setImmediate(resolve, "waits"));
    assert.equal(await Promise.race([last, later]), "waits");
    recording.resolve();
    assert.equal(await last, "ended");
  });

  it("is forgotten ten minutes after its end, and not while it runs", async () => {
    const clock = fakeClock();
    const tasks = new HookTasks(clock);
    tasks.keep(begun(agreed, task("ended", allowed)), about, recorded);
    tasks.keep(begun(agreed, task("runs", new Promise(() => {}))), about, recorded);
    await tasks.verdict("acme", "ended");
    clock.advance(verdictKeptMs - 1);
    assert.notEqual(tasks.verdict("acme", "ended"), undefined);
    clock.advance(1);
    assert.equal(tasks.verdict("acme", "ended"), undefined);
    assert.notEqual(tasks.verdict("acme", "runs"), undefined);
  });

  it("makes room for later ones", async () => {
    const tasks = new HookTasks(fakeClock());
    for (let nth = 0; nth <= keptTasks; nth++) {
      tasks.keep(begun(agreed, task(String(nth), allowed)), about, recorded);
      await tasks.verdict("acme", String(nth));
    }
    assert.equal(tasks.verdict("acme", "0"), undefined);
    assert.notEqual(tasks.verdict("acme", "1"), undefined);
    assert.notEqual(tasks.verdict("acme", String(keptTasks)), undefined);
  });
});
