import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiWithFunction, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

const pre = "/api/cloud/events/PRE_USER_CREATE/";
const post = "/api/cloud/events/POST_USER_CREATE/";

describe("subscribing a function", () => {
  /** One function that is subscribed to nothing, and another one's subscriptions by their event. */
  const server = shared(async () => {
    const made = await apiWithFunction();
    const { api } = made;
    const { id: second } = await makeFunction(api, { name: "Second" });
    const subscriptions = new Map<string, string>();
    for (const path of [pre, post]) {
      const { data } = await api.ask("POST", `${path}subscribe/`, { function_id: second });
      subscriptions.set(path, `${path}subscribers/${String(data["id"])}/`);
    }
    return { ...made, subscriptions };
  });

  const ids: readonly (readonly [string, unknown])[] = [
    ["no function", {}],
    ["a function as a text", { function_id: "1" }],
    ["null", { function_id: null }],
    ["half a function", { function_id: 1.5 }],
    ["function 0", { function_id: 0 }],
    ["a negative function", { function_id: -1 }],
    ["a function beyond all numbers", { function_id: 1e300 }],
    ["a list of functions", { function_id: [1] }],
    ["a function as an object", { function_id: { id: 1 } }],
    ["true", { function_id: true }],
  ];
  for (const [what, body] of ids) {
    it(`is refused with ${what}, naming function_id`, async () => {
      const { api } = server();
      for (const verb of ["subscribe", "unsubscribe"]) {
        const { status, fields } = await api.ask("POST", `${pre}${verb}/`, body);
        assert.deepEqual([status, fields[0]?.path], [400, "function_id"], verb);
      }
    });
  }

  const bad: readonly (readonly [string, string, Readonly<Record<string, unknown>>, string, RegExp])[] = [
    ["an unknown stage", pre, { stage: "before" }, "stage", /must be one of "prepare", "validate"/],
    ["a priority that is too high", pre, { priority: 1001 }, "priority", /at most 1000/],
    ["a priority that is too low", pre, { priority: -1001 }, "priority", /at least -1000/],
    ["half a priority", pre, { priority: 0.5 }, "priority", /whole number/],
    ["an unknown failure policy", pre, { failure_policy: "ajar" }, "failure_policy", /must be one of "closed", "open"/],
    ["no time", pre, { timeout_ms: 0 }, "timeout_ms", /at least 1/],
    ["too much time", post, { timeout_ms: 300_001 }, "timeout_ms", /at most 300000/],
    ["enabled as a text", post, { enabled: "yes" }, "enabled", /true or false/],
    ["retries of a hook", pre, { max_retries: 1 }, "max_retries", /'PRE_USER_CREATE' comes before an operation/],
    ["waits of a hook", pre, { backoff: { jitter: 0 } }, "backoff", /a hook is not tried again/],
    ["waits of a hook that are null", pre, { backoff: null }, "backoff", /a hook is not tried again/],
    [
      "a stage after the operation",
      post,
      { stage: "prepare" },
      "stage",
      /'POST_USER_CREATE' comes after its operation/,
    ],
    ["a priority after the operation", post, { priority: 0 }, "priority", /does not wait for it/],
    ["a failure policy after the operation", post, { failure_policy: "open" }, "failure_policy", /does not wait/],
    ["too many retries", post, { max_retries: 101 }, "max_retries", /at most 100/],
    ["an empty schedule", post, { backoff: { schedule_ms: [] } }, "backoff.schedule_ms", /at least 1 entry/],
    ["too much jitter", post, { backoff: { jitter: 2 } }, "backoff.jitter", /at most 1/],
    ["a mistyped property", pre, { priorty: 1 }, "priorty", /Did you mean "priority"\?/],
    ["a filter that is no text", pre, { filter: 7 }, "filter", /must be a string/],
  ];
  for (const [what, path, options, field, message] of bad) {
    it(`is refused with ${what}, and changing it alike`, async () => {
      const { api, id, subscriptions } = server();
      for (const [method, at, body] of [
        ["POST", `${path}subscribe/`, { function_id: id, ...options }],
        ["PATCH", subscriptions.get(path) ?? "", options],
      ] as const) {
        const { status, code, fields } = await api.ask(method, at, body);
        assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_request", field], method);
        assert.match(fields[0]?.message ?? "", message);
      }
    });
  }

  const filters: readonly (readonly [string, RegExp])[] = [
    ["WHERE", /^line 1, column 1: WHERE without a condition/],
    ["email LIKE", /^line 1, column 11/],
    ["WHERE usrname = 'a'", /^line 1, column 7: [^]*username/],
    ["email = 'a'\n  AND password = 'b'", /^line 2, column 7/],
    ["email REGEXP '('", /^line 1, column 15/],
    ["email = 'a' ORDER BY", /^line 1, column 21/],
    [`${"(".repeat(500)}email = 'a'${")".repeat(500)}`, /nested at most/],
    ["__proto__ = 'a'", /^line 1, column 1/],
  ];
  for (const [filter, message] of filters) {
    it(`is refused with the filter ${JSON.stringify(filter.slice(0, 40))}, saying where and why`, async () => {
      const { api, id, subscriptions } = server();
      for (const [method, at, body] of [
        ["POST", `${pre}subscribe/`, { function_id: id, filter }],
        ["PATCH", subscriptions.get(post) ?? "", { filter }],
      ] as const) {
        const { status, code, fields, data } = await api.ask(method, at, body);
        assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_filter", "filter"], method);
        const { line, column, message: sentence } = data as Readonly<Record<string, string>>;
        assert.ok(fields[0]?.message.startsWith(`line ${line}, column ${column}: ${sentence}`));
        assert.match(fields[0]?.message ?? "", message);
      }
    });
  }

  it("checks the event type, then the body, then the function, then whether it is subscribed", async () => {
    const { api, id } = await apiWithFunction();
    await using _ = api;
    await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    const ask = async (path: string, body: unknown) => (await api.ask("POST", path, body)).message;
    assert.match(await ask("/api/cloud/events/NOPE/subscribe/", { function_id: "x", stage: 1 }), /^Invalid event type/);
    assert.match(await ask(`${pre}subscribe/`, { function_id: 999, stage: "never" }), /^stage: /);
    assert.match(await ask(`${pre}subscribe/`, { function_id: 999, max_retries: 1 }), /^max_retries: /);
    assert.match(await ask(`${pre}subscribe/`, { function_id: 999, filter: "(" }), /^filter: /);
    assert.equal(await ask(`${pre}subscribe/`, { function_id: 999 }), "Function with id 999 does not exist");
    assert.match(await ask(`${pre}subscribe/`, { function_id: id, priority: 3 }), /is already subscribed/);
  });
});
