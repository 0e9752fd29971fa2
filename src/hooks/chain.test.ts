import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees, allow, hangs } from "../../test/support/function-scripts.ts";
import { bob, decisionIn, type Hooks, hooks, invocationsIn, refused } from "../../test/support/hooked-guard.ts";
import type { Json } from "../domain/event.ts";

function timesOf({ runs }: Hooks): readonly (readonly number[])[] {
  return runs.map(({ timeoutMs, event }) => [timeoutMs, event.deadline_ms]);
}

describe("the time of hooks", () => {
  it("is the least of its subscription's, its function's and the chain's, and the run is given it", async () => {
    const at = hooks({ chainMs: 5_000 });
    at.hook(agrees, { timeoutMs: 70 });
    at.hook(agrees, { timeoutMs: 90, functionTimeoutMs: 80 });
    at.hook(agrees);
    await at.guard.check(at.operation());
    await at.guard.check(at.operation({ chainMs: 60 }));
    assert.deepEqual(timesOf(at), [
      [70, 70],
      [80, 80],
      [5_000, 5_000],
      [60, 60],
      [60, 60],
      [60, 60],
    ]);
  });

  it("(3) is half of the chain's in prepare when somebody in validate must agree: hooks that hang cost no vote", async () => {
    const at = hooks({ chainMs: 10_001 });
    for (let count = 0; count < 4; count++) at.hook(hangs, { failurePolicy: "open" });
    const validator = at.hook(agrees, { stage: "validate" });
    const startMs = at.clock.now();
    const checked = at.guard.check(at.operation());
    await at.after(4, 5_000);
    const { warnings, ran } = await checked;
    assert.ok(at.clock.now() - startMs <= 10_001);
    assert.equal(warnings.length, 4);
    assert.ok(ran.includes(validator.subscription.target.function));
    assert.deepEqual(timesOf(at), [...Array.from({ length: 4 }, () => [5_000, 5_000]), [5_001, 5_001]]);
  });

  it("is all of the chain's in prepare when no hook in validate must agree", async () => {
    const at = hooks();
    at.hook(agrees);
    at.hook(agrees, { stage: "validate", failurePolicy: "open" });
    const disabled = at.hook(agrees, { stage: "validate" });
    disabled.subscription = { ...disabled.subscription, paused: { reason: "disabled", sinceMs: 0 } };
    await at.guard.check(at.operation());
    assert.deepEqual(timesOf(at), [
      [10_000, 10_000],
      [10_000, 10_000],
    ]);
  });

  it("that is used up before a hook could start makes it fail without being run", async () => {
    const at = hooks();
    at.hook(hangs, { failurePolicy: "open" });
    at.hook(agrees, { stage: "validate", failurePolicy: "open" });
    const checked = at.guard.check(at.operation());
    await at.after(1, 10_000);
    const { warnings, changes } = await checked;
    assert.equal(warnings.length, 2);
    assert.equal(at.runs.length, 1);
    assert.equal(invocationsIn(changes).length, 1);
    const [, late] = decisionIn(changes)?.hooks ?? [];
    assert.deepEqual([late?.failure, late?.invocation], ["timeout", undefined]);
  });

  it("that is used up while the chain is planned refuses what must agree, and no run is recorded", async () => {
    const at = hooks({ chainMs: 0 });
    at.hook(agrees);
    const error = await refused(at.guard.check(at.operation()));
    assert.deepEqual(
      [error.code, error.data?.["reason"], error.data?.["invocation_id"]],
      ["hook_failed", "timeout", null],
    );
    assert.match(error.message, /there was no time left for it/);
    // None ran, so none has anything to undo.
    assert.deepEqual(at.units[0]?.events, []);
  });

  it("ends when the caller waits no more: hooks are cancelled, and no policy lets the operation go on", async () => {
    const at = hooks();
    at.hook(hangs, { failurePolicy: "open" });
    at.hook(agrees, { stage: "validate", failurePolicy: "open" });
    const leaving = new AbortController();
    const checked = refused(at.guard.check(at.operation({ signal: leaving.signal })));
    await at.after(1, 0);
    leaving.abort();
    const error = await checked;
    assert.deepEqual([error.code, error.data?.["reason"], at.runs.length], ["hook_failed", "cancelled", 1]);
    assert.equal(at.clock.pending, 0);
  });

  it("is not begun for who has left already", async () => {
    const at = hooks();
    at.hook(agrees);
    const error = await refused(at.guard.check(at.operation({ signal: AbortSignal.abort() })));
    assert.deepEqual([error.data?.["reason"], at.runs.length], ["cancelled", 0]);
  });
});

describe("what hooks get", () => {
  it("is the operation as it stands, in an event that is one for all of them", async () => {
    const at = hooks();
    at.hook(() => allow({ first_name: "Bob" }));
    at.hook(agrees, { stage: "validate" });
    const app = { uuid: at.hook(agrees).subscription.scope, slug: "crm" };
    await at.guard.check(at.operation({ operation: "op-1", params: { ...bob, password: "secret" } }));
    const [first, , second] = at.runs;
    assert.equal(first?.event.id, second?.event.id);
    assert.deepEqual(first?.event, {
      id: first?.event.id,
      event_type: "PRE_USER_CREATE",
      params: bob,
      user: { username: "ada" },
      tenant: "acme",
      app: null,
      origin: "api",
      time: new Date(at.clock.now()).toISOString(),
      sequence: null,
      operation_id: "op-1",
      attempt: 1,
      deadline_ms: 5_000,
    });
    assert.deepEqual(second?.event.params, { ...bob, first_name: "Bob" } satisfies Json);
    assert.deepEqual([first.lane, first.trigger, first.nested, first.number], ["pre", "pre", false, 1]);
    assert.deepEqual(first.subscription?.number, 1);

    await at.guard.check(at.operation({ app }));
    assert.equal(at.runs[3]?.event.app, "crm");
  });
});
