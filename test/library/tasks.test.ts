import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deliveryUuid } from "../../src/domain/ids.ts";
import { SignalboxError } from "../../src/errors.ts";
import { PublishedEvent } from "../../src/faces/library/event.ts";
import { changed, tenantWithAda } from "../conformance/store/given.ts";
import { type Stage, stage } from "../support/library.ts";
import { until } from "../support/until.ts";

const created = new PublishedEvent({ event_type: "POST_ORDER_CREATE", params: { id: 7, item: "a pen" } });
const once = { policy: { maxRetries: 0, scheduleMs: [1_000], jitter: 0 } };
const twice = { policy: { maxRetries: 1, scheduleMs: [1_000], jitter: 0 } };

/** Publishes to one function, and gives its task. */
async function published(at: Stage): Promise<string> {
  const result = await at.service.publishEvent(created);
  const task = result.status === "success" ? result.data.task_ids[0] : undefined;
  return task?.task_id ?? assert.fail("there is a task");
}

describe("the task of a function on a POST event", () => {
  it("resolves with what it returned", async () => {
    await using at = await stage();
    await at.subscribe("Count stock", "POST_ORDER_CREATE");
    at.script = ({ event }) => ({ counted: event.params["id"] ?? null });
    assert.deepEqual(await at.service.taskResult(await published(at)).get(), { counted: 7 });
  });

  it("resolves with nothing when that was too long to be kept", async () => {
    await using at = await stage();
    await at.subscribe("Count stock", "POST_ORDER_CREATE");
    at.script = () => "x".repeat(20_000);
    assert.equal(await at.service.taskResult(await published(at)).get(), undefined);
  });

  it("waits while the function runs, without looking all the time", async () => {
    await using at = await stage();
    await at.subscribe("Count stock", "POST_ORDER_CREATE");
    const done = Promise.withResolvers<string>();
    at.script = () => done.promise;
    const waiting = at.service.taskResult(await published(at)).get();
    await until("it runs", () => at.calls.length === 1);
    done.resolve("counted");
    // The clock stands still: only what is settled ends the wait.
    assert.equal(await waiting, "counted");
  });

  it("waits through retries", async () => {
    await using at = await stage();
    await at.subscribe("Count stock", "POST_ORDER_CREATE", twice);
    at.script = ({ event }) => {
      if (event.attempt === 1) throw new Error("not yet");
      return "counted";
    };
    const waiting = at.service.taskResult(await published(at)).get();
    await until("it has failed", () => at.calls.length === 1);
    await until("it was tried again", () => {
      at.clock.advance(1_000);
      return at.calls.length === 2;
    });
    assert.equal(await waiting, "counted");
  });

  it("throws when the retries are used up, and not any more once it was sent again", async () => {
    await using at = await stage();
    const { fn, subscription } = await at.subscribe("Count stock", "POST_ORDER_CREATE", once);
    at.script = () => {
      throw new Error("out of paper");
    };
    const result = await at.service.publishEvent(created);
    const [task] = result.status === "success" ? result.data.task_ids : [];
    assert.ok(task !== undefined);
    const expected = {
      code: "function_failed",
      message: "Function 'Count stock' failed: Error: out of paper",
      data: {
        function_id: fn.number,
        function_name: "Count stock",
        function_slug: "count-stock",
        invocation_id: task.invocation_id,
        reason: "threw",
        attempts: 1,
      },
    };
    await assert.rejects(at.service.taskResult(task.task_id).get(), expected);
    // It stays so, also after a restart.
    await at.restart();
    await assert.rejects(at.service.taskResult(task.task_id).get({ timeoutMs: 0 }), expected);

    at.script = () => "printed";
    const [event] = await at.store.events.after(0, 1);
    const redrive = { sequence: event?.sequence ?? 0, subscription: subscription.number, dueMs: 0 };
    await changed(at.store, { do: "delivery.redrive", ...redrive });
    await at.restart();
    assert.equal(await at.service.taskResult(task.task_id).get(), "printed");
  });

  it("is waited for after a restart", async () => {
    await using at = await stage({ dispatching: false });
    await at.subscribe("Count stock", "POST_ORDER_CREATE");
    const task = await published(at);
    at.script = () => "counted";
    await at.restart();
    assert.equal(await at.service.taskResult(task).get(), "counted");
  });

  it("gives up waiting when it is told to; the function goes on", async () => {
    await using at = await stage();
    await at.subscribe("Count stock", "POST_ORDER_CREATE");
    const done = Promise.withResolvers<string>();
    at.script = () => done.promise;
    const task = at.service.taskResult(await published(at));
    await assert.rejects(task.get({ timeoutMs: 0 }), { code: "timeout" });
    // Five minutes, when nothing is said.
    for (const [options, limitMs] of [
      [{ timeoutMs: 5_000 }, 5_000],
      [{}, 300_000],
    ] as const) {
      const startMs = at.clock.now();
      const waiting = task.get(options).catch((thrown: unknown) => thrown);
      let ended: unknown;
      void waiting.then((thrown) => {
        ended = thrown;
      });
      await until("it gave up", () => {
        if (ended === undefined) at.clock.advance(limitMs / 5);
        return ended !== undefined;
      });
      assert.ok(at.clock.now() >= startMs + limitMs);
      assert.deepEqual(
        [ended instanceof SignalboxError && ended.code, String(ended).includes(`within ${limitMs} ms`)],
        ["timeout", true],
      );
    }
    done.resolve("counted");
    assert.equal(await task.get(), "counted");
  });

  it("looks at the store now and then, for what nobody announces", async () => {
    await using at = await stage({ dispatching: false });
    const { subscription } = await at.subscribe("Count stock", "POST_ORDER_CREATE");
    const task = at.service.taskResult(await published(at)).get();
    const [event] = await at.store.events.after(0, 1);
    const { number, tenant } = subscription;
    const record = {
      sequence: event?.sequence ?? 0,
      subscription: number,
      tenant,
      status: "delivered",
      attempts: 1,
      tries: 1,
    } as const;
    await until("it waits", () => at.clock.pending >= 2);
    await at.settleUnseen({ records: [record], done: [record.sequence] });
    let value: unknown = "none yet";
    void task.then((returned) => {
      value = returned;
    });
    await until("it has looked", () => {
      at.clock.advance(50);
      return value === undefined;
    });
  });

  it("is known to its tenant only, and must be one", async () => {
    await using at = await stage();
    const { subscription } = await at.subscribe("Count stock", "POST_ORDER_CREATE");
    const others = await at.subscribe("Others", "POST_ORDER_SHIP");
    const task = await published(at);
    await changed(at.store, ...tenantWithAda("other"));
    const notFound = { code: "not_found", message: /does not exist/ };
    await assert.rejects(at.serviceOf("other").taskResult(task).get(), notFound);
    await assert.rejects(at.service.taskResult("task-uuid-1").get(), notFound);
    await assert.rejects(at.service.taskResult(deliveryUuid(1, subscription.uuid)).get(), notFound);
    const [event] = await at.store.events.after(0, 1);
    const unheard = deliveryUuid(event?.sequence ?? 0, others.subscription.uuid);
    await assert.rejects(at.service.taskResult(unheard).get(), notFound);
    for (const timeoutMs of [-1, Number.NaN, 2 ** 31]) {
      await assert.rejects(at.service.taskResult(task).get({ timeoutMs }), { code: "invalid_request" });
    }
  });
});
