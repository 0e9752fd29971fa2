import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Params } from "../../src/domain/lifecycle.ts";
import { SignalboxError } from "../../src/errors.ts";
import type { OperationContext } from "../../src/faces/library/around.ts";
import type { HostIntent } from "../../src/faces/library/host.ts";
import type { HookedOperation } from "../../src/hooks/guard.ts";
import { agreed, type Stage, stage } from "../support/library.ts";

const order = { item: "a pen", card: "4111" };
const made = { id: 7, item: "a pen" };

async function postEvents({ store }: Stage) {
  const events = await store.events.after(0, 100);
  return events.map(({ names, data, actor, resource }) => ({ name: names.lifecycle, data, actor, resource }));
}

const decision = {
  operation: "",
  tenant: "acme",
  eventType: "PRE_ORDER_CREATE",
  outcome: "allowed",
  origin: "library",
  timeMs: 0,
  durationMs: 0,
  hooks: [],
  conflicts: [],
} as const;

describe("around an operation", () => {
  it("hooks decide, the operation gets what they left, its POST event tells what came of it", async () => {
    await using at = await stage();
    const checked: HookedOperation[] = [];
    at.check = async (operation) => {
      checked.push(operation);
      const changes = [
        { do: "decision.add", decision: { ...decision, operation: operation.operation ?? "" } },
      ] as const;
      return agreed(operation, {
        params: { item: "a pen", discount: 5 },
        warnings: ["passed over"],
        ran: [1],
        changes,
      });
    };
    const seen: [Params, OperationContext][] = [];
    const returned = await at.service.around(
      "ORDER_CREATE",
      order,
      async (params, context) => {
        seen.push([params, context]);
        // What was decided is durable before anything is done.
        assert.notEqual(await at.store.operations.decision("acme", context.operationId), undefined);
        assert.deepEqual(await at.library.counts(), { open: 1, unresolved: 0 });
        return made;
      },
      { user: { name: "ada" } },
    );
    assert.equal(returned, made);
    const [[params, { operationId, warnings }] = assert.fail("it was done")] = seen;
    assert.deepEqual(params, { item: "a pen", discount: 5 });
    assert.deepEqual(warnings, ["passed over"]);
    const [operation] = checked;
    assert.deepEqual(
      [operation?.type, operation?.params, operation?.actor, operation?.operation, operation?.origin],
      ["PRE_ORDER_CREATE", order, "ada", operationId, "library"],
    );
    const [event, ...others] = await postEvents(at);
    assert.deepEqual(others, []);
    assert.deepEqual([event?.name, event?.actor], ["POST_ORDER_CREATE", "ada"]);
    assert.deepEqual(event?.data, { params: made, user: { name: "ada" }, operation: operationId });
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 0 });
  });

  it("is not begun when a hook refuses", async () => {
    await using at = await stage();
    at.check = () => Promise.reject(new SignalboxError("hook_denied", "Function 'x' refused PRE_ORDER_CREATE: no"));
    const never = () => assert.fail("it must not be done");
    await assert.rejects(at.service.around("ORDER_CREATE", order, never), { code: "hook_denied" });
    assert.deepEqual([await postEvents(at), await at.library.intents()], [[], []]);
  });

  it("has no hooks when there is no PRE type, and still nothing sensitive leaves the caller", async () => {
    await using at = await stage();
    at.check = () => assert.fail("nobody is asked");
    const params: Params[] = [];
    await at.service.around("ORDER_SHIP", order, (given) => {
      params.push(given);
      return { shipped: true };
    });
    assert.deepEqual(params, [{ item: "a pen" }]);
    assert.deepEqual(
      (await postEvents(at)).map(({ name, data }) => [name, data["params"]]),
      [["POST_ORDER_SHIP", { shipped: true }]],
    );
  });

  it("takes the params of the POST event from what the operation returned, when it is told how", async () => {
    await using at = await stage();
    const row = { id: 7n, item: "a pen", at: new Date(0) };
    const post = ({ id, item }: typeof row) => ({ id: Number(id), item });
    const resource = "order-7-900";
    assert.equal(await at.service.around("ORDER_CREATE", order, () => row, { post, resource }), row);
    const [event] = await postEvents(at);
    assert.deepEqual([event?.data["params"], event?.resource], [made, resource]);
  });

  it("knows only pairs whose POST type is declared, params that are JSON, and users with a name", async () => {
    await using at = await stage();
    const never = () => assert.fail("it must not be done");
    for (const type of ["ORDER_EAT", "POST_ORDER_CREATE"]) {
      await assert.rejects(at.service.around(type, order, never), {
        code: "invalid_request",
        message: /ORDER_CREATE, ORDER_SHIP/,
      });
    }
    const { service } = at;
    await assert.rejects(service.around("ORDER_CREATE", { at: 1n }, never), { code: "invalid_request" });
    await assert.rejects(service.around("ORDER_CREATE", order, never, { user: {} }), { code: "invalid_request" });
    await assert.rejects(service.around("ORDER_CREATE", order, never, { resource: "x" }), { code: "invalid_request" });
    await assert.rejects(at.serviceOf("nobody").around("ORDER_CREATE", order, never), { code: "not_found" });
  });

  it("is not begun when whoever asked went away, and functions whose hooks ran are told", async () => {
    await using at = await stage();
    const gone = new AbortController();
    at.check = async (operation) => {
      gone.abort();
      assert.equal(operation.signal?.aborted, true);
      return agreed(operation, { ran: [1] });
    };
    const never = () => assert.fail("it must not be done");
    await assert.rejects(at.service.around("ORDER_CREATE", order, never, { signal: gone.signal }), {
      code: "unavailable",
    });
    assert.deepEqual(
      at.aborted.map(([{ type }]) => type),
      ["PRE_ORDER_CREATE"],
    );
    assert.deepEqual(await at.library.intents(), []);
  });
});

describe("an operation that throws", () => {
  const broken = new Error("UNIQUE constraint failed: order.secret");
  const fails = (): never => {
    throw broken;
  };

  it("was not done: functions whose hooks ran are told, without the host's own words, and the error goes on", async () => {
    await using at = await stage();
    at.check = async (operation) => agreed(operation, { ran: [1, 2] });
    await assert.rejects(at.service.around("ORDER_CREATE", order, fails, { user: "ada" }), broken);
    const [[operation, reason] = assert.fail("they are told")] = at.aborted;
    assert.deepEqual([operation.type, operation.actor, reason], ["PRE_ORDER_CREATE", "ada", "it failed"]);
    assert.deepEqual([await postEvents(at), await at.library.intents()], [[], []]);
  });

  it("is asked about, when the host gave a way: it may have been done all the same", async () => {
    const asked: HostIntent[] = [];
    await using at = await stage({
      resolve: (intent) => {
        asked.push(intent);
        return { outcome: "committed", params: made, resource: "order-7-900" };
      },
    });
    await assert.rejects(at.service.around("ORDER_CREATE", order, fails, { user: "ada" }), broken);
    const [intent] = asked;
    assert.deepEqual(
      [intent?.tenant, intent?.type, intent?.user, intent?.unresolved],
      ["acme", "ORDER_CREATE", { username: "ada" }, undefined],
    );
    const [event, ...others] = await postEvents(at);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event?.name, event?.actor, event?.resource, event?.data],
      [
        "POST_ORDER_CREATE",
        "ada",
        "order-7-900",
        { params: made, user: { username: "ada" }, operation: intent?.operationId },
      ],
    );
    assert.deepEqual([at.aborted, await at.library.intents()], [[], []]);
  });

  it("was not done, when the host says so", async () => {
    await using at = await stage({ resolve: async () => ({ outcome: "aborted" }) });
    at.check = async (operation) => agreed(operation, { ran: [1] });
    await assert.rejects(at.service.around("ORDER_CREATE", order, fails), broken);
    assert.equal(at.aborted.length, 1);
    assert.deepEqual([await postEvents(at), await at.library.intents()], [[], []]);
  });

  for (const [how, resolve] of [
    ["does not know", () => ({ outcome: "unknown", reason: "the database is away" }) as const],
    ["throws", () => Promise.reject(new Error("the database is away"))],
    ["answers nonsense", () => ({ outcome: "the database is away" }) as never],
    ["answers nothing", () => undefined as never],
    ["has params that do not fit", () => ({ outcome: "committed", params: { item: "the database is away" } }) as const],
  ] as const) {
    it(`is kept as unresolved, when the host ${how}`, async () => {
      await using at = await stage({ resolve });
      await assert.rejects(at.service.around("ORDER_CREATE", order, fails), broken);
      const [intent] = await at.library.intents();
      assert.match(
        intent?.unresolved ?? "",
        how === "answers nothing" ? /nothing/ : how.includes("fit") ? /POST_ORDER_CREATE.*id/ : /the database is away/,
      );
      assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 1 });
      assert.deepEqual([await postEvents(at), at.aborted], [[], []]);
    });
  }
});
