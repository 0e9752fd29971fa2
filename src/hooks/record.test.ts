import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { agrees, allow, crashes, deny, type Script, stops } from "../../test/support/function-scripts.ts";
import { anId, bob, decisionIn, type GivenHook, hooks, refused } from "../../test/support/hooked-guard.ts";
import { SignalboxError } from "../errors.ts";
import type { Allowed, Simulation } from "./guard.ts";

const scripts: Readonly<Record<string, Script>> = {
  agrees,
  crashes,
  denies: () => deny("no", { fields: [{ path: "email", message: "is not ours" }] }),
  nonsense: () => 42,
  late: stops("timeout"),
  forbidden: () => allow({ is_superuser: true }),
  unfit: () => allow({ first_name: 7 }),
  bob: () => allow({ first_name: "Bob", attributes: { plan: "pro" } }),
  rob: () => allow({ first_name: "Rob", attributes: { plan: null, seen: true } }),
  looks: ({ params }) => (params["first_name"] === "Rob" ? deny("no Rob") : true),
};

const aHook = fc.record<{ script: string } & Required<Pick<GivenHook, "stage" | "priority" | "failurePolicy">>>({
  script: fc.constantFrom(...Object.keys(scripts)),
  stage: fc.constantFrom("prepare", "validate"),
  priority: fc.integer({ min: -1, max: 1 }),
  failurePolicy: fc.constantFrom("closed", "open"),
});

/** What is comparable of both. */
async function verdictOf(check: Promise<Allowed>): Promise<Pick<Simulation, "outcome" | "params" | "message">> {
  try {
    return { outcome: "allowed", params: (await check).params };
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError, String(thrown));
    return { outcome: thrown.code === "hook_denied" ? "denied" : "failed", params: {}, message: thrown.message };
  }
}

describe("hooks (12): a simulation", () => {
  it("comes to what a check comes to, hook by hook", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aHook, { maxLength: 6 }), async (given) => {
        const at = hooks();
        for (const { script, ...over } of given) at.hook(scripts[script] ?? agrees, over);
        const simulated = await at.guard.simulate(at.operation());
        let changes: Allowed["changes"] = [];
        const check = at.guard.check(at.operation()).then((allowed) => {
          ({ changes } = allowed);
          return allowed;
        });
        const { outcome, params, message } = await verdictOf(check);
        assert.deepEqual([simulated.outcome, simulated.message], [outcome, message]);
        if (outcome === "allowed") assert.deepEqual(simulated.params, params);
        const decision = decisionIn(outcome === "allowed" ? changes : at.units[0]?.changes);
        assert.deepEqual(simulated.conflicts, decision?.conflicts ?? []);
        const shown = simulated.hooks.map(
          ({ subscription, verdict, failure, skipped }) => [subscription, verdict, failure, skipped] as const,
        );
        const recorded = (decision?.hooks ?? []).map(
          ({ subscription, verdict, failure, skipped }) => [subscription, verdict, failure, skipped] as const,
        );
        assert.deepEqual(shown, recorded);
      }),
      { numRuns: 200 },
    );
  });

  it("leaves nothing behind, and tells functions that nothing comes of it", async () => {
    const at = hooks();
    at.hook(() => deny("no"));
    at.hook(crashes);
    await at.guard.simulate(at.operation({ params: { ...bob, password: "secret" } }));
    assert.deepEqual([at.units, at.decided], [[], []]);
    assert.deepEqual(
      at.runs.map(({ event }) => [event.dry_run, event.params]),
      [
        [true, bob],
        [true, bob],
      ],
    );
    await at.guard.check(at.operation()).catch(() => {});
    assert.equal("dry_run" in (at.runs[2]?.event ?? {}), false);
  });

  it("neither asks nor feeds circuit breakers", async () => {
    const at = hooks();
    at.hook(stops("timeout"));
    for (let count = 0; count < 10; count++) await at.guard.simulate(at.operation());
    for (let count = 0; count < 6; count++) await refused(at.guard.check(at.operation()));
    assert.deepEqual([at.breakersOpened, at.runs.length], [1, 15]);
    await at.guard.simulate(at.operation());
    assert.equal(at.runs.length, 16);
  });

  it("shows who is not asked, and why", async () => {
    const at = hooks();
    const app = { uuid: anId(at.clock, "app"), slug: "crm" };
    at.hook(agrees, { app: app.uuid, filter: () => false });
    at.hook(agrees);
    const disabled = at.hook(agrees, { app: app.uuid });
    disabled.subscription = { ...disabled.subscription, paused: { reason: "disabled", sinceMs: 0 } };
    at.hook(agrees, { app: app.uuid }).runnable = undefined;
    at.hook(() => deny("no"), { app: app.uuid, priority: 9 });
    at.hook(agrees, { app: app.uuid, stage: "validate", priority: -9 });
    const { hooks: shown, outcome, message } = await at.guard.simulate(at.operation({ app }));
    assert.deepEqual(
      shown.map(({ subscription, skipped, function: { name } }) => [subscription, skipped, name]),
      [
        [1, "filter does not match", "Hook 1"],
        [2, "other app", "Hook 2"],
        [3, "function disabled", "Hook 3"],
        [4, "function deleted", "function 104"],
        [5, undefined, "Hook 5"],
        [6, "prepare denied", "Hook 6"],
      ],
    );
    assert.deepEqual([outcome, message], ["denied", "Function 'Hook 5' refused PRE_USER_CREATE: no"]);
  });

  it("shows what a hook logged, and failures that the policy open passes over", async () => {
    const at = hooks();
    at.hook(crashes, { failurePolicy: "open" });
    const { outcome, hooks: shown } = await at.guard.simulate(at.operation());
    assert.deepEqual(
      [outcome, shown[0]?.failure, shown[0]?.logs],
      ["allowed", "crashed", [{ atMs: 0, level: "info", message: "ran" }]],
    );
  });

  it("of an operation that a hook must not ask for says so, and asks nobody", async () => {
    const at = hooks();
    const hook = at.hook(agrees);
    at.hook(agrees, { stage: "validate" });
    const operation = at.operation({ chain: { root: "op-0", path: [hook.subscription.uuid] } });
    const { outcome, message, hooks: shown } = await at.guard.simulate(operation);
    assert.equal(outcome, "failed");
    assert.equal(message, (await refused(at.guard.check(operation))).message);
    assert.deepEqual(
      shown.map(({ skipped }) => skipped),
      ["recursion", "recursion"],
    );
    assert.equal(at.runs.length, 0);
  });

  it("is refused when the params do not fit, as the operation would be", async () => {
    const at = hooks();
    assert.equal((await refused(at.guard.simulate(at.operation({ params: {} })))).code, "invalid_request");
  });
});
