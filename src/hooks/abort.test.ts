import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engine } from "../../test/support/engine.ts";
import { agrees, allow, deny, stops } from "../../test/support/function-scripts.ts";
import { anId, bob, decisionIn, eventsIn, hooks, invocationsIn, refused } from "../../test/support/hooked-guard.ts";
import type { EventTypeDefinition, Phase } from "../domain/catalog.ts";

function orderType(name: string, phase: Phase): EventTypeDefinition {
  return { name, phase, resource: "order", schema: { type: "object" } };
}

const orders = [orderType("PRE_ORDER_CREATE", "pre"), orderType("POST_ORDER_CREATE", "post")];

describe("hooks (7): an operation that fails although hooks agreed", () => {
  it("is announced to the functions whose hooks ran, with what was decided, and no event says that it happened", async () => {
    await using store = await engine({ dispatching: false });
    const at = hooks({ publish: store.publish });
    at.hook(() => allow({ first_name: "Bob" }));
    at.hook(agrees, { stage: "validate" });
    at.hook(stops("busy"), { stage: "validate", failurePolicy: "open" });
    const operation = at.operation();
    const allowed = await at.guard.check(operation);
    // Somebody took the name meanwhile.
    const commit = await store.publish({
      conditions: [{ if: "tenant.absent", id: "acme" }],
      changes: allowed.changesFor(anId(at.clock, "profile")),
    });
    assert.equal(commit.kind, "refused");
    assert.equal(await store.store.operations.decision("acme", allowed.operation), undefined);

    await at.guard.aborted(operation, allowed, "the name is taken");
    const events = await store.store.events.after(0, 10);
    assert.deepEqual(
      events.map(({ names, data, resource }) => [names, data, resource]),
      [
        [
          { lifecycle: "USER_CREATE_ABORTED" },
          {
            params: { ...bob, first_name: "Bob", reason: "the name is taken" },
            user: { username: "ada" },
            operation: allowed.operation,
            only: [101, 102],
          },
          `${allowed.operation}-001`,
        ],
      ],
    );
    const decision = await store.store.operations.decision("acme", allowed.operation);
    assert.deepEqual(decision, decisionIn(allowed.changes));
    const invocation = await store.store.invocations.invocation(1);
    assert.deepEqual(invocation, invocationsIn(allowed.changes)[0]);
    assert.deepEqual(invocation?.verdict, { decision: "allow", patch: { first_name: "Bob" } });
  });

  it("is announced alone when what was decided is durable already", async () => {
    const at = hooks();
    at.hook(agrees);
    const operation = at.operation();
    const { operation: id, params, ran } = await at.guard.check(operation);
    await at.guard.aborted(operation, { operation: id, params, ran }, "the host rolled back");
    assert.deepEqual([at.units.length, at.units[0]?.changes, eventsIn(at.units).length], [1, [], 1]);
  });

  it("is announced to no function when no hook ran", async () => {
    const at = hooks();
    const operation = at.operation();
    await at.guard.aborted(operation, await at.guard.check(operation), "the name is taken");
    assert.deepEqual(at.units, []);
  });

  it("is an error to the caller when it cannot be made durable", async () => {
    const at = hooks();
    at.hook(agrees);
    const operation = at.operation();
    const allowed = await at.guard.check(operation);
    at.broken = new Error("the disk is full");
    await assert.rejects(at.guard.aborted(operation, allowed, "the name is taken"), /the disk is full/);
  });

  it("names the resource when it is there already, and none of ours for what is a host's", async () => {
    const at = hooks({ events: [...orders, orderType("ORDER_CREATE_ABORTED", "post")] });
    at.hook(() => deny("no"));
    at.hook(() => deny("no"), { event: "PRE_ORDER_CREATE" });
    const resource = anId(at.clock, "profile");
    await refused(at.guard.check(at.operation({ resource })));
    await refused(at.guard.check(at.operation({ type: "PRE_ORDER_CREATE", operation: "op-1" })));
    await refused(at.guard.check(at.operation({ type: "PRE_ORDER_CREATE", operation: "order #1" })));
    const [given, derived, made] = eventsIn(at.units).map((event) => event.resource);
    assert.deepEqual([given, derived], [resource, "op-1-900"]);
    assert.match(made ?? "", /^[0-9a-f-]{36}-900$/);
    assert.equal(decisionIn(at.units[0]?.changes)?.resource, resource);
  });

  it("is recorded all the same when there is no event type to tell of it, or one that does not take it", async () => {
    const none = hooks({ events: orders });
    const closed = { type: "object", properties: {}, additionalProperties: false };
    const unfit = hooks({ events: [...orders, { ...orderType("ORDER_CREATE_ABORTED", "post"), schema: closed }] });
    for (const at of [none, unfit]) {
      at.hook(() => deny("no"), { event: "PRE_ORDER_CREATE" });
      assert.equal((await refused(at.guard.check(at.operation({ type: "PRE_ORDER_CREATE" })))).code, "hook_denied");
      assert.equal(decisionIn(at.units[0]?.changes)?.outcome, "denied");
      assert.deepEqual(eventsIn(at.units), []);
    }
    assert.deepEqual([none.errors.length, unfit.errors.length], [0, 1]);
  });
});

describe("what hooks decided", () => {
  it("goes into the operation's commit, with what the operation is about", async () => {
    await using store = await engine({ dispatching: false });
    const at = hooks();
    at.hook(agrees);
    const { changesFor, changes, operation } = await at.guard.check(at.operation());
    const resource = anId(at.clock, "profile");
    assert.equal(decisionIn(changes)?.resource, undefined);
    await store.publish({ changes: changesFor(resource) });
    const decision = await store.store.operations.decision("acme", operation);
    assert.deepEqual([decision?.outcome, decision?.resource, decision?.hooks.length], ["allowed", resource, 1]);
    // The guard itself has committed nothing.
    assert.deepEqual([at.units, at.decided], [[], ["allowed"]]);
  });

  it("against the operation is in the store before the caller is answered", async () => {
    await using store = await engine({ dispatching: false });
    const at = hooks({ publish: store.publish });
    at.hook(() => deny("no"));
    const error = await refused(at.guard.check(at.operation({ operation: "op-1" })));
    assert.equal(error.code, "hook_denied");
    assert.equal((await store.store.operations.decision("acme", "op-1"))?.outcome, "denied");
    assert.equal((await store.store.invocations.invocation(1))?.status, "succeeded");
    assert.equal((await store.store.events.after(0, 10)).length, 1);
  });
});
