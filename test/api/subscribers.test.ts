import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiWithFunction, makeApp, makeFunction } from "../support/functions.ts";

/** What subscribing functions has beyond the documented API. */

const pre = "/api/cloud/events/PRE_USER_CREATE/";
const post = "/api/cloud/events/POST_USER_CREATE/";

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
    const { api, id } = await apiWithFunction();
    await using _ = api;
    const before = await api.ask("POST", `${pre}subscribe/`, { function_id: id });
    assert.deepEqual(additive(before), { ...defaults, ...preDefaults });
    assert.match(String(before.data["uuid"]), /-011$/);
    const after = await api.ask("POST", `${post}subscribe/`, { function_id: id });
    assert.deepEqual(additive(after), { ...defaults, ...postDefaults });
  });

  it("has what was said, and is one of the lifecycle face in the app's scope", async () => {
    const { api, id } = await apiWithFunction();
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
    const app = await api.deps.store.apps.app("default", "user-management");
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
    const { api, id } = await apiWithFunction();
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
    const { api, id } = await apiWithFunction();
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
    const { api, id } = await apiWithFunction();
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
    const { api, id } = await apiWithFunction();
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
    const { api, id } = await apiWithFunction({}, { maxHooksPerEvent: 2, maxFunctionsPerEvent: 3 });
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
    // Functions on a POST event delay nobody: they have a limit of their own.
    for (const fn of [id, ...others.slice(0, 2)]) {
      assert.equal((await api.ask("POST", `${post}subscribe/`, { function_id: fn })).status, 200);
    }
    const { status, message } = await api.ask("POST", `${post}subscribe/`, { function_id: others[2] });
    assert.deepEqual(
      [status, message],
      [
        409,
        "event 'POST_USER_CREATE' has 3 subscribers and may have no more (SIGNALBOX_MAX_FUNCTIONS_PER_EVENT); unsubscribe one",
      ],
    );
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
    const { api, id } = await apiWithFunction();
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
