import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees, allow, crashes, deny, hangs } from "../../test/support/function-scripts.ts";
import { hooks, invocationsIn, refused } from "../../test/support/hooked-guard.ts";
import type { Json } from "../domain/event.ts";
import { parseUuid } from "../domain/ids.ts";
import type { Allowed } from "./guard.ts";

describe("an operation that was begun", () => {
  it("names the tasks of both waves at once, with the invocations that they will have", async () => {
    const at = hooks();
    at.hook(hangs, { failurePolicy: "open", name: "Slow" });
    at.hook(agrees, { stage: "validate", name: "Last" });
    const { operation, tasks, result } = await at.guard.begin(at.operation({ operation: "op-1" }));
    assert.equal(operation, "op-1");
    assert.deepEqual(
      tasks.map(({ invocation, function: { number, name, slug } }) => [invocation, number, name, slug]),
      [
        [1, 101, "Slow", "slow"],
        [2, 102, "Last", "last"],
      ],
    );
    assert.equal(new Set(tasks.map(({ taskId }) => parseUuid(taskId))).size, 2);
    await at.after(1, 5_000);
    assert.deepEqual(
      invocationsIn((await result).changes).map(({ number }) => number),
      [1, 2],
    );
    const [slow, last] = tasks;
    const failed = await refused(slow?.verdict ?? assert.fail());
    assert.deepEqual(
      [failed.code, failed.data?.["reason"], failed.data?.["invocation_id"]],
      ["hook_failed", "timeout", 1],
    );
    assert.deepEqual(await last?.verdict, { decision: "allow" });
  });

  it("tells each verdict as soon as it is known, whatever becomes of the operation", async () => {
    const at = hooks();
    const gate = Promise.withResolvers<Json>();
    at.hook(() => deny("no"));
    at.hook(crashes);
    at.hook(() => gate.promise);
    const { tasks, result } = await at.guard.begin(at.operation());
    assert.deepEqual(await tasks[0]?.verdict, { decision: "deny", message: "no" });
    assert.equal((await refused(tasks[1]?.verdict ?? assert.fail())).code, "hook_failed");
    gate.resolve(true);
    assert.deepEqual(await tasks[2]?.verdict, { decision: "allow" });
    assert.equal((await refused(result)).code, "hook_denied");
  });

  it("says of a patch only once all have answered whether it can be used", async () => {
    const at = hooks();
    at.hook(() => allow({ first_name: "Bob" }));
    at.hook(() => allow({ first_name: 7 }), { failurePolicy: "open" });
    const { tasks, result } = await at.guard.begin(at.operation());
    assert.deepEqual(await tasks[0]?.verdict, { decision: "allow", patch: { first_name: "Bob" } });
    const failed = await refused(tasks[1]?.verdict ?? assert.fail());
    assert.equal(failed.data?.["reason"], "unfit_patch");
    assert.equal((await result).params["first_name"], "Bob");
  });

  it("has no verdict of a hook of validate that prepare made needless", async () => {
    const at = hooks();
    at.hook(() => deny("no"));
    at.hook(agrees, { stage: "validate" });
    const { tasks, result } = await at.guard.begin(at.operation());
    const skipped = await refused(tasks[1]?.verdict ?? assert.fail());
    assert.deepEqual(
      [skipped.code, skipped.data?.["reason"], skipped.data?.["invocation_id"]],
      ["hook_failed", "skipped", null],
    );
    assert.equal((await refused(result)).code, "hook_denied");
  });

  it("has no tasks when there are no hooks", async () => {
    const at = hooks();
    const { tasks, result } = await at.guard.begin(at.operation());
    assert.deepEqual([tasks, (await result).changes], [[], []]);
  });

  it("rejects at once with what is known before any hook has run", async () => {
    const at = hooks();
    at.hook(agrees);
    assert.equal((await refused(at.guard.begin(at.operation({ params: {} })))).code, "invalid_request");
  });

  it("ends no process when nobody looks at what failed", async () => {
    const at = hooks();
    at.hook(crashes);
    at.hook(() => deny("no"), { stage: "validate" });
    const unhandled: unknown[] = [];
    const noted = (thrown: unknown): void => void unhandled.push(thrown);
    process.on("unhandledRejection", noted);
    await at.guard.begin(at.operation());
    // Unhandled rejections are reported once the microtasks are done, before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", noted);
    assert.deepEqual([unhandled, at.units.length], [[], 1]);
  });

  it("comes to the same as a check", async () => {
    const at = hooks();
    at.hook(() => allow({ attributes: { a: 1 } }));
    at.hook(crashes, { stage: "validate", failurePolicy: "open" });
    const plain = ({ operation, params, warnings, ran, changes }: Allowed): unknown => [
      operation,
      params,
      warnings,
      ran,
      changes.length,
    ];
    const checked = await at.guard.check(at.operation({ operation: "op-1" }));
    const begun = await (await at.guard.begin(at.operation({ operation: "op-1" }))).result;
    assert.deepEqual(plain(begun), plain(checked));
  });
});
