/** Each example of the document of the lifecycle face that concerns programs, by the section that it stands in. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Event, EventService, EventType, type PublishResult, SignalboxError } from "../../src/index.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

const userData = { username: "john_doe", email: "john@example.com" };
const requestUser = { username: "admin", role: "operator" };

const validates = `export default ({ params }) =>
  params.email.endsWith("@example.com") ? true : { decision: "deny", message: "only example.com" };`;
const allows = "export default () => ({ decision: 'allow', patch: { first_name: 'John' } });";
const slow = "export default () => new Promise((resolve) => setTimeout(resolve, 200_000));";

function taskIds(result: PublishResult): readonly string[] {
  return result.status === "success" ? result.data.task_ids.map(({ task_id }) => task_id) : assert.fail(result.message);
}

/** A receiver that functions tell what they do. */
async function receiver() {
  const heard: string[] = [];
  const listener = await httpListener((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push(body);
      response.end();
    });
  });
  const host = `127.0.0.1:${listener.port}`;
  const tells = (what: string): string => `await fetch("http://${host}/", { method: "POST", body: ${what} });`;
  return { heard, tells, settings: { egress: [host] }, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

describe("Key Concepts", () => {
  it("EventType Enum", () => {
    assert.equal(EventType.PRE_USER_CREATE, "PRE_USER_CREATE");
    assert.equal(EventType.POST_USER_CREATE, "POST_USER_CREATE");
  });

  it("Event Object", async () => {
    await using server = await runServer();
    const params = { user_id: 123, username: "john_doe", email: "john@example.com" };
    const event = new Event({ event_type: EventType.POST_USER_CREATE, params });
    assert.deepEqual([event.event_type, event.params], ["POST_USER_CREATE", params]);
    const events = new EventService({ tenant: "default", signalbox: server.signalbox });
    assert.equal((await events.publishEvent(event, { user: requestUser })).status, "success");
    const unfit = new Event({ event_type: EventType.POST_USER_CREATE, params: { ...params, user_id: "abc" } });
    await assert.rejects(events.publishEvent(unfit), (thrown) => {
      assert.ok(thrown instanceof SignalboxError);
      assert.deepEqual([thrown.code, thrown.fields.map(({ path }) => path)], ["invalid_request", ["params.user_id"]]);
      return true;
    });
  });

  it("Subscribers: all of them are run", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    const [one, other] = [
      await hooked(server, "POST_USER_CREATE", "export default ({ params }) => params.username;", { name: "One" }),
      await hooked(server, "POST_USER_CREATE", "export default ({ user }) => user;", { name: "Other" }),
    ];
    const result = await events.publishEvent(new Event({ event_type: EventType.POST_USER_CREATE, params: userData }), {
      user: requestUser,
    });
    const returned = await Promise.all(taskIds(result).map((task) => events.taskResult(task).get()));
    assert.deepEqual(returned, ["john_doe", requestUser]);
    for (const fn of [one, other]) assert.equal((await invocationsOf(server, fn)).length, 1);
  });

  it("Async Execution: task ids at once, without waiting for completion", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    await hooked(server, "PRE_USER_CREATE", slow, { name: "Before" });
    await hooked(server, "POST_USER_CREATE", slow, { name: "After" });
    for (const event_type of [EventType.PRE_USER_CREATE, EventType.POST_USER_CREATE]) {
      const [task = ""] = taskIds(await events.publishEvent(new Event({ event_type, params: userData })));
      await assert.rejects(events.taskResult(task).get({ timeoutMs: 0 }), { code: "timeout" });
    }
    await server.signalbox.stop(AbortSignal.abort());
  });
});

describe("PRE vs POST Events", () => {
  it("PRE events block by waiting for all tasks; if any task fails, that says which function", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    const pre = (email: string) => new Event({ event_type: EventType.PRE_USER_CREATE, params: { ...userData, email } });
    const { id } = await hooked(server, "PRE_USER_CREATE", validates, { name: "Validate User Data" });
    await hooked(server, "PRE_USER_CREATE", allows, { name: "Enrich" });

    const allowed = taskIds(await events.publishEvent(pre("john@example.com"), { user: requestUser }));
    const verdicts = await Promise.all(allowed.map((task) => events.taskResult(task).get()));
    assert.deepEqual(verdicts, [{ decision: "allow" }, { decision: "allow", patch: { first_name: "John" } }]);

    const [denied = "", other = ""] = taskIds(
      await events.publishEvent(pre("john@evil.example"), { user: requestUser }),
    );
    await assert.rejects(events.taskResult(denied).get(), (thrown) => {
      assert.ok(thrown instanceof SignalboxError);
      assert.equal(thrown.code, "hook_denied");
      assert.equal(thrown.message, "Function 'Validate User Data' refused PRE_USER_CREATE: only example.com");
      assert.equal(thrown.data?.["function_id"], id);
      return true;
    });
    assert.deepEqual(await events.taskResult(other).get(), { decision: "allow", patch: { first_name: "John" } });
  });

  it("POST events are fire and forget: errors are recorded but do not affect the main operation", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    const throws = "export default () => { throw new Error('no mail today'); };";
    const fn = await hooked(server, "POST_USER_CREATE", throws, {
      name: "Send welcome email",
      subscription: { max_retries: 0 },
    });
    const post = new Event({ event_type: EventType.POST_USER_CREATE, params: userData });
    const [task = ""] = taskIds(await events.publishEvent(post, { user: requestUser }));
    await assert.rejects(events.taskResult(task).get(), {
      code: "function_failed",
      message: "Function 'Send welcome email' failed: Error: no mail today",
    });
    assert.deepEqual(
      (await invocationsOf(server, fn)).map(({ status }) => status),
      ["failed"],
    );
  });
});

describe("Event Flow Explanation", () => {
  /** The three steps by hand, as a host program may do them. */
  async function createUser(events: EventService, data: Readonly<Record<string, unknown>>, saved: unknown[]) {
    const before = new Event({ event_type: EventType.PRE_USER_CREATE, params: data });
    for (const task of taskIds(await events.publishEvent(before, { user: requestUser }))) {
      await events.taskResult(task).get();
    }
    saved.push(data);
    const after = new Event({ event_type: EventType.POST_USER_CREATE, params: { user_id: saved.length, ...data } });
    await events.publishEvent(after, { user: requestUser });
  }

  it("Step 1, 2, 3: PRE, save, POST; any failed task aborts before the save", async () => {
    await using server = await runServer();
    await using told = await receiver();
    const events = new EventService({ tenant: "default" });
    await hooked(server, "PRE_USER_CREATE", validates, { name: "Validate User Data" });
    await hooked(server, "PRE_USER_CREATE", "export default () => {};", { name: "Check Email Domain" });
    const welcome = `export default async ({ params }) => { ${told.tells("JSON.stringify(params)")} };`;
    await hooked(server, "POST_USER_CREATE", welcome, { name: "Welcome", settings: told.settings });

    const saved: unknown[] = [];
    await createUser(events, userData, saved);
    await until("the welcome was sent", () => told.heard.length === 1);
    assert.deepEqual(JSON.parse(told.heard[0] ?? ""), { user_id: 1, ...userData });

    const refused = createUser(events, { ...userData, email: "eve@evil.example" }, saved);
    await assert.rejects(refused, { code: "hook_denied" });
    assert.equal(saved.length, 1);

    await hooked(server, "PRE_USER_CREATE", "export default () => { throw new Error('boom'); };", { name: "Broken" });
    await assert.rejects(createUser(events, userData, saved), {
      code: "hook_error",
      message: "Function 'Broken' failed on PRE_USER_CREATE: boom",
    });
    assert.equal(saved.length, 1);
    assert.equal(told.heard.length, 1);
  });

  it("hooks whose failure is passed over do not abort", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    await hooked(server, "PRE_USER_CREATE", "export default () => { throw new Error('boom'); };", {
      name: "Broken",
      subscription: { failure_policy: "open" },
    });
    const saved: unknown[] = [];
    await createUser(events, userData, saved);
    assert.equal(saved.length, 1);
  });
});

describe("Response Format", () => {
  it("of two functions that are executed", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    const one = await hooked(server, "PRE_USER_CREATE", "export default () => {};", { name: "Validate User Data" });
    const two = await hooked(server, "PRE_USER_CREATE", "export default () => {};", { name: "Check Email Domain" });
    const result = await events.publishEvent(new Event({ event_type: EventType.PRE_USER_CREATE, params: userData }), {
      user: requestUser,
    });
    assert.equal(result.status, "success");
    const tasks = result.status === "success" ? result.data.task_ids : [];
    assert.deepEqual(result, {
      status: "success",
      message: "Event published successfully",
      data: {
        event: "PRE_USER_CREATE",
        task_ids: [
          {
            function_id: one.id,
            function_name: "Validate User Data",
            task_id: tasks[0]?.task_id,
            invocation_id: tasks[0]?.invocation_id,
          },
          {
            function_id: two.id,
            function_name: "Check Email Domain",
            task_id: tasks[1]?.task_id,
            invocation_id: tasks[1]?.invocation_id,
          },
        ],
        total_subscribers: 2,
      },
    });
    for (const { task_id, invocation_id } of tasks) {
      assert.equal(typeof task_id, "string");
      assert.ok(Number.isSafeInteger(invocation_id));
      await events.taskResult(task_id).get();
    }
    // The invocations are there as soon as all have been waited for.
    for (const [nth, fn] of [one, two].entries()) {
      assert.deepEqual(
        (await invocationsOf(server, fn)).map(({ id, status }) => [id, status]),
        [[tasks[nth]?.invocation_id, "succeeded"]],
      );
    }
  });

  it("Error case: a function that is not executed", async () => {
    await using server = await runServer();
    const events = new EventService({ tenant: "default" });
    const undecided = "export default () => ({ patch: {} });";
    const { id } = await hooked(server, "PRE_USER_CREATE", undecided, { name: "Failed Function" });
    const pre = new Event({ event_type: EventType.PRE_USER_CREATE, params: userData });
    // After twenty failures it is not asked for a while.
    for (let nth = 0; nth < 20; nth++) {
      const [task = ""] = taskIds(await events.publishEvent(pre, { user: requestUser }));
      await assert.rejects(events.taskResult(task).get(), { code: "hook_failed" });
    }
    assert.deepEqual(await events.publishEvent(pre, { user: requestUser }), {
      status: "error",
      code: "EXECUTION_ERROR",
      message: "Function execution failed",
      data: { function_id: id, function_name: "Failed Function", status: "error", task_id: null },
    });
  });
});

describe("Internal Use Only", () => {
  const endpoints = [
    "/api/cloud/events/",
    "/api/cloud/events/publish/",
    "/api/cloud/events/PRE_USER_CREATE/",
    "/api/cloud/events/PRE_USER_CREATE/publish/",
    "/api/apps/the-app/events/",
    "/api/apps/the-app/events/PRE_USER_CREATE/",
  ];

  async function post({ url, token }: RunningServer, path: string): Promise<number> {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ event_type: "PRE_USER_CREATE", params: userData }),
    });
    await response.body?.cancel();
    return response.status;
  }

  it("events are published by EventService, and by no endpoint", async () => {
    await using server = await runServer();
    const fn = await hooked(server, "PRE_USER_CREATE", "export default () => {};");
    for (const path of endpoints) assert.ok([404, 405].includes(await post(server, path)), path);
    assert.deepEqual(await invocationsOf(server, fn), []);

    const event_service = new EventService();
    const event = new Event({ event_type: EventType.PRE_USER_CREATE, params: userData });
    const result = await event_service.publishEvent(event, { user: requestUser });
    for (const task of taskIds(result)) await event_service.taskResult(task).get();
    assert.equal((await invocationsOf(server, fn)).length, 1);
  });
});
