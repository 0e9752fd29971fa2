import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees, crashes, stops, throws } from "../../test/support/function-scripts.ts";
import { bob, decisionIn, eventsIn, hooks, invocationsIn, refused } from "../../test/support/hooked-guard.ts";
import type { Json } from "../domain/event.ts";

describe("hooks: an error of the function's own", () => {
  it("refuses the operation as the function tells it, without its stack", async () => {
    const at = hooks();
    at.hook(throws("Email domain not allowed"), { name: "Check domain" });
    const error = await refused(at.guard.check(at.operation()));
    assert.deepEqual([error.code, error.status], ["hook_error", 400]);
    assert.equal(error.message, "Function 'Check domain' failed on PRE_USER_CREATE: Email domain not allowed");
    assert.doesNotMatch(JSON.stringify([error.message, error.data]), /function\.js|stack/);
    const [invocation] = invocationsIn(at.units[0]?.changes);
    assert.deepEqual([invocation?.status, invocation?.reason], ["failed", "threw"]);
    const [hook] = decisionIn(at.units[0]?.changes)?.hooks ?? [];
    assert.deepEqual(hook?.verdict, { decision: "deny", error: "thrown", message: "Email domain not allowed" });
    assert.deepEqual(at.decided, ["denied"]);
  });

  it("is reported as a warning under the policy open, when it is thrown", async () => {
    const at = hooks();
    at.hook(throws("no credit"), { name: "Check", failurePolicy: "open" });
    const { warnings } = await at.guard.check(at.operation());
    assert.deepEqual(warnings, ["Function 'Check' failed and was passed over: threw: no credit"]);
  });

  for (const returned of [
    false,
    { error: "no" },
    { status: "error", message: "no" },
    { success: false, message: "no" },
  ]) {
    it(`refuses under every policy when it is returned: ${JSON.stringify(returned)}`, async () => {
      const at = hooks();
      at.hook(() => returned, { name: "Check", failurePolicy: "open" });
      const error = await refused(at.guard.check(at.operation()));
      assert.deepEqual([error.code, error.status], ["hook_denied", 400]);
      assert.match(error.message, /^Function 'Check' failed on PRE_USER_CREATE: (?:no|it returned false)$/);
    });
  }

  for (const decision of ["reject", "denied", true, null]) {
    it(`stops the operation under every policy when its decision is ${JSON.stringify(decision)}`, async () => {
      const at = hooks();
      at.hook(() => ({ decision }), { failurePolicy: "open" });
      assert.equal((await refused(at.guard.check(at.operation()))).code, "hook_failed");
    });
  }

  it("opens no circuit breaker: a function that refuses by throwing does its work", async () => {
    const at = hooks();
    at.hook(throws("no"));
    for (let time = 0; time < 30; time += 1) {
      assert.equal((await refused(at.guard.check(at.operation()))).code, "hook_error");
    }
    assert.deepEqual([at.runs.length, at.breakersOpened], [30, 0]);
  });

  it("is reported beside the refusals of others, each with its function", async () => {
    const at = hooks();
    at.hook(throws("second"), { priority: 1, name: "B" });
    at.hook(() => ({ success: false, message: "first", errors: { email: "is taken" } }), { name: "A" });
    const error = await refused(at.guard.check(at.operation()));
    assert.equal(error.code, "hook_denied");
    const refusals = error.data?.["refusals"] as readonly {
      readonly function_name: string;
      readonly message: string;
    }[];
    assert.deepEqual(
      refusals.map(({ function_name: name, message }) => [name, message]),
      [
        ["A", "first"],
        ["B", "second"],
      ],
    );
    assert.deepEqual(error.fields, [{ path: "email", message: "is taken" }]);
  });
});

describe("hooks (2): a failure", () => {
  const failures = [
    [stops("timeout"), "it took longer than 10000 ms", "timeout"],
    [stops("stalled"), "it kept its process from doing anything else, and was stopped", "stalled"],
    [stops("threw"), "its code does not load, or it waits for what never happens", "threw"],
    [stops("memory"), "it took more memory than it may", "memory"],
    [stops("crashed"), "its process ended while it ran", "crashed"],
    [stops("bad_output"), "it returned something that is not JSON, or too long", "bad_output"],
    [stops("busy"), "there is no free slot for it", "busy"],
    [stops("unavailable"), "there is no process for it", "unavailable"],
    [(): Json => ({ patch: {} }), "it returned something that is no verdict", "bad_verdict"],
  ] as const;

  for (const [script, because, reason] of failures) {
    it(`refuses the operation under the policy closed, because ${because} (${reason})`, async () => {
      const at = hooks();
      at.hook(script, { name: "Check domain" });
      const error = await refused(at.guard.check(at.operation()));
      assert.equal(error.code, "hook_failed");
      assert.equal(error.status, 503);
      assert.equal(error.message, `Function 'Check domain' did not agree to PRE_USER_CREATE: ${because}`);
      assert.deepEqual(error.data, {
        function_id: 101,
        function_name: "Check domain",
        function_slug: "check-domain",
        invocation_id: 1,
        reason,
      });
      assert.doesNotMatch(JSON.stringify([error.message, error.data]), /secret|function\.js/);
    });

    it(`lets the operation go on under the policy open, with a warning (${reason})`, async () => {
      const at = hooks();
      at.hook(script, { name: "Check domain", failurePolicy: "open" });
      const { warnings, params } = await at.guard.check(at.operation());
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", new RegExp(`^Function 'Check domain' failed and was passed over: ${reason}`));
      assert.doesNotMatch(warnings.join(), /secret|function\.js/);
      assert.deepEqual(params, bob);
    });
  }

  it("is that of the first hook that stopped the operation, in the order of merging", async () => {
    const at = hooks();
    at.hook(crashes, { priority: 2 });
    at.hook(crashes, { priority: 1 });
    at.hook(crashes, { priority: 0, failurePolicy: "open" });
    assert.equal((await refused(at.guard.check(at.operation()))).data?.["function_id"], 102);
  });

  it("is recorded, and the others that ran are notified", async () => {
    const at = hooks();
    at.hook(agrees);
    at.hook(crashes);
    at.hook(stops("busy"));
    await refused(at.guard.check(at.operation()));
    assert.equal(decisionIn(at.units[0]?.changes)?.outcome, "failed");
    assert.deepEqual(
      invocationsIn(at.units[0]?.changes).map(({ status, reason }) => [status, reason]),
      [
        ["succeeded", undefined],
        ["failed", "crashed"],
        ["failed", "busy"],
      ],
    );
    // What was never begun has nothing to undo.
    assert.deepEqual(eventsIn(at.units)[0]?.data["only"], [101, 102]);
    assert.deepEqual(at.decided, ["failed"]);
  });

  it("to find out whom to ask refuses the operation in plain words, before anybody is asked", async () => {
    const at = hooks();
    at.hook(agrees, { failurePolicy: "open" });
    at.lost = new Error("SQLITE_IOERR: secret place");
    for (const ask of ["check", "begin", "simulate"] as const) {
      const error = await refused(at.guard[ask](at.operation()));
      assert.deepEqual([error.code, error.status], ["unavailable", 503]);
      assert.equal(error.message, "PRE_USER_CREATE: its hooks cannot be asked now. Try again");
    }
    assert.deepEqual([at.runs.length, at.units.length, at.errors.length], [0, 0, 3]);
  });

  it("that is nonsense is kept as a failed invocation that says what was wrong", async () => {
    const at = hooks();
    at.hook(() => ({ decision: "perhaps" }));
    await refused(at.guard.check(at.operation()));
    const [invocation] = invocationsIn(at.units[0]?.changes);
    assert.deepEqual([invocation?.status, invocation?.reason], ["failed", "bad_output"]);
    assert.match(invocation?.error?.message ?? "", /neither "allow" nor "deny"/);
    assert.deepEqual(invocation?.result, { decision: "perhaps" });
  });
});
