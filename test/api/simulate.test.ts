import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";
import { subscribed } from "../support/hooks.ts";
import { shared } from "../support/shared.ts";

const path = "/api/cloud/events/PRE_USER_CREATE/simulate/";
const ada = { username: "ada", email: "ada@example.com", first_name: "Ada", last_name: "", attributes: {} };

type Hook = Readonly<Record<string, unknown>>;

function hooksOf({ data }: Answer): readonly Hook[] {
  return data["hooks"] as readonly Hook[];
}

const patching = (patch: unknown): string =>
  `export default () => ({ decision: "allow", patch: ${JSON.stringify(patch)} });`;

/** Everything that an operation would leave behind. */
async function leftBehind(api: TestApi, fn: string): Promise<unknown> {
  const events = (await api.deps.store.events.after(0, 100)).filter(({ names }) => names.lifecycle !== undefined);
  const { data } = await api.ask("GET", `/api/apps/user-management/functions/${fn}/invocations/`);
  return [events, data["invocations"]];
}

describe("simulating a PRE event", () => {
  const withoutHooks = shared(testApi);

  it("without hooks allows, and leaves the params as they are", async () => {
    await using api = await testApi();
    const answer = await api.ask("POST", path, { params: ada });
    assert.deepEqual([answer.status, answer.message], [200, "Event 'PRE_USER_CREATE' simulated successfully"]);
    const { duration_ms: duration, ...data } = answer.data;
    assert.equal(typeof duration, "number");
    assert.deepEqual(data, {
      event: "PRE_USER_CREATE",
      outcome: "allowed",
      message: null,
      params: ada,
      hooks: [],
      conflicts: [],
    });
  });

  it("runs both waves, shows each verdict, merges the patches, tells conflicts, and keeps nothing", async () => {
    await using api = await testApi();
    const first = await subscribed(api, "PRE_USER_CREATE", patching({ first_name: "Grace", attributes: { a: 1 } }), {
      name: "First",
      priority: 1,
    });
    const second = await subscribed(
      api,
      "PRE_USER_CREATE",
      `export default (event, { log }) => { log("asked", event.dry_run); return { decision: "allow", patch: { first_name: "Anna" } }; };`,
      { name: "Second", priority: 2 },
    );
    const third = await subscribed(
      api,
      "PRE_USER_CREATE",
      `export default ({ params }, { log }) => { log(params.first_name); return true; };`,
      { name: "Third", stage: "validate" },
    );
    const answer = await api.ask("POST", path, { params: ada });
    const { outcome, message, params, conflicts } = answer.data;
    assert.deepEqual(
      [outcome, message, params],
      ["allowed", null, { ...ada, first_name: "Anna", attributes: { a: 1 } }],
      answer.text,
    );
    assert.deepEqual(conflicts, [{ path: "first_name", subscriber_ids: [first.subscriber, second.subscriber] }]);
    const byId = new Map(hooksOf(answer).map((hook) => [hook["subscriber_id"], hook]));
    assert.equal(byId.size, 3);
    const { duration_ms: duration, queue_ms: queue, cold_start_ms: cold, ...shown } = byId.get(second.subscriber) ?? {};
    for (const time of [duration, queue, cold]) assert.equal(typeof time, "number");
    assert.deepEqual(shown, {
      subscriber_id: second.subscriber,
      function_id: second.fn,
      function_name: "Second",
      function_slug: second.slug,
      stage: "prepare",
      priority: 2,
      verdict: { decision: "allow", patch: { first_name: "Anna" } },
      failure: null,
      skipped: null,
      logs: [{ at_ms: 0, level: "info", message: "asked true" }],
    });
    const validated = byId.get(third.subscriber);
    assert.deepEqual(
      [validated?.["stage"], validated?.["verdict"], validated?.["logs"]],
      ["validate", { decision: "allow" }, [{ at_ms: 0, level: "info", message: "Anna" }]],
    );
    assert.deepEqual(await leftBehind(api, second.slug), [[], []]);
  });

  it("tells a denial as whoever asks would be told, and what was not asked therefore", async () => {
    await using api = await testApi();
    const denying = `export default () => ({ decision: "deny", message: "not you", code: "domain", fields: [{ path: "email", message: "is of another domain" }] });`;
    const { slug } = await subscribed(api, "PRE_USER_CREATE", denying, { name: "Domain" });
    await subscribed(api, "PRE_USER_CREATE", "export default () => true;", { name: "Later", stage: "validate" });
    const answer = await api.ask("POST", path, { params: ada });
    assert.deepEqual(
      [answer.status, answer.data["outcome"], answer.data["message"]],
      [200, "denied", "Function 'Domain' refused PRE_USER_CREATE: not you"],
    );
    const [first, second] = hooksOf(answer);
    assert.deepEqual(first?.["verdict"], {
      decision: "deny",
      message: "not you",
      code: "domain",
      fields: [{ path: "email", message: "is of another domain" }],
    });
    assert.equal(second?.["verdict"], null);
    assert.equal(typeof second?.["skipped"], "string");
    assert.deepEqual(await leftBehind(api, slug), [[], []]);
  });

  it("tells a failure apart from a denial, and passes over one that may fail", async () => {
    await using api = await testApi();
    const { subscriber } = await subscribed(api, "PRE_USER_CREATE", "export default () => { throw new Error('oh'); };");
    const failed = await api.ask("POST", path, { params: ada });
    assert.equal(failed.data["outcome"], "failed");
    assert.equal(typeof failed.data["message"], "string");
    const [hook] = hooksOf(failed);
    assert.equal(hook?.["verdict"], null);
    assert.equal(typeof hook?.["failure"], "string");
    const open = { failure_policy: "open" };
    await api.ask("PATCH", `/api/cloud/events/PRE_USER_CREATE/subscribers/${subscriber}/`, open);
    assert.equal((await api.ask("POST", path, { params: ada })).data["outcome"], "allowed");
  });

  it("says why a hook is not asked", async () => {
    await using api = await testApi();
    const hook = "export default () => true;";
    const filtered = await subscribed(api, "PRE_USER_CREATE", hook, { filter: "email LIKE '%@elsewhere.example'" });
    const disabled = await subscribed(api, "PRE_USER_CREATE", hook);
    await api.ask("PATCH", disabled.path, { enabled: false });
    await makeApp(api, { name: "Other" });
    const other = await makeFunction(api, {}, { app: "other" });
    const asked = await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: other.id });
    const skipped = async (app?: string) => {
      const answer = await api.ask("POST", path, { params: ada, ...(app === undefined ? {} : { app }) });
      return Object.fromEntries(hooksOf(answer).map((one) => [String(one["subscriber_id"]), one["skipped"]]));
    };
    const own = {
      [filtered.subscriber]: "filter does not match",
      [disabled.subscriber]: "function disabled",
    };
    assert.deepEqual(await skipped("user-management"), { ...own, [String(asked.data["id"])]: "other app" });
    assert.deepEqual(await skipped(), { ...own, [String(asked.data["id"])]: null });
  });

  it("tells functions who asks, or whom they are told, and lets their api only read", async () => {
    await using api = await testApi();
    const code = `export default async (event, { api, log }) => {
      const read = await api("/api/apps/");
      const written = await api("/api/apps/", { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"x"}' });
      log(JSON.stringify([event.user, event.origin, event.dry_run, read.status, written.status]));
    };`;
    await subscribed(api, "PRE_USER_CREATE", code, { writes: true });
    const told = async (body: Readonly<Record<string, unknown>>, token = api.operator) => {
      const answer = await api.ask("POST", path, { params: ada, ...body }, { token });
      const [hook = {}] = hooksOf(answer);
      const [line] = hook["logs"] as readonly { readonly message: string }[];
      return JSON.parse(line?.message ?? "null") as unknown;
    };
    assert.deepEqual(await told({}), [{ username: "admin", role: "operator" }, "operator", true, 200, 403]);
    const token = await api.tokenOf("developer", "dev");
    assert.deepEqual(await told({}, token), [{ username: "dev", role: "developer" }, "api", true, 200, 403]);
    assert.deepEqual(await told({ user: { username: "ann" } }, token), [{ username: "ann" }, "api", true, 200, 403]);
    assert.deepEqual(await told({ user: null }, token), [null, "api", true, 200, 403]);
  });

  const bad: readonly (readonly [string, string, unknown, string | undefined, RegExp])[] = [
    ["a POST event", "POST_USER_CREATE", { params: ada }, undefined, /^'POST_USER_CREATE' comes after its operation/],
    ["an unknown event", "NOPE", { params: ada }, undefined, /^Invalid event type 'NOPE'\. Must be one of: PRE_USER/],
    ["no params", "PRE_USER_CREATE", {}, "params", /is required/],
    ["params that are a list", "PRE_USER_CREATE", { params: [] }, "params", /must be a JSON object/],
    ["params that do not fit", "PRE_USER_CREATE", { params: { ...ada, email: 7 } }, "params.email", /must be/],
    ["params that nobody knows", "PRE_USER_CREATE", { params: { ...ada, admin: true } }, "params.admin", /./],
    [
      "params that are too large",
      "PRE_USER_CREATE",
      { params: { a: "x".repeat(262_144) } },
      "params",
      /at most 262144/,
    ],
    ["a user that is a text", "PRE_USER_CREATE", { params: ada, user: "ann" }, "user", /./],
    ["an app that is not there", "PRE_USER_CREATE", { params: ada, app: "nope" }, "app", /'nope' does not exist/],
    ["an app that is a number", "PRE_USER_CREATE", { params: ada, app: 1 }, "app", /must be a string/],
    ["a mistyped property", "PRE_USER_CREATE", { params: ada, usr: {} }, "usr", /Did you mean "user"/],
    ["nothing", "PRE_USER_CREATE", undefined, "body", /must be a JSON object/],
  ];
  for (const [what, event, body, field, message] of bad) {
    it(`is refused with ${what}`, async () => {
      const answer = await withoutHooks().ask("POST", path.replace("PRE_USER_CREATE", event), body);
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, field], answer.text);
      assert.match(answer.message, field === undefined ? message : new RegExp(message.source));
    });
  }

  it("is not for members, and knows nothing of other tenants' hooks", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", "export default () => true;");
    const token = await api.tokenOf("member");
    assert.equal((await api.ask("POST", path, { params: ada }, { token })).status, 403);
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    assert.deepEqual(hooksOf(await api.ask("POST", path, { params: ada }, { tenant: "acme" })), []);
    const app = await api.ask("POST", path, { params: ada, app: "user-management" }, { tenant: "acme" });
    assert.equal(app.status, 400);
  });
});
