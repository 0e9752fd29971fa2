import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDeliveryUuid } from "../../src/domain/ids.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import { SignalboxError } from "../../src/errors.ts";
import { PublishedEvent } from "../../src/faces/library/event.ts";
import type { Begun, HookedOperation, HookTask } from "../../src/hooks/guard.ts";
import type { Published, PublishResult } from "../../src/platform/host/answer.ts";
import { changed, uuid } from "../conformance/store/given.ts";
import { agreed, type Stage, stage } from "../support/library.ts";
import { until } from "../support/until.ts";

const created = new PublishedEvent({ event_type: "POST_ORDER_CREATE", params: { id: 7, item: "a pen" } });
const proposed = new PublishedEvent({ event_type: "PRE_ORDER_CREATE", params: { item: "a pen", card: "4111" } });

function tasksOf(result: PublishResult): Published["data"]["task_ids"] {
  assert.equal(result.status, "success");
  return result.status === "success" ? result.data.task_ids : [];
}

async function eventsOf({ store }: Stage) {
  return store.events.after(0, 100);
}

describe("publishing a POST event", () => {
  it("makes it durable, and tells which functions it is on its way to", async () => {
    await using at = await stage({ dispatching: false });
    const mail = await at.subscribe("Send mail", "POST_ORDER_CREATE");
    const stock = await at.subscribe("Count stock", "POST_ORDER_CREATE");
    await at.subscribe("Others", "POST_ORDER_SHIP");
    const result = await at.service.publishEvent(created, { user: { username: "ada", plan: "pro" } });
    assert.deepEqual(result, {
      status: "success",
      message: "Event published successfully",
      data: {
        event: "POST_ORDER_CREATE",
        task_ids: tasksOf(result),
        total_subscribers: 2,
      },
    });
    assert.deepEqual(
      tasksOf(result).map(({ function_id, function_name }) => [function_id, function_name]),
      [mail, stock].map(({ fn }) => [fn.number, fn.name]),
    );
    const [event, ...others] = await eventsOf(at);
    assert.ok(event !== undefined);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event.tenant, event.names, event.actor, event.origin],
      ["acme", { lifecycle: "POST_ORDER_CREATE" }, "ada", "library"],
    );
    const { operation, ...data } = event.data;
    assert.equal(typeof operation, "string");
    assert.deepEqual(data, { params: { id: 7, item: "a pen" }, user: { username: "ada", plan: "pro" } });
    for (const [nth, { task_id, invocation_id }] of tasksOf(result).entries()) {
      const { sequence, subscription } = parseDeliveryUuid(task_id) ?? assert.fail("it names a delivery");
      assert.deepEqual([sequence, subscription], [event.sequence, [mail, stock][nth]?.subscription.uuid]);
      const invocation = await at.store.invocations.invocation(invocation_id);
      assert.deepEqual([invocation?.status, invocation?.eventId, invocation?.attempt], ["pending", event.id, 1]);
    }
  });

  it("names the invocations by which the functions then run", async () => {
    await using at = await stage();
    for (const nth of [1, 2, 3, 4, 5]) await at.subscribe(`Function ${nth}`, "POST_ORDER_CREATE");
    // The deliveries race with the answer: whoever comes first names the invocation.
    const results = await Promise.all(Array.from({ length: 20 }, () => at.service.publishEvent(created)));
    await until("all have run", () => at.calls.length === 100);
    for (const { task_id, invocation_id } of results.flatMap(tasksOf)) {
      assert.equal(await at.service.taskResult(task_id).get(), null);
      const { sequence, subscription: of } = parseDeliveryUuid(task_id) ?? assert.fail("it names a delivery");
      const subscription = (await at.store.subscriptions.get(of))?.number ?? 0;
      const kept = await at.store.invocations.invocationOf({ sequence, subscription, attempt: 1 });
      assert.deepEqual([kept?.number, kept?.status], [invocation_id, "succeeded"]);
    }
  });

  it("tells who heard it although a subscription was changed at the same time", async () => {
    await using at = await stage({ dispatching: false });
    const { subscription } = await at.subscribe("Send mail", "POST_ORDER_CREATE");
    const patch = { enabled: false };
    const [result] = await Promise.all([
      at.service.publishEvent(created),
      at.store.commit({ changes: [{ do: "subscription.change", uuid: subscription.uuid, patch, atMs: 0 }] }),
    ]);
    const [event] = await eventsOf(at);
    const before =
      event !== undefined && event.revision < ((await at.store.subscriptions.get(subscription.uuid))?.revision ?? 0);
    assert.equal(tasksOf(result).length, before ? 1 : 0);
  });

  it("has nobody to tell of when nobody is subscribed", async () => {
    await using at = await stage();
    const result = await at.service.publishEvent(created);
    assert.deepEqual(result.data, { event: "POST_ORDER_CREATE", task_ids: [], total_subscribers: 0 });
  });

  it("refuses what does not fit, before anything is kept", async () => {
    await using at = await stage();
    const unfit = new PublishedEvent({ event_type: "POST_ORDER_CREATE", params: { item: 5 } });
    await assert.rejects(at.service.publishEvent(unfit), (thrown) => {
      assert.ok(thrown instanceof SignalboxError);
      assert.deepEqual(
        [thrown.code, thrown.fields.map(({ path }) => path).toSorted()],
        ["invalid_request", ["params.id", "params.item"]],
      );
      return true;
    });
    const unknown = new PublishedEvent({ event_type: "POST_ORDER_EAT", params: {} });
    await assert.rejects(at.service.publishEvent(unknown), { code: "invalid_request", message: /POST_ORDER_CREATE/ });
    await assert.rejects(at.service.publishEvent(created, { user: { email: "a@example.com" } }), {
      code: "invalid_request",
    });
    await assert.rejects(at.service.publishEvent(created, { resource: "seven" }), { code: "invalid_request" });
    await assert.rejects(at.service.publishEvent(created, { app: "none" }), { code: "not_found" });
    assert.deepEqual(await eventsOf(at), []);
  });

  it("keeps what is sensitive out of the event", async () => {
    await using at = await stage({ dispatching: false });
    await at.service.publishEvent(
      new PublishedEvent({
        event_type: "POST_ORDER_CREATE",
        params: { id: 1, item: "pen", card: "4111", password: "x", lines: [{ apiKey: "x", n: 1 }] },
      }),
      { user: { name: "ada", password: "x", session: { token: "x", id: 7 } } },
    );
    const [event] = await eventsOf(at);
    assert.deepEqual(event?.data["params"], { id: 1, item: "pen", lines: [{ n: 1 }] });
    assert.deepEqual(event.data["user"], { name: "ada", session: { id: 7 } });
  });

  it("is about the resource that is given, or that the params name, or a new one", async () => {
    await using at = await stage({ dispatching: false });
    const [given, named] = [uuid("job"), uuid("job")];
    const withUuid = new PublishedEvent({
      event_type: "POST_ORDER_CREATE",
      params: { id: 1, item: "pen", uuid: named },
    });
    await at.service.publishEvent(withUuid, { resource: given });
    await at.service.publishEvent(withUuid);
    await at.service.publishEvent(created);
    const resources = (await eventsOf(at)).map(({ resource }) => resource);
    assert.deepEqual(resources.slice(0, 2), [given, named]);
    assert.match(resources[2] ?? "", /-900$/);
  });

  it("reaches the functions of its app only", async () => {
    await using at = await stage({ dispatching: false });
    const other = await at.addApp("other");
    await at.subscribe("Send mail", "POST_ORDER_CREATE");
    const { fn } = await at.subscribe("Count stock", "POST_ORDER_CREATE", { app: other });
    const event = new PublishedEvent({
      event_type: "POST_ORDER_CREATE",
      params: { id: 7, item: "a pen" },
      app: "other",
    });
    assert.deepEqual(
      tasksOf(await at.service.publishEvent(event)).map(({ function_id }) => function_id),
      [fn.number],
    );
    assert.equal(tasksOf(await at.service.publishEvent(created)).length, 2);
    await assert.rejects(at.service.publishEvent(event, { app: at.app.slug }), { code: "invalid_request" });
  });

  it("needs a tenant that exists", async () => {
    await using at = await stage();
    await assert.rejects(at.serviceOf("nobody").publishEvent(created), { code: "not_found" });
    await assert.rejects(at.serviceOf("nobody").publishEvent(proposed), { code: "not_found" });
    assert.deepEqual(await eventsOf(at), []);
  });
});

function hook(nth: number, verdict: Promise<Verdict>): HookTask {
  const fn = { number: 122 + nth, name: `Hook ${nth}`, slug: `hook-${nth}` };
  return { taskId: `task-uuid-${nth}`, invocation: nth, function: fn, verdict };
}

describe("publishing a PRE event", () => {
  it("starts its hooks, and tells which", async () => {
    await using at = await stage();
    const asked: HookedOperation[] = [];
    const allow = Promise.resolve<Verdict>({ decision: "allow", patch: { discount: 3 } });
    at.begin = async (operation): Promise<Begun> => {
      asked.push(operation);
      return { operation: "o", tasks: [hook(1, allow), hook(2, allow)], result: Promise.resolve(agreed(operation)) };
    };
    const result = await at.service.publishEvent(proposed, { user: "ada" });
    assert.deepEqual(result.data, {
      event: "PRE_ORDER_CREATE",
      task_ids: [
        { function_id: 123, function_name: "Hook 1", task_id: "task-uuid-1", invocation_id: 1 },
        { function_id: 124, function_name: "Hook 2", task_id: "task-uuid-2", invocation_id: 2 },
      ],
      total_subscribers: 2,
    });
    const [operation] = asked;
    assert.deepEqual(
      [operation?.tenant, operation?.type, operation?.user, operation?.actor, operation?.origin],
      ["acme", "PRE_ORDER_CREATE", { username: "ada" }, "ada", "library"],
    );
    for (const { task_id } of tasksOf(result)) {
      assert.deepEqual(await at.service.taskResult(task_id).get(), { decision: "allow", patch: { discount: 3 } });
    }
    assert.deepEqual(await eventsOf(at), []);
  });

  it("tells what has ended to who does not wait, and that others have not", async () => {
    await using at = await stage();
    const tasks = [hook(1, Promise.resolve({ decision: "allow" })), hook(2, new Promise(() => {}))];
    at.begin = async () => ({ operation: "o", tasks, result: new Promise(() => {}) });
    await at.service.publishEvent(proposed);
    assert.deepEqual(await at.service.taskResult("task-uuid-1").get({ timeoutMs: 0 }), { decision: "allow" });
    await assert.rejects(at.service.taskResult("task-uuid-2").get({ timeoutMs: 0 }), { code: "timeout" });
  });

  it("has recorded what they decided when the last one is told", async () => {
    await using at = await stage();
    const decision = {
      operation: "o",
      tenant: "acme",
      eventType: "PRE_ORDER_CREATE",
      outcome: "allowed",
      origin: "library",
      timeMs: 0,
      durationMs: 0,
      hooks: [],
      conflicts: [],
    } as const;
    at.begin = async (operation) => {
      const result = Promise.resolve(agreed(operation, { changes: [{ do: "decision.add", decision }] }));
      return { operation: "o", tasks: [hook(1, Promise.resolve({ decision: "allow" }))], result };
    };
    await at.service.publishEvent(proposed);
    await at.service.taskResult("task-uuid-1").get();
    assert.equal((await at.store.operations.decision("acme", "o"))?.outcome, "allowed");
  });

  it("answers as documented when a function cannot be started", async () => {
    await using at = await stage();
    at.begin = () =>
      Promise.reject(
        new SignalboxError("hook_failed", "no slot", { data: { function_id: 125, function_name: "Failed Function" } }),
      );
    assert.deepEqual(await at.service.publishEvent(proposed), {
      status: "error",
      code: "EXECUTION_ERROR",
      message: "Function execution failed",
      data: { function_id: 125, function_name: "Failed Function", status: "error", task_id: null },
    });
    at.begin = () => Promise.reject(new SignalboxError("invalid_request", "does not fit"));
    await assert.rejects(at.service.publishEvent(proposed), { code: "invalid_request" });
  });
});

describe("stopping", () => {
  it("lets nothing begin, cancels hooks that were started by hand, and ends waiting", async () => {
    await using at = await stage({ dispatching: false });
    await at.subscribe("Send mail", "POST_ORDER_CREATE");
    const [task] = tasksOf(await at.service.publishEvent(created));
    const asked = Promise.withResolvers<AbortSignal | undefined>();
    at.begin = async (operation) => {
      asked.resolve(operation.signal);
      const result = new Promise<never>((_, reject) =>
        operation.signal?.addEventListener("abort", () => reject(new Error("cut"))),
      );
      return { operation: "o", tasks: [], result };
    };
    await at.service.publishEvent(proposed);
    const service = at.service;
    const waiting = assert.rejects(service.taskResult(task?.task_id ?? "").get(), { code: "unavailable" });
    const { library } = at;
    await at.stop();
    assert.equal((await asked.promise)?.aborted, true);
    await waiting;
    await assert.rejects(service.publishEvent(created), { code: "unavailable" });
    const publishing = { tenant: "acme", event: created, options: {} };
    await assert.rejects(library.publishEvent(publishing), { code: "unavailable", message: /is stopping/ });
  });
});

describe("an event service of no tenant in particular", () => {
  const published = async (at: Stage) => {
    await at.serviceOf().publishEvent(created);
    return (await eventsOf(at)).map(({ tenant }) => tenant);
  };

  it("publishes events of the only tenant, waits for their functions, and runs operations", async () => {
    await using at = await stage();
    at.script = () => "sent";
    await at.subscribe("Send mail", "POST_ORDER_CREATE");
    const service = at.serviceOf();
    const [task] = tasksOf(await service.publishEvent(created));
    assert.equal(await service.taskResult(task?.task_id ?? "").get(), "sent");
    await service.around("ORDER_SHIP", {}, () => ({}));
    assert.deepEqual(new Set((await eventsOf(at)).map(({ tenant }) => tenant)), new Set(["acme"]));
  });

  it("takes `default` where there are several, and is told to name one where none is called so", async () => {
    await using at = await stage({ dispatching: false });
    const add = (id: string) => changed(at.store, { do: "tenant.add", tenant: { id, name: id, createdMs: 0 } });
    await add("other");
    await assert.rejects(published(at), { code: "conflict", message: /none is 'default': give EventService the one/ });
    await add("default");
    assert.deepEqual(await published(at), ["default"]);
  });
});
