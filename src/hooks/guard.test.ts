import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees, allow, crashes, deny, hangs } from "../../test/support/function-scripts.ts";
import {
  anId,
  bob,
  decisionIn,
  deploy,
  eventsIn,
  hooks,
  invocationsIn,
  refused,
} from "../../test/support/hooked-guard.ts";
import type { Json } from "../domain/event.ts";
import { SignalboxError } from "../errors.ts";

describe("an operation without hooks", () => {
  it("is allowed as it is prepared, and leaves nothing behind", async () => {
    const at = hooks();
    const allowed = await at.guard.check(at.operation({ params: { ...bob, password: "secret" }, operation: "op-1" }));
    const { changesFor, ...rest } = allowed;
    assert.deepEqual(rest, { operation: "op-1", params: bob, warnings: [], ran: [], changes: [] });
    assert.deepEqual(changesFor(anId(at.clock, "profile")), []);
    assert.deepEqual([at.loads, at.decided, at.units], [0, [], []]);
  });

  it("has no hook whose filter does not agree, or that is another app's", async () => {
    const at = hooks();
    const app = { uuid: anId(at.clock, "app"), slug: "crm" };
    at.hook(agrees, { app: app.uuid, filter: ({ username }) => username === "eve" });
    at.hook(agrees);
    assert.deepEqual((await at.guard.check(at.operation({ app }))).changes, []);
    assert.equal(at.loads, 0);
    at.hook(agrees, { app: app.uuid });
    assert.deepEqual((await at.guard.check(at.operation({ app }))).ran, [103]);
    assert.deepEqual((await at.guard.check(at.operation())).ran, [102, 103]);
  });

  it("is refused when its params do not fit, or its type does not come before anything", async () => {
    const at = hooks();
    const unfit = await refused(at.guard.check(at.operation({ params: { email: "x" } })));
    assert.deepEqual([unfit.code, unfit.fields.map(({ path }) => path)], ["invalid_request", ["params.username"]]);
    const unknown = await refused(at.guard.check(at.operation({ type: "PRE_NOTHING" })));
    assert.equal(unknown.code, "invalid_request");
    const post = await refused(at.guard.check(at.operation({ type: "POST_USER_CREATE" })));
    assert.equal(post.code, "invalid_request");
  });
});

describe("hooks (1): a denial", () => {
  it("refuses the operation with the fields of all who deny, in the order of merging", async () => {
    const at = hooks();
    const fields = [{ path: "email", message: "is not ours", code: "domain" }];
    at.hook(() => deny("second", { fields: [{ path: "username", message: "is taken" }] }), { priority: 5 });
    at.hook(() => deny("Only our own people.", { code: "not_ours", fields }), { name: "Check domain" });
    at.hook(agrees, { stage: "validate" });
    const error = await refused(at.guard.check(at.operation()));
    assert.equal(error.code, "hook_denied");
    assert.equal(error.status, 400);
    assert.equal(error.message, "Function 'Check domain' refused PRE_USER_CREATE: Only our own people.");
    assert.deepEqual(error.data, {
      function_id: 102,
      function_name: "Check domain",
      function_slug: "check-domain",
      invocation_id: 1,
      code: "not_ours",
      fields: [...fields, { path: "username", message: "is taken" }],
      refusals: [
        {
          function_id: 102,
          function_name: "Check domain",
          function_slug: "check-domain",
          invocation_id: 1,
          message: "Only our own people.",
          code: "not_ours",
          fields,
        },
        {
          function_id: 101,
          function_name: "Hook 1",
          function_slug: "hook-1",
          invocation_id: 3,
          message: "second",
          fields: [{ path: "username", message: "is taken" }],
        },
      ],
    });
    assert.deepEqual(error.fields, [
      { path: "email", message: "is not ours" },
      { path: "username", message: "is taken" },
    ]);
  });

  it("in prepare spares validate the work", async () => {
    const at = hooks();
    at.hook(() => deny("no"));
    at.hook(agrees, { stage: "validate" });
    await refused(at.guard.check(at.operation()));
    assert.equal(at.runs.length, 1);
    const decision = decisionIn(at.units[0]?.changes);
    assert.deepEqual(
      decision?.hooks.map(({ subscription, skipped }) => [subscription, skipped]),
      [
        [1, undefined],
        [2, "prepare denied"],
      ],
    );
  });

  it("is a clearer answer than a failure in the same wave, and waits for the end of it", async () => {
    const at = hooks();
    at.hook(hangs, { priority: -1, timeoutMs: 2_000 });
    at.hook(() => deny("no"));
    const error = refused(at.guard.check(at.operation()));
    await at.after(2, 2_000);
    assert.equal((await error).code, "hook_denied");
    assert.equal(at.clock.pending, 0);
  });

  it("is recorded with the invocations and announced as aborted to those whose hooks ran, all in one commit", async () => {
    const at = hooks();
    at.hook(() => allow({ first_name: "Bob" }));
    at.hook(() => deny("no"), { priority: 1 });
    const chain = { root: "op-0", path: [anId(at.clock, "subscription")] };
    await refused(at.guard.check(at.operation({ operation: "op-1", chain })));
    assert.equal(at.units.length, 1);
    const [unit] = at.units;
    assert.deepEqual(
      invocationsIn(unit?.changes).map(({ number, status, verdict }) => [number, status, verdict]),
      [
        [1, "succeeded", { decision: "allow", patch: { first_name: "Bob" } }],
        [2, "succeeded", { decision: "deny", message: "no" }],
      ],
    );
    const { hooks: decided, ...decision } = decisionIn(unit?.changes) ?? assert.fail();
    assert.deepEqual(decision, {
      operation: "op-1",
      tenant: "acme",
      eventType: "PRE_USER_CREATE",
      outcome: "denied",
      actor: "ada",
      origin: "api",
      timeMs: at.clock.now(),
      durationMs: 0,
      conflicts: [],
    });
    assert.deepEqual(decided[1], {
      subscription: 2,
      revision: 2,
      function: 102,
      version: 1,
      stage: "prepare",
      invocation: 2,
      verdict: { decision: "deny", message: "no" },
      durationMs: 0,
    });
    const [event] = eventsIn(at.units);
    assert.deepEqual(event?.names, { lifecycle: "USER_CREATE_ABORTED" });
    assert.equal(event?.resource, "op-1-001");
    assert.deepEqual(event?.data, {
      params: { ...bob, first_name: "Bob", reason: "Function 'Hook 2' refused PRE_USER_CREATE: no" },
      user: { username: "ada" },
      operation: "op-1",
      only: [101, 102],
      chain,
    });
  });

  it("is reported even when it cannot be recorded, and that is logged", async () => {
    const at = hooks();
    at.hook(() => deny("no"));
    at.broken = new SignalboxError("storage_full", "the disk is full");
    assert.equal((await refused(at.guard.check(at.operation()))).code, "hook_denied");
    assert.deepEqual(
      at.errors.map(({ message }) => message),
      ["what hooks decided could not be recorded"],
    );
  });
});

describe("hooks (20): what is changed while a chain runs", () => {
  it("counts for the next operation only", async () => {
    const at = hooks();
    const gate = Promise.withResolvers<Json>();
    at.hook(() => gate.promise);
    const validate = at.hook(() => deny("the old version"), { stage: "validate" });
    const doomed = at.hook(() => deny("the deleted one"), { stage: "validate", priority: 1 });
    const checked = refused(at.guard.check(at.operation()));
    await at.after(1, 0);

    deploy(validate, () => deny("the new version"));
    doomed.runnable = undefined;
    at.hook(() => deny("who came later"), { stage: "validate", priority: -1 });
    gate.resolve(null);
    assert.match((await checked).message, /the old version/);
    assert.deepEqual(
      at.runs.map(({ runnable }) => [runnable.fn.number, runnable.version.number]),
      [
        [101, 1],
        [102, 1],
        [103, 1],
      ],
    );
    assert.match((await refused(at.guard.check(at.operation()))).message, /who came later/);
    assert.deepEqual(
      at.runs.slice(3).map(({ runnable }) => [runnable.fn.number, runnable.version.number]),
      [
        [101, 1],
        [104, 1],
        [102, 2],
      ],
    );
  });

  it("disabled and deleted functions are not asked, and the decision says so", async () => {
    const at = hooks();
    const paused = at.hook(crashes);
    const disabled = at.hook(crashes);
    const deleted = at.hook(crashes, { stage: "validate" });
    paused.subscription = { ...paused.subscription, paused: { reason: "disabled", sinceMs: 0 } };
    if (disabled.runnable !== undefined) {
      disabled.runnable = { ...disabled.runnable, fn: { ...disabled.runnable.fn, enabled: false } };
    }
    deleted.runnable = undefined;
    assert.deepEqual((await at.guard.check(at.operation())).changes, []);
    at.hook(agrees);
    const { changes, ran } = await at.guard.check(at.operation());
    assert.deepEqual(ran, [104]);
    assert.deepEqual(
      decisionIn(changes)?.hooks.map(({ function: fn, skipped, version }) => [fn, skipped, version]),
      [
        [104, undefined, 1],
        [101, "function disabled", 1],
        [102, "function disabled", 1],
        [103, "function deleted", 0],
      ],
    );
  });
});
