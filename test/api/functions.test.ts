import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { allowing, functionsPath, makeApp, makeFunction } from "../support/functions.ts";

const subscribePath = "/api/cloud/events/POST_USER_CREATE/subscribe/";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

async function withApp(): Promise<TestApi> {
  const api = await testApi();
  await makeApp(api);
  return api;
}

describe("functions", () => {
  it("are made with defaults, shown by slug and by id, and deleted", async () => {
    await using api = await withApp();
    const made = await api.ask("POST", functionsPath, { name: "Validate User Data", code: allowing });
    assert.deepEqual([made.status, made.message], [201, "Function created successfully"]);
    const { id, uuid, app_id: app, ...rest } = made.data;
    assert.ok(Number.isSafeInteger(id) && Number.isSafeInteger(app));
    assert.match(String(uuid), /^[0-9a-f-]{36}-102$/);
    const time = "2026-01-01T00:00:00.000Z";
    assert.deepEqual(rest, {
      name: "Validate User Data",
      slug: "validate-user-data",
      app_name: "User Management",
      app_slug: "user-management",
      enabled: true,
      timeout_ms: 300_000,
      env: {},
      secrets: [],
      egress: [],
      writes: false,
      version: 1,
      hash: sha256(allowing),
      language: "javascript",
      owner: "admin",
      author: "admin",
      role: "admin",
      created_at: time,
      updated_at: time,
    });
    for (const name of ["validate-user-data", String(id)]) {
      assert.deepEqual((await api.ask("GET", `${functionsPath}${name}/`)).data, made.data);
    }
    assert.equal((await api.ask("DELETE", `${functionsPath}${String(id)}/`)).message, "Function deleted successfully");
    for (const name of ["validate-user-data", String(id), "0", "__proto__", "99999999999999999999"]) {
      for (const method of ["GET", "DELETE"]) {
        assert.equal((await api.ask(method, `${functionsPath}${name}/`)).status, 404, `${method} ${name}`);
      }
    }
    await makeFunction(api, { name: "Validate User Data" });
  });

  it("are listed page by page, oldest first; an app's own", async () => {
    await using api = await withApp();
    await makeApp(api, { name: "Other" });
    for (const name of ["One", "Two", "Three"]) await makeFunction(api, { name });
    const { data } = await makeFunction(api, { name: "One" }, { app: "other" });
    const listed = await api.all(functionsPath, "functions", 2);
    assert.deepEqual(
      listed.map(({ slug, version }) => [slug, version]),
      [
        ["one", 1],
        ["two", 1],
        ["three", 1],
      ],
    );
    assert.equal((await api.ask("GET", `${functionsPath}${String(data["id"])}/`)).status, 404, "of another app");
  });

  it("are changed; what is not said stays, and null takes away", async () => {
    await using api = await withApp();
    const env = { REGION: "eu", LEVEL: "1" };
    const { path, data } = await makeFunction(api, { env, egress: ["api.example.com"], timeout_ms: 1000 });
    api.clock.advance(1000);
    const changed = await api.ask("PATCH", path, {
      name: "Check",
      env: { LEVEL: null, MODE: "fast" },
      egress: ["*.Example.com:8443", "10.1.1.1.nip.io", "*.example.com:8443", "bücher.example"],
      writes: true,
    });
    assert.deepEqual(changed.data, {
      ...data,
      name: "Check",
      env: { MODE: "fast", REGION: "eu" },
      egress: ["*.example.com:8443", "10.1.1.1.nip.io", "xn--bcher-kva.example"],
      writes: true,
      updated_at: "2026-01-01T00:00:01.000Z",
    });
    const emptied = await api.ask("PATCH", path, { env: null, egress: null, timeout_ms: 300_000, writes: false });
    assert.deepEqual(emptied.data, { ...changed.data, env: {}, egress: [], timeout_ms: 300_000, writes: false });
    assert.deepEqual((await api.ask("PATCH", path, {})).data, emptied.data);
  });

  it("keep every change when many are made at once", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api);
    const names = Array.from({ length: 12 }, (_, n) => `N${n}`);
    const answers = await Promise.all(names.map((name) => api.ask("PATCH", path, { env: { [name]: "1" } })));
    assert.ok(answers.every(({ status }) => status === 200));
    const { data } = await api.ask("GET", path);
    assert.deepEqual(Object.keys(data["env"] as object).toSorted(), names.toSorted());
  });

  it("have a slug each, also when many ask for it at once", async () => {
    await using api = await withApp();
    const ask = () => api.ask("POST", functionsPath, { name: "Once", code: allowing });
    const answers = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409, 409],
    );
    const refused = answers.find(({ status }) => status === 409);
    assert.equal(refused?.message, "app 'user-management' has a function 'once' already; choose another slug");
  });

  it("are at most 1,000 in an app", async () => {
    await using api = await withApp();
    const app = await api.deps.store.apps.app("default", "user-management");
    const version = { hash: "0", language: "javascript", source: "", js: "", createdMs: 0, createdBy: "a" } as const;
    const of = {
      tenant: "default",
      enabled: true,
      timeoutMs: 1,
      env: {},
      secretNames: [],
      secretRoles: {},
      egress: [],
      writes: false,
    };
    const by = { owner: "a", author: "a", role: "admin", createdMs: 0, updatedMs: 0 } as const;
    const changes = Array.from({ length: 1_000 }, (_, n) => ({
      do: "function.add" as const,
      app: app?.uuid as never,
      function: { ...of, ...by, uuid: `f-${n}-102` as never, slug: `f-${n}`, name: "f" },
      version,
    }));
    await api.deps.store.commit({ changes });
    const { status, message } = await api.ask("POST", functionsPath, { name: "More", code: allowing });
    assert.deepEqual([status, message], [409, "an app may have at most 1000 functions; delete one"]);
  });
});

describe("secrets of a function", () => {
  it("go in and never come out; null takes one away; all of them reach the function", async () => {
    await using api = await withApp();
    const code = "export default (event, { env }) => env;";
    const secrets = { TOKEN: "s3cret-one", KEY: "s3cret-two" };
    const { path, data } = await makeFunction(api, { code, secrets, env: { REGION: "eu" } });
    assert.deepEqual(data["secrets"], ["KEY", "TOKEN"]);
    const ran = async () => (await api.ask("POST", `${path}invoke/`, {})).data["result"];
    assert.deepEqual(await ran(), { REGION: "eu", KEY: "s3cret-two", TOKEN: "s3cret-one" });
    const changed = await api.ask("PATCH", path, { secrets: { KEY: null, OTHER: "s3cret-three" } });
    assert.deepEqual(changed.data["secrets"], ["OTHER", "TOKEN"]);
    assert.deepEqual(await ran(), { REGION: "eu", OTHER: "s3cret-three", TOKEN: "s3cret-one" });
    assert.deepEqual((await api.ask("PATCH", path, { name: "Other" })).data["secrets"], ["OTHER", "TOKEN"]);
    for (const shown of [path, functionsPath, `${path}versions/1/`]) {
      assert.doesNotMatch((await api.ask("GET", shown)).text, /s3cret/, shown);
    }
    const kept = await api.deps.store.functions.byNumber(Number(data["id"]));
    assert.doesNotMatch(JSON.stringify(kept), /s3cret/);
    assert.deepEqual((await api.ask("PATCH", path, { secrets: null })).data["secrets"], []);
    assert.deepEqual(await ran(), { REGION: "eu" });
  });

  it("may not have the name of a setting, whichever came first", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { env: { REGION: "eu" }, secrets: { TOKEN: "t" } });
    const both = { name: "Both", code: allowing, env: { A: "1" }, secrets: { A: "2" } };
    for (const [method, at, body, name] of [
      ["POST", functionsPath, both, "A"],
      ["PATCH", path, { secrets: { REGION: "x" } }, "REGION"],
      ["PATCH", path, { env: { TOKEN: "x" } }, "TOKEN"],
    ] as const) {
      const { status, fields } = await api.ask(method, at, body);
      assert.deepEqual([status, fields[0]?.path], [400, `secrets.${name}`]);
    }
    const moved = await api.ask("PATCH", path, { secrets: { TOKEN: null }, env: { TOKEN: "open" } });
    assert.deepEqual(moved.data["env"], { REGION: "eu", TOKEN: "open" });
  });
});

describe("a function that is disabled", () => {
  it("lets its subscriptions wait, and enabled wakes those that waited for that", async () => {
    await using api = await withApp();
    const { id, path } = await makeFunction(api);
    await api.ask("POST", subscribePath, { function_id: id });
    const gone = await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
    const of = async () => await api.deps.store.functions.subscriptions(id);
    const sinceMs = api.clock.now();
    const uuid = gone.data["uuid"] as never;
    await api.deps.store.commit({
      changes: [{ do: "subscription.change", uuid, patch: { paused: { reason: "gone", sinceMs } }, atMs: sinceMs }],
    });
    api.clock.advance(5);
    assert.equal((await api.ask("PATCH", path, { enabled: false })).data["enabled"], false);
    assert.deepEqual(
      (await of()).map(({ paused }) => paused),
      [
        { reason: "disabled", sinceMs: sinceMs + 5 },
        { reason: "gone", sinceMs },
      ],
    );
    const late = await api.ask("POST", "/api/cloud/events/POST_USER_UPDATE/subscribe/", { function_id: id });
    assert.deepEqual(late.data["paused"], { reason: "disabled", since: "2026-01-01T00:00:00.005Z" });
    const before = api.woken.length;
    assert.equal((await api.ask("PATCH", path, { enabled: true })).data["enabled"], true);
    assert.deepEqual(
      (await of()).map(({ paused }) => paused?.reason),
      [undefined, "gone", undefined],
    );
    const numbers = (await of()).map(({ number }) => number);
    assert.deepEqual(api.woken.slice(before), numbers);
  });

  it("never has a subscription that does not wait, however many come at once", async () => {
    await using api = await withApp();
    const { id, path } = await makeFunction(api);
    const events = ["PRE_USER_CREATE", "POST_USER_CREATE", "PRE_USER_UPDATE", "POST_USER_UPDATE"];
    await Promise.all([
      ...events.map((event) => api.ask("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: id })),
      api.ask("PATCH", path, { enabled: false }),
    ]);
    const subscriptions = await api.deps.store.functions.subscriptions(id);
    assert.deepEqual(
      subscriptions.map(({ paused }) => paused?.reason),
      events.map(() => "disabled"),
    );
  });
});

describe("a function that is deleted", () => {
  it("takes its subscriptions with it and wakes what waits for them", async () => {
    await using api = await withApp();
    const { id, path } = await makeFunction(api);
    const { data } = await api.ask("POST", subscribePath, { function_id: id });
    const before = api.woken.length;
    await api.ask("DELETE", path);
    assert.deepEqual(api.woken.slice(before), [data["id"]]);
    const ended = await api.deps.store.subscriptions.byNumber(Number(data["id"]));
    assert.notEqual(ended?.deletedMs, undefined);
    const again = await api.ask("POST", subscribePath, { function_id: id });
    assert.deepEqual([again.status, again.message], [400, `Function with id ${id} does not exist`]);
  });

  it("is deleted once, by one of many", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api);
    const answers = await Promise.all([1, 2, 3].map(() => api.ask("DELETE", path)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 404, 404],
    );
  });
});

describe("functions and their tenant", () => {
  it("belong together: nobody else sees them, whatever their role", async () => {
    await using api = await withApp();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const { id, path } = await makeFunction(api);
    await makeApp(api, { name: "User Management" }, { tenant: "acme" });
    const token = await api.tokenOf("admin", "eve", "acme");
    for (const at of [path, `${functionsPath}${id}/`, `${path}versions/`, `${path}invocations/`]) {
      assert.equal((await api.ask("GET", at, undefined, { token })).status, 404, at);
    }
    const subscribed = await api.ask("POST", subscribePath, { function_id: id }, { token });
    assert.equal(subscribed.message, `Function with id ${id} does not exist`);
    const left = await api.ask("POST", subscribePath.replace("/sub", "/unsub"), { function_id: id }, { token });
    assert.equal(left.status, 404);
  });

  it("are what members may not even ask for", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api);
    const token = await api.tokenOf("member");
    for (const at of [functionsPath, path]) {
      const { status, code } = await api.ask("GET", at, undefined, { token });
      assert.deepEqual([status, code], [403, "forbidden"]);
    }
  });

  it("may do what whoever brought their code may do, less when others change them, and never what only operators may", async () => {
    await using api = await withApp();
    const { id, path } = await makeFunction(api);
    const role = async () => (await api.deps.store.functions.byNumber(id))?.role;
    assert.equal(await role(), "admin");
    const token = await api.tokenOf("developer");
    await api.ask("PATCH", path, { name: "Mine" }, { token });
    assert.equal(await role(), "developer");
    await api.ask("POST", `${path}versions/1/activate/`);
    await api.ask("PATCH", path, { enabled: false });
    assert.equal(await role(), "developer", "nobody gives rights to code that somebody else may have brought");
    const code = "export default () => 'mine again';";
    await api.ask("PATCH", path, { code });
    assert.equal(await role(), "admin");
    await api.ask("PATCH", path, { code: "export default () => 'theirs';" }, { token });
    assert.equal(await role(), "developer");
    await api.ask("PATCH", path, { code });
    assert.equal(await role(), "admin", "who gives the code that there was vouches for it");
  });
});
