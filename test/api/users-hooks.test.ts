import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import { createUser } from "../../src/platform/users/create.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventsCalled, subscribed } from "../support/hooks.ts";

/** Users with functions that come before and hear afterwards, through the API and the guard that holds everything up. */

const users = "/api/cloud/users/";
const ada = { username: "ada", email: "ada@example.com" };
const keyed = { headers: { "idempotency-key": "k" } };

const allows = "export default () => {}";
const denies = `export default ({ params }) => params.email.endsWith("@example.com") ? true
  : { decision: "deny", message: "only example.com", code: "domain", fields: [{ path: "email", message: "is elsewhere" }] }`;
const crashes = `export default () => { throw new Error("kaboom at secret-place") }`;

async function names(api: TestApi): Promise<readonly unknown[]> {
  return ((await api.ask("GET", users)).data["users"] as Readonly<Record<string, unknown>>[]).map(
    (user) => user["username"],
  );
}

describe("creating a user with hooks", () => {
  it("a denial is answered 400 with its fields; there is no user, and no POST event", async () => {
    await using api = await testApi();
    const { fn, slug } = await subscribed(api, "PRE_USER_CREATE", denies, { name: "Check domain" });
    await subscribed(api, "POST_USER_CREATE", allows);
    const { status, code, message, data, text } = await api.ask("POST", users, { ...ada, email: "ada@evil.example" });
    assert.deepEqual([status, code], [400, "hook_denied"], text);
    assert.equal(message, "Function 'Check domain' refused PRE_USER_CREATE: only example.com");
    assert.deepEqual([data["function_id"], data["function_name"], data["function_slug"]], [fn, "Check domain", slug]);
    assert.ok(Number.isSafeInteger(data["invocation_id"]));
    assert.match(JSON.stringify([data["fields"]]), /"path":"email","message":"is elsewhere"/);
    assert.deepEqual([await names(api), await eventsCalled(api, "POST_USER_CREATE")], [[], []]);
    assert.equal((await api.ask("POST", users, ada)).status, 201, "others may come");
  });

  it("a crash under the policy closed is answered 503 without its stack; there is no user", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", crashes);
    const { status, code, text } = await api.ask("POST", users, ada);
    assert.deepEqual([status, code], [503, "hook_failed"]);
    assert.doesNotMatch(text, /secret-place|at default/);
    assert.deepEqual([await names(api), await eventsCalled(api, "POST_USER_CREATE")], [[], []]);
  });

  it("a crash under the policy open is answered 201 with a warning", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", crashes, { failure_policy: "open", name: "Enrich" });
    const { status, data } = await api.ask("POST", users, ada);
    assert.equal(status, 201);
    assert.equal((data["warnings"] as string[]).length, 1);
    assert.match(String(data["warnings"]), /^Function 'Enrich' failed and was passed over: /);
    assert.deepEqual(await names(api), ["ada"]);
    assert.equal("warnings" in (await api.ask("GET", `${users}${String(data["id"])}/`)).data, false);
  });

  it("without hooks there are no warnings, and no decision to show", async () => {
    await using api = await testApi();
    const { data } = await api.ask("POST", users, ada);
    assert.equal("warnings" in data, false);
    assert.equal((await api.ask("GET", `/api/cloud/decisions/${String(data["operation_id"])}/`)).status, 404);
  });

  it("what hooks add is in the answer, in the store and in the POST event", async () => {
    await using api = await testApi();
    const enrich = `export default ({ params }) => ({ decision: "allow",
      patch: { last_name: "Lovelace", attributes: { domain: params.email.split("@")[1] } } })`;
    await subscribed(api, "PRE_USER_CREATE", enrich);
    const { data } = await api.ask("POST", users, { ...ada, attributes: { plan: "free" } });
    const attributes = { plan: "free", domain: "example.com" };
    assert.deepEqual([data["last_name"], data["attributes"]], ["Lovelace", attributes]);
    assert.deepEqual((await api.ask("GET", `${users}${String(data["id"])}/`)).data["attributes"], attributes);
    const [told] = await eventsCalled(api, "POST_USER_CREATE");
    assert.deepEqual(
      [told?.told.params["attributes"], told?.told.params["id"], told?.told.params["user_id"]],
      [attributes, data["id"], data["id"]],
    );
    assert.equal(told?.told.operation, data["operation_id"]);
  });

  it("passwords and other secrets in attributes are neither kept, nor told, nor shown, and that is said", async () => {
    await using api = await testApi();
    const secret = "hunter2";
    const leaks = `export default ({ params }, { log }) => (log(JSON.stringify(params)),
      { decision: "allow", patch: { attributes: { token: "its own", seen: Object.keys(params.attributes).join() } } })`;
    const { path } = await subscribed(api, "PRE_USER_CREATE", leaks);
    const attributes = { plan: "free", password: secret, crm: [{ api_key: secret, id: 7 }] };
    const made = await api.ask("POST", users, { ...ada, attributes });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.data["attributes"], { plan: "free", crm: [{ id: 7 }], seen: "plan,crm" });
    assert.deepEqual(made.data["warnings"], [
      "attributes.password, attributes.crm[0].api_key left out: attributes hold no passwords, tokens, secrets and keys",
    ]);
    const one = `${users}${String(made.data["id"])}/`;
    const changed = await api.ask("PATCH", one, { attributes: { newPassword: secret, password: null, plan: "gold" } });
    assert.deepEqual(changed.data["warnings"], [
      "attributes.newPassword left out: attributes hold no passwords, tokens, secrets and keys",
    ]);
    const shown = [
      await api.ask("GET", one),
      await api.ask("GET", `${path}invocations/`),
      await api.ask("GET", `/api/cloud/decisions/${String(made.data["operation_id"])}/`),
    ];
    for (const { status, text } of shown) assert.deepEqual([status, text.includes(secret)], [200, false], text);
    assert.match(shown[2]?.text ?? "", /patch: left out, because events hold no secrets: attributes.token/);
    assert.doesNotMatch(JSON.stringify(await api.deps.store.events.after(0, 200)), /hunter2/);
  });

  it("what a hook may not change is refused as its failure", async () => {
    await using api = await testApi();
    await subscribed(
      api,
      "PRE_USER_CREATE",
      `export default () => ({ decision: "allow", patch: { username: "root" } })`,
    );
    const { status, code } = await api.ask("POST", users, ada);
    assert.deepEqual([status, code], [503, "hook_failed"]);
    assert.deepEqual(await names(api), []);
  });

  it("what hooks make of attributes must fit the tenant's schema; otherwise they failed, and are told", async () => {
    await using api = await testApi();
    const schema = { type: "object", properties: { level: { type: "integer" } } };
    await api.ask("PUT", `${users}schema/`, { schema });
    const patch = `export default () => ({ decision: "allow", patch: { attributes: { level: "high" } } })`;
    const { fn } = await subscribed(api, "PRE_USER_CREATE", patch);
    const { status, code, fields } = await api.ask("POST", users, ada);
    assert.deepEqual([status, code, fields[0]?.path], [503, "hook_failed", "attributes.level"]);
    assert.deepEqual(await names(api), []);
    assert.deepEqual(
      (await eventsCalled(api, "USER_CREATE_ABORTED")).map(({ told }) => told.only),
      [[fn]],
    );
  });

  it("a commit that fails after the hooks is told to them as ABORTED, and there is no POST event", async () => {
    await using api = await testApi();
    const { fn } = await subscribed(api, "PRE_USER_CREATE", allows);
    const store = api.deps.store as { commit: typeof api.deps.store.commit };
    const { commit } = store;
    store.commit = async (unit) => {
      const adds = unit.changes?.some((change) => change.do === "user.add") === true;
      return adds ? Promise.reject(new SignalboxError("storage_full", "the disk is full")) : commit(unit);
    };
    assert.equal((await api.ask("POST", users, ada)).status, 507);
    const [aborted, ...more] = await eventsCalled(api, "USER_CREATE_ABORTED");
    assert.deepEqual(more, []);
    assert.deepEqual([aborted?.told.only, aborted?.told.params["username"]], [[fn], "ada"]);
    assert.deepEqual([await names(api), await eventsCalled(api, "POST_USER_CREATE")], [[], []]);
  });

  it("a client's retry with the same key makes one user, and no hook runs twice", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", allows);
    const first = await api.ask("POST", users, ada, keyed);
    const again = await api.ask("POST", users, ada, keyed);
    assert.deepEqual([again.status, again.text], [201, first.text]);
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.equal(api.sandbox.calls.length, 1);
    assert.deepEqual([(await names(api)).length, (await eventsCalled(api, "POST_USER_CREATE")).length], [1, 1]);
  });

  it("two requests that race with one key make one user, and no hook runs twice", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", "export default () => new Promise((done) => setImmediate(done))");
    const both = await Promise.all([api.ask("POST", users, ada, keyed), api.ask("POST", users, ada, keyed)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [201, 201],
    );
    assert.equal(both[0].text, both[1].text);
    assert.equal(api.sandbox.calls.length, 1);
    assert.deepEqual(await names(api), ["ada"]);
  });

  it("a denial is remembered under the key; a failure is not", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", denies);
    const bad = { ...ada, email: "ada@evil.example" };
    const first = await api.ask("POST", users, bad, keyed);
    const again = await api.ask("POST", users, bad, keyed);
    assert.deepEqual([again.status, again.text, again.code], [400, first.text, "hook_denied"]);
    assert.equal(api.sandbox.calls.length, 1);
    const other = { headers: { "idempotency-key": "other" } };
    api.sandbox.fails = "crashed";
    assert.equal((await api.ask("POST", users, ada, other)).status, 503);
    api.sandbox.fails = undefined;
    assert.equal((await api.ask("POST", users, ada, other)).status, 201);
    assert.equal(api.sandbox.calls.length, 3);
  });

  it("every way to make a user has its origin told, to hooks and afterwards", async () => {
    await using api = await testApi();
    const sees = `export default (event) => ({ decision: "allow", patch: { attributes: { seen: event.origin } } })`;
    await subscribed(api, "PRE_USER_CREATE", sees);
    const { path: maker } = await subscribed(
      api,
      "POST_USER_DELETE",
      `export default async (_, { api }) => (await api("${users}", { method: "POST",
        headers: { "content-type": "application/json" }, body: '{"username":"by-hook"}' })).status`,
    );
    const admin = await api.tokenOf("admin");
    await api.ask("POST", users, { username: "by-api" }, { token: admin });
    await api.ask("POST", users, { username: "by-operator" });
    const doing = { tenant: "default", origin: "library" } as const;
    await createUser(api.deps, doing, { username: "by-library" });
    const invoked = await api.ask("POST", `${maker}invoke/`, {});
    assert.ok(invoked.status < 300, invoked.text);
    const told = (await eventsCalled(api, "POST_USER_CREATE")).map(({ origin, told: { params } }) => [
      params["username"],
      origin,
      params["attributes"],
    ]);
    assert.deepEqual(told, [
      ["by-api", "api", { seen: "api" }],
      ["by-operator", "operator", { seen: "operator" }],
      ["by-library", "library", { seen: "library" }],
      ["by-hook", "hook", { seen: "hook" }],
    ]);
  });

  it("a hook that makes a user is told that it would be run for itself, and nothing waits for ever", async () => {
    await using api = await testApi();
    const makes = `export default async (_, { api, log }) => {
      const { status, ...answer } = await api("${users}", { method: "POST",
        headers: { "content-type": "application/json" }, body: '{"username":"inner"}' });
      return { decision: "allow", patch: { attributes: { status } } };
    }`;
    await subscribed(api, "PRE_USER_CREATE", makes, { writes: true });
    const { status, data } = await api.ask("POST", users, ada);
    assert.equal(status, 201);
    assert.deepEqual(data["attributes"], { status: 409 });
    assert.deepEqual(await names(api), ["ada"]);
  });

  it("what a hook makes carries what led to it", async () => {
    await using api = await testApi();
    const makes = `export default async ({ params }, { api }) => {
      await api("${users}", { method: "POST", headers: { "content-type": "application/json" }, body: '{"username":"inner"}' });
    }`;
    const { subscriber } = await subscribed(api, "PRE_USER_UPDATE", makes, { writes: true });
    const { data } = await api.ask("POST", users, ada);
    const changed = await api.ask("PATCH", `${users}${String(data["id"])}/`, { first_name: "Ada" });
    assert.equal(changed.status, 200, changed.text);
    const inner = (await eventsCalled(api, "POST_USER_CREATE")).find(({ told }) => told.params["username"] === "inner");
    const uuid = (await api.deps.store.subscriptions.byNumber(subscriber))?.uuid;
    assert.deepEqual(inner?.told.chain, { root: changed.data["operation_id"], path: [uuid] });
    assert.equal(inner?.origin, "hook");
  });
});

describe("changing and deleting a user with hooks", () => {
  it("is held up by a denial, and told with what was and what is", async () => {
    await using api = await testApi();
    const careful = `export default ({ params }) => "email" in params.changes
      ? { decision: "deny", message: "addresses stay" } : { decision: "allow", patch: { attributes: { by: "hook" } } }`;
    await subscribed(api, "PRE_USER_UPDATE", careful);
    await subscribed(api, "PRE_USER_DELETE", `export default () => ({ decision: "deny", message: "users stay" })`);
    const { data } = await api.ask("POST", users, ada);
    const one = `${users}${String(data["id"])}/`;
    assert.equal((await api.ask("PATCH", one, { email: "x@example.com" })).code, "hook_denied");
    const changed = await api.ask("PATCH", one, { first_name: "Ada" });
    assert.deepEqual([changed.status, changed.data["attributes"]], [200, { by: "hook" }]);
    assert.equal((await api.ask("DELETE", one)).code, "hook_denied");
    const [told] = await eventsCalled(api, "POST_USER_UPDATE");
    assert.deepEqual(told?.told.params["changes"], {
      first_name: { from: "", to: "Ada" },
      attributes: { from: {}, to: { by: "hook" } },
    });
    assert.deepEqual(await eventsCalled(api, "POST_USER_DELETE"), []);
  });

  it("that changes nothing runs no hook", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_UPDATE", crashes);
    const { data } = await api.ask("POST", users, ada);
    const { status, data: same } = await api.ask("PATCH", `${users}${String(data["id"])}/`, { email: ada.email });
    assert.deepEqual([status, same["operation_id"], api.sandbox.calls.length], [200, undefined, 0]);
  });
});
