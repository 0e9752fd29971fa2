import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agrees } from "../../test/support/function-scripts.ts";
import { anId, bob, type Hooked, hooks, refused } from "../../test/support/hooked-guard.ts";
import { extendChain } from "../domain/chain.ts";
import type { Json } from "../domain/event.ts";
import type { Chain } from "../domain/lifecycle.ts";

function led(...by: readonly Hooked[]): Chain {
  return { root: "op-0", path: by.map(({ subscription }) => subscription.uuid) };
}

describe("hooks (6): a function that asks for what it would be run for", () => {
  it("in its own hook is refused before anything runs, without waiting for itself", async () => {
    const at = hooks();
    let inner: Promise<unknown> | undefined;
    const creator = at.hook(async (event, run): Promise<Json> => {
      const chain = extendChain(run.chain, { operation: event.operation_id, subscription: creator.subscription.uuid });
      inner = at.guard.check(at.operation({ params: { username: "shadow" }, chain }));
      await inner.catch(() => {});
      return true;
    });
    await at.guard.check(at.operation());
    const error = await refused(inner ?? assert.fail("it was not asked for"));
    assert.deepEqual([error.code, error.status, at.runs.length], ["hook_recursion", 409, 1]);
    assert.match(error.message, /subscribed to PRE_USER_CREATE/);
    assert.deepEqual([error.data, at.units], [{ function_id: 101 }, []]);
  });

  it("after the operation is refused too", async () => {
    const at = hooks();
    const greeter = at.hook(agrees, { event: "POST_USER_CREATE" });
    const error = await refused(at.guard.check(at.operation({ chain: led(greeter) })));
    assert.equal(error.code, "hook_recursion");
    assert.match(error.message, /subscribed to POST_USER_CREATE/);
  });

  it("only where its filter agrees, and in the app of the operation", async () => {
    const at = hooks();
    const picky = at.hook(agrees, { filter: ({ username }) => username === "eve" });
    const elsewhere = at.hook(agrees, { event: "POST_USER_CREATE" });
    const pickyAfter = at.hook(agrees, { event: "POST_USER_CREATE", filter: ({ username }) => username === "eve" });
    const app = { uuid: anId(at.clock, "app"), slug: "crm" };
    assert.equal((await at.guard.check(at.operation({ chain: led(picky) }))).ran.length, 0);
    await at.guard.check(at.operation({ chain: led(elsewhere), app }));
    await at.guard.check(at.operation({ chain: led(pickyAfter) }));
    for (const hook of [picky, pickyAfter]) {
      const eve = at.operation({ chain: led(hook), params: { ...bob, username: "eve" } });
      assert.equal((await refused(at.guard.check(eve))).code, "hook_recursion");
    }
  });

  it("is allowed what other functions are run for, which need no slot while it waits", async () => {
    const at = hooks();
    const asker = at.hook(agrees, { event: "PRE_USER_DELETE" });
    at.hook(agrees);
    await at.guard.check(at.operation({ chain: led(asker) }));
    assert.deepEqual(
      at.runs.map(({ nested, chain }) => [nested, chain]),
      [[true, led(asker)]],
    );
  });

  it("goes no deeper than three causes", async () => {
    const at = hooks();
    at.hook(agrees);
    const causes = Array.from({ length: 4 }, () => at.hook(agrees, { event: "PRE_USER_DELETE" }));
    await at.guard.check(at.operation({ chain: led(...causes.slice(0, 3)) }));
    const error = await refused(at.guard.check(at.operation({ chain: led(...causes) })));
    assert.deepEqual([error.code, at.runs.length], ["hook_recursion", 1]);
  });
});
