import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees, allow, crashes, deny, hangs, type Script, stops } from "../../test/support/function-scripts.ts";
import { deploy, type Hooked, type Hooks, hooks, refused } from "../../test/support/hooked-guard.ts";

const half = 30_000;

/** Asks so many times, whatever the answer. */
async function ask(at: Hooks, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await at.guard.check(at.operation()).catch(() => {});
}

async function broken(script: Script, times: number): Promise<{ at: Hooks; hook: Hooked }> {
  const at = hooks();
  const hook = at.hook(script, { name: "Check domain" });
  await ask(at, times);
  return { at, hook };
}

describe("hooks (10): a circuit breaker", () => {
  it("opens after five timeouts in a row, and the failure policy is applied at once without a run", async () => {
    const at = hooks();
    const hook = at.hook(hangs, { name: "Check domain" });
    for (let count = 1; count <= 5; count++) {
      const checked = refused(at.guard.check(at.operation()));
      await at.after(count, 10_000);
      assert.equal((await checked).data?.["reason"], "timeout");
    }
    const beforeMs = at.clock.now();
    const error = await refused(at.guard.check(at.operation()));
    assert.equal(at.clock.now(), beforeMs);
    assert.deepEqual(
      [error.code, error.data?.["reason"], error.data?.["invocation_id"]],
      ["hook_failed", "breaker_open", null],
    );
    const until = new Date(beforeMs + half).toISOString();
    assert.match(error.message, new RegExp(`: its circuit breaker is open until ${until}$`));
    assert.equal(at.runs.length, 5);
    assert.deepEqual([at.warned.length, at.breakersOpened], [1, 1]);

    hook.subscription = { ...hook.subscription, target: { ...hook.subscription.target, hook: open } };
    assert.match((await at.guard.check(at.operation())).warnings.join(), /passed over: breaker_open: until/);
  });

  for (const [what, script] of [
    ["throws", crashes],
    ["is killed for its memory", stops("memory")],
    ["crashes", stops("crashed")],
    ["returns too much", stops("bad_output")],
    ["answers nonsense", () => ({ decision: "perhaps" })],
    ["changes what it may not change", () => allow({ is_superuser: true })],
  ] as const satisfies readonly (readonly [string, Script])[]) {
    it(`opens for a function that always ${what}`, async () => {
      const { at } = await broken(script, 21);
      assert.deepEqual([at.runs.length, at.breakersOpened], [20, 1]);
    });
  }

  it("counts a stalled function as one that took too long", async () => {
    const { at } = await broken(stops("stalled"), 6);
    assert.deepEqual([at.runs.length, at.breakersOpened], [5, 1]);
  });

  for (const [what, script] of [
    ["denies", () => deny("no")],
    ["finds no slot", stops("busy")],
    ["finds no process", stops("unavailable")],
    ["is given up", stops("cancelled")],
    ["agrees", agrees],
  ] as const satisfies readonly (readonly [string, Script])[]) {
    it(`stays closed for a function that always ${what}`, async () => {
      const { at } = await broken(script, 25);
      assert.deepEqual([at.runs.length, at.breakersOpened], [25, 0]);
    });
  }

  it("lets one call through after a while, and closes when that is well", async () => {
    const { at, hook } = await broken(crashes, 20);
    at.clock.advance(half);
    hook.script = agrees;
    await ask(at, 3);
    assert.equal(at.runs.length, 23);
  });

  it("begins anew with a new version of the function", async () => {
    const { at, hook } = await broken(crashes, 20);
    deploy(hook, agrees);
    await at.guard.check(at.operation());
    assert.equal(at.runs.length, 21);
  });

  it("is another for each subscription", async () => {
    const { at } = await broken(crashes, 20);
    at.hook(() => deny("no"), { priority: 1 });
    assert.equal((await refused(at.guard.check(at.operation()))).code, "hook_denied");
    assert.equal(at.runs.length, 21);
  });
});

const open = { stage: "prepare", priority: 0, failurePolicy: "open" } as const;
