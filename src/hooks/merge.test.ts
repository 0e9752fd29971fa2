import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allow, deny } from "../../test/support/function-scripts.ts";
import { bob, decisionIn, hooks, invocationsIn, refused } from "../../test/support/hooked-guard.ts";
import type { EventTypeDefinition } from "../domain/catalog.ts";
import type { Json } from "../domain/event.ts";

describe("hooks (4): patches", () => {
  it("on one field are merged by priority and then number, whichever is done first, and the conflict is recorded", async () => {
    const at = hooks();
    const later = (first_name: string, ms: number) => () =>
      new Promise<Json>((resolve) => at.clock.after(ms, () => resolve(allow({ first_name }))));
    at.hook(later("third", 10), { priority: 7 });
    at.hook(later("first", 30), { priority: -7 });
    at.hook(later("second", 20), { priority: -7 });
    const checked = at.guard.check(at.operation());
    await at.after(3, 30);
    const { params, changes } = await checked;
    assert.equal(params["first_name"], "third");
    assert.deepEqual(decisionIn(changes)?.conflicts, [{ path: "first_name", subscriptions: [2, 3, 1] }]);
  });

  it("of prepare are what validate sees, and what is done", async () => {
    const at = hooks();
    at.hook(({ params }) => allow({ attributes: { seen: Object.keys(params) } }));
    at.hook(({ params }) => allow({ attributes: { also: Object.keys(params) } }));
    at.hook(({ params }) => (params["attributes"] === undefined ? deny("nothing there") : true), { stage: "validate" });
    const { params } = await at.guard.check(at.operation());
    assert.deepEqual(params, { ...bob, attributes: { seen: ["username", "email"], also: ["username", "email"] } });
  });

  it("that do not fit the event type are left out: the hook that breaks it has failed", async () => {
    const at = hooks();
    at.hook(() => allow({ last_name: "Builder" }));
    at.hook(() => allow({ first_name: "x".repeat(151) }), { failurePolicy: "open" });
    at.hook(() => allow({ attributes: { plan: "pro" } }));
    at.hook(() => allow({ first_name: 7, last_name: "Marley" }), { failurePolicy: "open" });
    const { params, warnings, changes } = await at.guard.check(at.operation());
    assert.deepEqual(params, { ...bob, last_name: "Builder", attributes: { plan: "pro" } });
    assert.deepEqual(
      warnings.map((warning) => /'(.*)' .*: (unfit_patch: params\.first_name)/.exec(warning)?.slice(1)),
      [
        ["Hook 2", "unfit_patch: params.first_name"],
        ["Hook 4", "unfit_patch: params.first_name"],
      ],
    );
    // What was left out is in no one's way.
    assert.deepEqual(decisionIn(changes)?.conflicts, []);
    assert.deepEqual(
      invocationsIn(changes).map(({ status }) => status),
      ["succeeded", "failed", "succeeded", "failed"],
    );
  });

  it("are prepared as the proposal was: what is sensitive is passed to no hook, wherever it comes from", async () => {
    const card: EventTypeDefinition = {
      name: "PRE_ORDER_CREATE",
      phase: "pre",
      resource: "order",
      schema: { type: "object", additionalProperties: true },
      sensitive: ["card.number"],
      changeable: ["card"],
    };
    const at = hooks({ events: [card] });
    at.hook(() => allow({ card: { number: "4111", holder: "Bob" } }), { event: card.name });
    const { params } = await at.guard.check(at.operation({ type: card.name, params: { card: { number: "4000" } } }));
    assert.deepEqual([params, at.runs[0]?.event.params], [{ card: { holder: "Bob" } }, { card: {} }]);
  });

  it("that do not fit refuse the operation under the policy closed", async () => {
    const at = hooks();
    at.hook(() => allow({ first_name: 7 }));
    const error = await refused(at.guard.check(at.operation()));
    assert.deepEqual([error.code, error.data?.["reason"]], ["hook_failed", "unfit_patch"]);
    assert.match(error.message, /what it changed does not fit: params\.first_name/);
  });
});

describe("hooks (5): a patch of what hooks may not change", () => {
  it("is refused, and the answer names the path", async () => {
    const at = hooks();
    at.hook(() => allow({ is_superuser: true, first_name: "Bob" }));
    const error = await refused(at.guard.check(at.operation()));
    assert.deepEqual([error.code, error.data?.["reason"]], ["hook_failed", "forbidden_patch"]);
    assert.match(error.message, /: it may not change is_superuser$/);
    assert.equal(decisionIn(at.units[0]?.changes)?.hooks[0]?.failure, "forbidden_patch: is_superuser");
  });

  it("is left out whole under the policy open", async () => {
    const at = hooks();
    at.hook(() => allow({ username: "root", first_name: "Bob" }), { failurePolicy: "open" });
    assert.deepEqual((await at.guard.check(at.operation())).params, bob);
  });

  it("is any in validate, but for one that changes nothing", async () => {
    const at = hooks();
    at.hook(() => allow({}), { stage: "validate" });
    assert.deepEqual((await at.guard.check(at.operation())).params, bob);
    at.hook(() => allow({ first_name: "Bob" }), { stage: "validate" });
    const error = await refused(at.guard.check(at.operation()));
    assert.deepEqual([error.data?.["function_id"], error.data?.["reason"]], [102, "forbidden_patch"]);
  });
});
