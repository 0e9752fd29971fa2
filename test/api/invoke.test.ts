import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Answer } from "../support/api.ts";
import { apiWithFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

function errorOf({ data }: Pick<Answer, "data">): Readonly<Record<string, unknown>> {
  return data["error"] as Readonly<Record<string, unknown>>;
}

describe("invoking a function", () => {
  const uncalled = shared(apiWithFunction);

  it("hands over what was said, of a known event type without what is sensitive", async () => {
    const { api, path } = await apiWithFunction({ code: "export default ({ params }) => params" });
    await using _ = api;
    const params = { username: "ada", attributes: { plan: "pro", password: "hunter2" } };
    const invoke = async (event: object) => (await api.ask("POST", `${path}invoke/`, { event })).data["result"];
    const shown = { username: "ada", attributes: { plan: "pro" } };
    assert.deepEqual(await invoke({ event_type: "PRE_USER_CREATE", params }), shown);
    assert.deepEqual(await invoke({ params }), params);
  });

  it("runs it now, and answers with how that went, which is kept", async () => {
    const code = `export default (event, { log, env }) => {
      log("seen", { name: event.params.name });
      log.warn("careful");
      return { said: env.WORD };
    }`;
    const { api, id, path } = await apiWithFunction({ code, env: { WORD: "hi" } });
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

  it("keeps nothing of its secrets in what is kept of it", async () => {
    const code = `export default (event, { log, env }) => {
      log("key", { key: env.KEY, encoded: encodeURIComponent(env.KEY) });
      if (event.params.throws) throw new Error("no " + env.KEY);
      return { echo: env.KEY };
    }`;
    const { api, path } = await apiWithFunction({ code, secrets: { KEY: "ge heim/1" } });
    await using _ = api;
    const ran = await api.ask("POST", `${path}invoke/`, { params: {} });
    assert.deepEqual(ran.data["result"], { echo: "ge heim/1" }, "who runs it hears what it returned");
    const kept = await api.ask("GET", `/api/cloud/invocations/${String(ran.data["id"])}/`);
    assert.deepEqual(kept.data["result"], { echo: "[redacted]" });
    const [line] = ran.data["logs"] as { message: string }[];
    assert.equal(line?.message, 'key {"key":"[redacted]","encoded":"[redacted]"}');
    const threw = await api.ask("POST", `${path}invoke/`, { params: { throws: true } });
    assert.equal(errorOf(threw)["message"], "no [redacted]");
    assert.equal(threw.text.includes("heim"), false);
  });

  it("hands it the event that was given, with everything that events have", async () => {
    const { api, path } = await apiWithFunction({ code: "export default (event) => event;", timeout_ms: 5_000 });
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
    const { api, path } = await apiWithFunction({ code });
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
    const { api, path } = await apiWithFunction({ code, language: "typescript" });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, { params: { why: "just so" } });
    assert.match(String(errorOf(answer)["stack"]), /validate-user-data\.ts:6:9/);
    const shown = await api.ask("GET", `/api/cloud/invocations/${String(answer.data["id"])}/`);
    assert.deepEqual(shown.data, answer.data);
  });

  it("tells why the sandbox did not let it end", async () => {
    const { api, path } = await apiWithFunction();
    await using _ = api;
    for (const reason of ["timeout", "memory", "stalled"] as const) {
      api.sandbox.fails = reason;
      const answer = await api.ask("POST", `${path}invoke/`, {});
      assert.deepEqual([answer.status, answer.data["status"], errorOf(answer)["reason"]], [200, "failed", reason]);
    }
  });

  it("is answered with 503 and not kept when there was no room for it: it was not run", async () => {
    const { api, path } = await apiWithFunction();
    await using _ = api;
    for (const reason of ["busy", "unavailable"] as const) {
      api.sandbox.fails = reason;
      const answer = await api.ask("POST", `${path}invoke/`, {});
      assert.deepEqual([answer.status, answer.code], [503, "unavailable"]);
      assert.match(answer.message, /^function '.*' was not run: .*; try again$/);
    }
    assert.deepEqual((await api.ask("GET", `${path}invocations/`)).data["invocations"], []);
  });

  it("stops when its time is over", async () => {
    const { api, path } = await apiWithFunction({ code: "export default () => new Promise(() => {});" });
    await using _ = api;
    const answer = await api.ask("POST", `${path}invoke/`, { timeout_ms: 1 });
    assert.deepEqual([answer.data["status"], errorOf(answer)["reason"]], ["failed", "timeout"]);
  });

  it("stops when whoever asked is gone, and is kept all the same", async () => {
    const { api, path } = await apiWithFunction({ code: "export default () => new Promise(() => {});" });
    await using _ = api;
    const url = await api.app.listen({ port: 0, host: "127.0.0.1" });
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${api.operator}`, "content-type": "application/json" };
    const asked = fetch(`${url}${path}invoke/`, { method: "POST", headers, body: "{}", signal: gone.signal });
    await until("it was begun", () => api.sandbox.calls.length === 1);
    gone.abort();
    await assert.rejects(asked);
    const kept = async () => (await api.ask("GET", `${path}invocations/`)).data["invocations"] as Answer["data"][];
    await until("it was kept", async () => {
      const [run] = await kept();
      return run !== undefined && run["status"] !== "pending";
    });
    const [data = {}] = await kept();
    assert.equal(errorOf({ data })["reason"], "cancelled");
  });

  it("runs one that is disabled too, and the version that is active", async () => {
    const { api, path } = await apiWithFunction({ code: "export default () => 1;" });
    await using _ = api;
    await api.ask("PATCH", path, { enabled: false, code: "export default () => 2;" });
    const { data } = await api.ask("POST", `${path}invoke/`, {});
    assert.deepEqual([data["version"], data["result"]], [2, 2]);
  });

  it("keeps what is short, and gives what is long to nobody later", async () => {
    const { api, path } = await apiWithFunction({ code: "export default ({ params }) => 'x'.repeat(params.n);" });
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
      const { api, path: fn } = uncalled();
      const { status, fields, text } = await api.ask("POST", `${fn}invoke/`, body);
      assert.equal(status, 400, text);
      assert.equal(fields[0]?.path, path, text);
      assert.equal(api.sandbox.calls.length, 0);
    });
  }

  it("is refused with JSON that poisons prototypes, or lies deeper than anything", async () => {
    const { api, path } = await apiWithFunction();
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
