import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invocation } from "../../src/domain/invocation.ts";
import { type Answer, testApi } from "../support/api.ts";
import { allowing, makeApp, makeFunction } from "../support/functions.ts";
import { until } from "../support/until.ts";

async function withFunction(body: Readonly<Record<string, unknown>> = {}) {
  const api = await testApi();
  await makeApp(api);
  return { api, ...(await makeFunction(api, body)) };
}

function errorOf({ data }: Answer): Readonly<Record<string, unknown>> {
  return data["error"] as Readonly<Record<string, unknown>>;
}

describe("invoking a function", () => {
  it("runs it now, and answers with how that went, which is kept", async () => {
    const code = `export default (event, { log, env }) => {
      log("seen", { name: event.params.name });
      log.warn("careful");
      return { said: env.WORD };
    }`;
    const { api, id, path } = await withFunction({ code, env: { WORD: "hi" } });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, { params: { name: "ann" } });
    assert.deepEqual([answer.status, answer.success, answer.message], [200, true, "Function invoked"]);
    const { id: number, event_id: event, operation_id: operation, ...rest } = answer.data;
    assert.ok(Number.isSafeInteger(number));
    assert.match(String(event), /^[0-9a-f-]{36}$/);
    assert.match(String(operation), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      function_id: id,
      function_name: "Validate User Data",
      function_slug: "validate-user-data",
      app_slug: "user-management",
      version: 1,
      trigger: "invoke",
      event_type: "INVOKE",
      attempt: 1,
      delivery_id: null,
      status: "succeeded",
      verdict: null,
      result: { said: "hi" },
      error: null,
      duration_ms: 1,
      queue_ms: 0,
      cold_start_ms: 0,
      logs: [
        { at_ms: 0, level: "info", message: 'seen {"name":"ann"}' },
        { at_ms: 0, level: "warn", message: "careful" },
      ],
      logs_cut: false,
      created_at: "2026-01-01T00:00:00.000Z",
      started_at: "2026-01-01T00:00:00.000Z",
    });
    const shown = await api.ask("GET", `/api/cloud/invocations/${String(number)}/`);
    assert.deepEqual([shown.message, shown.data], ["Invocation retrieved successfully", answer.data]);
    assert.deepEqual((await api.ask("GET", `${path}invocations/`)).data["invocations"], [answer.data]);
  });

  it("hands it the event that was given, with everything that events have", async () => {
    const { api, path } = await withFunction({ code: "export default (event) => event;", timeout_ms: 5_000 });
    await using _ = api;
    const ran = async (body: unknown) =>
      (await api.ask("POST", `${path}invoke/`, body)).data["result"] as Readonly<Record<string, unknown>>;
    const {
      id,
      operation_id: operation,
      ...rest
    } = await ran({
      event: { event_type: "POST_USER_CREATE", params: { user_id: 7 }, user: { username: "ann", plan: "pro" } },
      timeout_ms: 1_000,
    });
    assert.ok(typeof id === "string" && typeof operation === "string");
    assert.deepEqual(rest, {
      event_type: "POST_USER_CREATE",
      params: { user_id: 7 },
      user: { username: "ann", plan: "pro" },
      tenant: "default",
      app: "user-management",
      origin: "operator",
      time: "2026-01-01T00:00:00.000Z",
      sequence: null,
      attempt: 1,
      deadline_ms: 1_000,
    });
    const bare = await ran({});
    assert.deepEqual(
      [bare["event_type"], bare["params"], bare["user"], bare["deadline_ms"]],
      ["INVOKE", {}, { username: "admin", role: "operator" }, 5_000],
    );
    assert.equal((await ran({ event: { user: null } }))["user"], null);
    assert.equal((await ran({ timeout_ms: 9_000 }))["deadline_ms"], 5_000, "the function's own limit");
    const token = await api.tokenOf("developer", "dev");
    const asked = await api.ask("POST", `${path}invoke/`, {}, { token });
    const { user, origin } = asked.data["result"] as Readonly<Record<string, unknown>>;
    assert.deepEqual([user, origin], [{ username: "dev", role: "developer" }, "api"]);
  });

  it("answers 200 also when it throws, with the error and without ours", async () => {
    const code = "export default () => {\n  throw new TypeError('no such user');\n};";
    const { api, path } = await withFunction({ code });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, {});
    assert.deepEqual([answer.status, answer.success, answer.data["status"]], [200, true, "failed"]);
    const { stack, ...error } = errorOf(answer);
    assert.deepEqual(error, { reason: "threw", name: "TypeError", message: "no such user" });
    assert.match(String(stack), /validate-user-data\.js:2:9/);
    assert.deepEqual([answer.data["result"], answer.data["verdict"]], [null, null]);
  });

  it("tells places in TypeScript as they were uploaded", async () => {
    const code =
      "interface Thrown {\n  why: string;\n}\n\nexport default ({ params }: { params: Thrown }) => {\n  throw new Error(params.why);\n};";
    const { api, path } = await withFunction({ code, language: "typescript" });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, { params: { why: "just so" } });
    assert.match(String(errorOf(answer)["stack"]), /validate-user-data\.ts:6:9/);
    const shown = await api.ask("GET", `/api/cloud/invocations/${String(answer.data["id"])}/`);
    assert.deepEqual(shown.data, answer.data);
  });

  it("tells why the sandbox did not let it end", async () => {
    const { api, path } = await withFunction();
    await using _ = api;
    for (const reason of ["timeout", "memory", "stalled", "busy", "unavailable"] as const) {
      api.sandbox.fails = reason;
      const answer = await api.ask("POST", `${path}invoke/`, {});
      assert.deepEqual([answer.status, answer.data["status"], errorOf(answer)["reason"]], [200, "failed", reason]);
    }
  });

  it("stops when its time is over", async () => {
    const { api, path } = await withFunction({ code: "export default () => new Promise(() => {});" });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, { timeout_ms: 1 });
    assert.deepEqual([answer.data["status"], errorOf(answer)["reason"]], ["failed", "timeout"]);
  });

  it("stops when whoever asked is gone, and is kept all the same", async () => {
    const { api, path } = await withFunction({ code: "export default () => new Promise(() => {});" });
    await using _ = api;
    const url = await api.app.listen({ port: 0, host: "127.0.0.1" });
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${api.operator}`, "content-type": "application/json" };
    const asked = fetch(`${url}${path}invoke/`, { method: "POST", headers, body: "{}", signal: gone.signal });
    await until("it was begun", () => api.sandbox.calls.length === 1);
    gone.abort();
    await assert.rejects(asked);
    const kept = async () => (await api.ask("GET", `${path}invocations/`)).data["invocations"] as Answer["data"][];
    await until("it was kept", async () => (await kept()).length === 1);
    const [invocation] = await kept();
    assert.equal((invocation?.["error"] as Record<string, unknown>)["reason"], "cancelled");
  });

  it("runs one that is disabled too, and the version that is active", async () => {
    const { api, path } = await withFunction({ code: "export default () => 1;" });
    await using _ = api;
    await api.ask("PATCH", path, { enabled: false, code: "export default () => 2;" });
    const { data } = await api.ask("POST", `${path}invoke/`, {});
    assert.deepEqual([data["version"], data["result"]], [2, 2]);
  });

  it("keeps what is short, and gives what is long to nobody later", async () => {
    const { api, path } = await withFunction({ code: "export default ({ params }) => 'x'.repeat(params.n);" });
    await using _ = api;
    const result = async (n: number) => (await api.ask("POST", `${path}invoke/`, { params: { n } })).data["result"];
    assert.equal(await result(1_000), "x".repeat(1_000));
    assert.equal(await result(20_000), null);
  });

  const bad: readonly (readonly [string, unknown, string])[] = [
    ["params that are a list", { params: [] }, "params"],
    ["params twice", { params: {}, event: { params: {} } }, "params"],
    ["params that are too large", { params: { a: "x".repeat(262_144) } }, "params"],
    ["params that lie too deep", `{"params":{"a":${"[".repeat(40)}${"]".repeat(40)}}}`, `params.a${"[0]".repeat(31)}`],
    ["an event that is a text", { event: "POST_USER_CREATE" }, "event"],
    ["an event type in lower case", { event: { event_type: "post_user_create" } }, "event.event_type"],
    ["an event type of blanks", { event: { event_type: "   " } }, "event.event_type"],
    ["an id of one's own", { event: { id: "1" } }, "event.id"],
    ["a user that is a text", { event: { user: "ann" } }, "event.user"],
    ["a user that is too large", { event: { user: { a: "x".repeat(262_144) } } }, "event.user"],
    ["no time", { timeout_ms: 0 }, "timeout_ms"],
    ["too much time", { timeout_ms: 300_001 }, "timeout_ms"],
    ["a mistyped property", { parms: {} }, "parms"],
    ["a list", [], "body"],
    ["nothing", undefined, "body"],
  ];
  for (const [what, body, path] of bad) {
    it(`is refused with ${what}`, async () => {
      const { api, path: fn } = await withFunction();
      await using _ = api;
      const { status, fields, text } = await api.ask("POST", `${fn}invoke/`, body);
      assert.equal(status, 400, text);
      assert.equal(fields[0]?.path, path, text);
      assert.equal(api.sandbox.calls.length, 0);
    });
  }

  it("is refused with JSON that poisons prototypes, or lies deeper than anything", async () => {
    const { api, path } = await withFunction();
    await using _ = api;
    for (const body of [
      '{"params":{"__proto__":{"admin":true}}}',
      '{"params":{"constructor":{"prototype":{"admin":true}}}}',
      `{"params":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`,
    ]) {
      assert.equal((await api.ask("POST", `${path}invoke/`, body)).status, 400);
    }
  });
});

describe("a function that calls the platform", () => {
  const calling = (path: string): string =>
    `export default async (event, { api }) => { const answer = await api(${JSON.stringify(path)}, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }); return [answer.status, (await answer.json())]; };`;

  it("may invoke another function, but not one that has led to the call, itself above all", async () => {
    const { api, path } = await withFunction({ code: calling("/api/apps/user-management/functions/second/invoke/") });
    await using _ = api;
    const second = await makeFunction(api, {
      name: "Second",
      code: "export default ({ origin, user }) => [origin, user];",
    });
    const first = await api.ask("POST", `${path}invoke/`, {});
    const [status, inner] = first.data["result"] as [number, Answer];
    assert.deepEqual([status, inner.data["status"]], [200, "succeeded"], first.text);
    const { uuid } = (await api.ask("GET", path)).data;
    assert.deepEqual(inner.data["result"], ["hook", { username: `function:${String(uuid)}`, role: "admin" }]);

    await api.ask("PATCH", second.path, { code: calling(`${path}invoke/`) });
    const circle = await api.ask("POST", `${path}invoke/`, {});
    const [, ofSecond] = circle.data["result"] as [number, Answer];
    const [refused, why] = ofSecond.data["result"] as [number, Answer];
    assert.deepEqual([refused, why.code], [409, "hook_recursion"]);
    await api.ask("PATCH", path, { code: calling(`${path}invoke/`) });
    const itself = (await api.ask("POST", `${path}invoke/`, {})).data["result"] as [number, Answer];
    assert.deepEqual([itself[0], itself[1].code], [409, "hook_recursion"]);
  });

  it("may not go deeper than three", async () => {
    const api = await testApi();
    await using _ = api;
    await makeApp(api);
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const code = calling(`/api/apps/user-management/functions/f${n + 1}/invoke/`);
      await makeFunction(api, { name: `f${n}`, code });
    }
    await makeFunction(api, { name: "f7" });
    const answer = await api.ask("POST", "/api/apps/user-management/functions/f1/invoke/", {});
    assert.equal(api.sandbox.calls.length, 4);
    assert.match(answer.text, /functions may call each other 3 deep, no deeper/);
  });
});

describe("invocations", () => {
  it("are listed newest first, by status and trigger, page by page", async () => {
    const code = "export default ({ params }) => { if (params.n % 2) throw new Error('odd'); };";
    const { api, path } = await withFunction({ code });
    await using _ = api;
    const ids: unknown[] = [];
    for (const n of [0, 1, 2, 3, 4]) ids.push((await api.ask("POST", `${path}invoke/`, { params: { n } })).data["id"]);
    const newest = ids.toReversed();
    const listed = async (query: string) => {
      const { data } = await api.ask("GET", `${path}invocations/${query}`);
      return (data["invocations"] as Answer["data"][]).map(({ id }) => id);
    };
    assert.deepEqual(await listed(""), newest);
    assert.deepEqual(await listed("?status=failed"), [newest[1], newest[3]]);
    assert.deepEqual(await listed("?status=succeeded&trigger=invoke"), [newest[0], newest[2], newest[4]]);
    assert.deepEqual(await listed("?trigger=pre"), []);
    const first = (await api.ask("GET", `${path}invocations/?limit=2`)).data;
    const cursor = String(first["next_cursor"]);
    assert.deepEqual(await listed(`?limit=2&cursor=${cursor}`), [newest[2], newest[3]]);
    for (const query of ["?status=done", "?trigger=cron", "?limit=0", "?cursor=AAAA", "?state=failed"]) {
      assert.equal((await api.ask("GET", `${path}invocations/${query}`)).status, 400, query);
    }
  });

  it("of hooks and deliveries show their verdict, their delivery and their attempt", async () => {
    const { api, id, path } = await withFunction();
    await using _ = api;
    const { data } = await api.ask("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: id });
    const common = {
      tenant: "default",
      function: id,
      version: 1,
      eventId: "e-1",
      operation: "o-1",
      logs: [],
      logsCut: true,
    };
    const hook: Invocation = {
      ...common,
      number: 5_001,
      trigger: "pre",
      eventType: "PRE_USER_CREATE",
      subscription: Number(data["id"]),
      attempt: 1,
      status: "succeeded",
      verdict: { decision: "deny", message: "no", code: "domain", fields: [{ path: "email", message: "not here" }] },
      createdMs: 1,
      startedMs: 2,
    };
    const waiting: Invocation = {
      ...common,
      number: 5_002,
      trigger: "post",
      eventType: "POST_USER_CREATE",
      subscription: Number(data["id"]),
      sequence: 7,
      attempt: 2,
      status: "pending",
      createdMs: 1,
    };
    await api.deps.store.commit({
      changes: [hook, waiting].map((invocation) => ({ do: "invocation.put", invocation })),
    });
    const shown = await api.ask("GET", "/api/cloud/invocations/5001/");
    assert.deepEqual(
      [shown.data["verdict"], shown.data["delivery_id"], shown.data["duration_ms"], shown.data["logs_cut"]],
      [hook.verdict, null, null, true],
    );
    const pending = (await api.ask("GET", "/api/cloud/invocations/5002/")).data;
    const delivery = `0000000000000007-${String(data["uuid"]).slice(0, -4)}-042`;
    assert.deepEqual(
      [pending["delivery_id"], pending["attempt"], pending["status"], pending["started_at"]],
      [delivery, 2, "pending", null],
    );
    assert.equal((await api.ask("GET", `${path}invocations/?trigger=post`)).text.includes(delivery), true);
  });

  it("outlive their function, and are found by nobody else", async () => {
    const { api, path } = await withFunction({ code: allowing });
    await using _ = api;
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const { data } = await api.ask("POST", `${path}invoke/`, {});
    await api.ask("DELETE", path);
    const own = `/api/cloud/invocations/${String(data["id"])}/`;
    assert.deepEqual((await api.ask("GET", own)).data, data);
    const token = await api.tokenOf("admin", "eve", "acme");
    assert.equal((await api.ask("GET", own, undefined, { token })).status, 404);
    const member = await api.tokenOf("member");
    assert.equal((await api.ask("GET", own, undefined, { token: member })).status, 403);
    for (const id of ["0", "999", "-1", "1.0", "1e3", "__proto__", "99999999999999999999"]) {
      const { status, message } = await api.ask("GET", `/api/cloud/invocations/${id}/`);
      assert.deepEqual([status, message], [404, `invocation '${id}' does not exist`]);
    }
  });
});
