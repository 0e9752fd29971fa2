import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiOptions, type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

/** What subscribing functions has beyond the documented API. */

const pre = "/api/cloud/events/PRE_USER_CREATE/";
const post = "/api/cloud/events/POST_USER_CREATE/";

async function withFunction(options: ApiOptions = {}): Promise<{ readonly api: TestApi; readonly id: number }> {
  const api = await testApi(options);
  await makeApp(api);
  const { id } = await makeFunction(api);
  return { api, id };
}

/** The members that are not documented. */
function additive({ data }: { readonly data: Readonly<Record<string, unknown>> }): Readonly<Record<string, unknown>> {
  const names = [
    "stage",
    "priority",
    "failure_policy",
    "filter",
    "timeout_ms",
    "enabled",
    "paused",
    "max_retries",
    "backoff",
  ];
  return Object.fromEntries(names.map((name) => [name, data[name]]));
}

const defaults = { filter: null, timeout_ms: null, enabled: true, paused: null };
const preDefaults = { stage: "prepare", priority: 0, failure_policy: "closed", max_retries: null, backoff: null };
const schedule = [5_000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 28_800_000];
const postDefaults = {
  stage: null,
  priority: null,
  failure_policy: null,
  max_retries: 7,
  backoff: { schedule_ms: schedule, jitter: 0.2 },
};

describe("a subscription of a function", () => {
  it("has defaults of its phase", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const before = await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    assert.deepEqual(additive(before), { ...defaults, ...preDefaults });
    assert.match(String(before.data["uuid"]), /-011$/);
    const after = await api.ask("POST", `${post}subscribe/`, { function_id: id });
    assert.deepEqual(additive(after), { ...defaults, ...postDefaults });
  });

  it("has what was said, and is one of the lifecycle face in the app's scope", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const hook = { stage: "validate", priority: -5, failure_policy: "open" };
    const said = { filter: "WHERE email LIKE '%@example.com'", timeout_ms: 1500, enabled: false };
    const before = await api.ask("POST", `${pre}subscribe/`, { function_id: id, ...hook, ...said });
    assert.deepEqual(additive(before), { ...preDefaults, ...hook, ...said, paused: null });
    const retries = { max_retries: 2, backoff: { schedule_ms: [10, 20] } };
    const after = await api.ask("POST", `${post}subscribe/`, { function_id: id, ...retries });
    const backoff = { schedule_ms: [10, 20], jitter: 0.2 };
    assert.deepEqual(additive(after), { ...defaults, ...postDefaults, max_retries: 2, backoff });
    const kept = await api.deps.store.subscriptions.byNumber(Number(before.data["id"]));
    const app = await api.deps.store.functions.app("default", "user-management");
    assert.deepEqual(
      [kept?.face, kept?.scope, kept?.event, kept?.owner],
      ["lifecycle", app?.uuid, "PRE_USER_CREATE", "admin"],
    );
    assert.deepEqual(kept?.target, {
      kind: "function",
      function: id,
      timeoutMs: 1500,
      hook: { stage: "validate", priority: -5, failurePolicy: "open" },
    });
  });

  it("is changed; what is not said stays, and null takes away", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const made = await api.ask("POST", `${pre}subscribe/`, { function_id: id, filter: "email = 'a'", timeout_ms: 5 });
    const path = `${pre}subscribers/${String(made.data["id"])}/`;
    api.clock.advance(1000);
    const changed = await api.ask("PATCH", path, { stage: "validate", priority: 7, enabled: false });
    const updated = "2026-01-01T00:00:01.000Z";
    const expected = { ...made.data, stage: "validate", priority: 7, enabled: false, updated_at: updated };
    assert.deepEqual([changed.status, changed.data], [200, expected]);
    assert.equal(api.woken.at(-1), made.data["id"]);
    const emptied = await api.ask("PATCH", path, { filter: null, timeout_ms: null, failure_policy: "open" });
    assert.deepEqual(emptied.data, { ...expected, filter: null, timeout_ms: null, failure_policy: "open" });
    const after = await api.ask("POST", `${post}subscribe/`, {
      function_id: id,
      max_retries: 1,
      backoff: { jitter: 0 },
    });
    const reset = await api.ask("PATCH", `${post}subscribers/${String(after.data["id"])}/`, { backoff: null });
    assert.deepEqual(additive(reset), { ...defaults, ...postDefaults, max_retries: 1 });
  });

  it("keeps every change when many are made at once", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const made = await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    const path = `${pre}subscribers/${String(made.data["id"])}/`;
    await Promise.all([
      api.ask("PATCH", path, { stage: "validate" }),
      api.ask("PATCH", path, { priority: 3 }),
      api.ask("PATCH", path, { timeout_ms: 9 }),
    ]);
    const details = (await api.ask("GET", pre)).data["subscribers"] as Record<string, unknown>[];
    assert.deepEqual([details[0]?.["stage"], details[0]?.["priority"], details[0]?.["timeout_ms"]], ["validate", 3, 9]);
  });

  it("is not found at another event, once it ended, of another tenant, or by what is no id", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const made = await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    const number = String(made.data["id"]);
    const bucket = await api.bucket("photos");
    const rule = await api.ask("POST", "/api/cloud/buckets/photos/notifications/", { url: "https://a.example/" });
    const ofBucket = (
      await api.deps.store.subscriptions.list({ tenant: "default", scope: bucket.uuid }, { max: 1 })
    )[0];
    assert.equal(ofBucket?.uuid, rule.data["id"]);
    for (const path of [
      `${post}subscribers/${number}/`,
      `${pre}subscribers/${String(ofBucket?.number)}/`,
      `${pre}subscribers/999/`,
      `${pre}subscribers/0x1/`,
      `${pre}subscribers/__proto__/`,
      `${pre}subscribers/99999999999999999999/`,
    ]) {
      assert.equal((await api.ask("PATCH", path, { enabled: false })).status, 404, path);
    }
    const own = `${pre}subscribers/${number}/`;
    const token = await api.tokenOf("admin", "eve", "acme");
    assert.equal((await api.ask("PATCH", own, { enabled: false }, { token })).status, 404);
    await api.ask("POST", `${pre}unsubscribe/`, { function_id: id });
    const ended = await api.ask("PATCH", own, { enabled: false });
    assert.deepEqual(
      [ended.status, ended.message],
      [404, `subscriber '${number}' of event 'PRE_USER_CREATE' does not exist`],
    );
  });

  it("is made once by one of many who ask at once", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const ask = () => api.ask("POST", `${pre}subscribe/`, { function_id: id });
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400, 400, 400],
    );
    for (const { status, message } of answers) {
      if (status === 400) assert.equal(message, `Function ${id} is already subscribed to event 'PRE_USER_CREATE'`);
    }
    const leave = () => api.ask("POST", `${pre}unsubscribe/`, { function_id: id });
    const left = await Promise.all([leave(), leave(), leave()]);
    assert.deepEqual(
      left.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 404, 404],
    );
  });

  it("is one of at most as many as the operator allows, for each event type and tenant", async () => {
    const { api, id } = await withFunction({ maxHooksPerEvent: 2 });
    await using _ = api;
    const others: number[] = [];
    for (const name of ["Two", "Three", "Four"]) others.push((await makeFunction(api, { name })).id);
    const answers = await Promise.all(
      [id, ...others].map((fn) => api.ask("POST", `${pre}subscribe/`, { function_id: fn })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 409, 409],
    );
    const refused = answers.find(({ status }) => status === 409);
    assert.deepEqual(
      [refused?.code, refused?.message],
      [
        "conflict",
        "event 'PRE_USER_CREATE' has 2 subscribers and may have no more (SIGNALBOX_MAX_HOOKS_PER_EVENT); unsubscribe one",
      ],
    );
    const again = await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    assert.equal(again.status, 400, "subscribed already comes first");
    assert.equal((await api.ask("POST", `${post}subscribe/`, { function_id: id })).status, 200);
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const asking = { tenant: "acme" };
    await makeApp(api, { name: "User Management" }, asking);
    const { id: foreign } = await makeFunction(api, {}, asking);
    assert.equal((await api.ask("POST", `${pre}subscribe/`, { function_id: foreign }, asking)).status, 200);
    await api.ask("POST", `${pre}unsubscribe/`, { function_id: id });
    const third = answers.flatMap(({ status }, index) => (status === 409 ? [others[index - 1]] : []))[0];
    assert.equal((await api.ask("POST", `${pre}subscribe/`, { function_id: third })).status, 200);
  });

  it("is what members may not even ask for", async () => {
    const { api, id } = await withFunction();
    await using _ = api;
    const token = await api.tokenOf("member");
    for (const [method, path] of [
      ["POST", `${pre}subscribe/`],
      ["POST", `${pre}unsubscribe/`],
      ["PATCH", `${pre}subscribers/1/`],
      ["GET", pre],
    ] as const) {
      const { status, code } = await api.ask(method, path, method === "GET" ? undefined : { function_id: id }, {
        token,
      });
      assert.deepEqual([status, code], [403, "forbidden"], path);
    }
  });
});

describe("subscribing a function", () => {
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
      const { api } = await withFunction();
      await using _ = api;
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
      const { api, id } = await withFunction();
      await using _ = api;
      const { id: second } = await makeFunction(api, { name: "Second" });
      const made = await api.ask("POST", `${path}subscribe/`, { function_id: second });
      for (const [method, at, body] of [
        ["POST", `${path}subscribe/`, { function_id: id, ...options }],
        ["PATCH", `${path}subscribers/${String(made.data["id"])}/`, options],
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
    ["email = 'a' ORDER BY email", /ORDER BY/],
    [`${"(".repeat(500)}email = 'a'${")".repeat(500)}`, /nested at most/],
    ["__proto__ = 'a'", /^line 1, column 1/],
  ];
  for (const [filter, message] of filters) {
    it(`is refused with the filter ${JSON.stringify(filter.slice(0, 40))}, saying where and why`, async () => {
      const { api, id } = await withFunction();
      await using _ = api;
      const made = await api.ask("POST", `${post}subscribe/`, { function_id: id });
      for (const [method, at, body] of [
        ["POST", `${pre}subscribe/`, { function_id: id, filter }],
        ["PATCH", `${post}subscribers/${String(made.data["id"])}/`, { filter }],
      ] as const) {
        const { status, code, fields } = await api.ask(method, at, body);
        assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_filter", "filter"], method);
        assert.match(fields[0]?.message ?? "", message);
      }
    });
  }

  it("checks the event type, then the body, then the function, then whether it is subscribed", async () => {
    const { api, id } = await withFunction();
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
