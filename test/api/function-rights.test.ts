import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { functionsPath, makeApp, makeFunction } from "../support/functions.ts";

const principals = "/api/cloud/principals/";

/** Asks what only admins may, and tells how that went. */
const asks = `export default async (event, { api }) => {
  const answer = await api(event.params.path ?? "/api/cloud/tokens/");
  return { status: answer.status, body: await answer.text() };
};`;

async function withApp(): Promise<TestApi> {
  const api = await testApi();
  await makeApp(api);
  return api;
}

/** With what status the platform answers the function, run by `token`. */
async function statusFor(api: TestApi, path: string, token?: string): Promise<unknown> {
  const ran = await api.ask("POST", `${path}invoke/`, {}, token === undefined ? {} : { token });
  assert.equal(ran.status, 200, ran.text);
  return (ran.data["result"] as Record<string, unknown>)["status"];
}

async function shownRole(api: TestApi, path: string): Promise<unknown> {
  return (await api.ask("GET", path)).data["role"];
}

describe("what a function may do", () => {
  it("is what its author may now: another role counts at once, and after the end nothing", async () => {
    await using api = await withApp();
    const token = await api.tokenOf("admin", "boss");
    const { path, data } = await makeFunction(api, { code: asks }, { token });
    assert.deepEqual([data["author"], data["role"]], ["boss", "admin"]);
    assert.equal(await statusFor(api, path), 200);
    await api.ask("PATCH", `${principals}boss/`, { role: "developer" });
    assert.deepEqual([await statusFor(api, path), await shownRole(api, path)], [403, "developer"]);
    await api.ask("PATCH", `${principals}boss/`, { role: "admin" });
    assert.deepEqual([await statusFor(api, path), await shownRole(api, path)], [200, "admin"]);
    await api.ask("DELETE", `${principals}boss/`);
    const ran = await api.ask("POST", `${path}invoke/`, { params: { path: "/api/cloud/buckets/" } });
    const { status, body } = ran.data["result"] as { readonly status: number; readonly body: string };
    assert.equal(status, 403);
    assert.match(body, /rights of 'boss', which were ended/);
    assert.equal(await shownRole(api, path), null);
    const again = await api.ask("PATCH", path, { code: `${asks} ` });
    assert.deepEqual(
      [again.data["author"], again.data["role"]],
      ["admin", "admin"],
      "who brings its code lends it theirs",
    );
    assert.equal(await statusFor(api, path), 200);
  });

  it("ends in the middle of a run", async () => {
    await using api = await withApp();
    const boss = await api.tokenOf("admin", "boss");
    const code = `export default async (event, { api }) => {
      const statuses = [(await api("/api/cloud/tokens/")).status];
      await api("/api/cloud/principals/boss/", { method: "DELETE" });
      await api("/api/cloud/buckets/never/", {});
      statuses.push((await api("/api/cloud/tokens/")).status);
      return statuses;
    };`;
    const { path } = await makeFunction(api, { code }, { token: boss });
    const ran = await api.ask("POST", `${path}invoke/`, {});
    assert.deepEqual(ran.data["result"], [200, 403]);
  });

  it("is no more than who runs it may: by invoke, through another function, and in a simulation", async () => {
    await using api = await withApp();
    const developer = await api.tokenOf("developer");
    const { path } = await makeFunction(api, { code: asks });
    assert.equal(await statusFor(api, path), 200);
    assert.equal(await statusFor(api, path, developer), 403);
    const through = `export default async (event, { api }) => {
      const ran = await api("${path}invoke/", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
      return (await ran.json()).data.result;
    };`;
    const asking = await makeFunction(api, { name: "Through", code: through }, { token: developer });
    assert.equal(
      await statusFor(api, asking.path),
      403,
      "an operator runs a developer's function, which runs an admin's",
    );
    const hook = `export default async (event, { api }) => ({ decision: "deny", message: String((await api("/api/cloud/tokens/")).status) });`;
    const { id } = await makeFunction(api, { name: "Hook", code: hook });
    await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
    const simulated = async (token: string) => {
      const params = { username: "x", email: "", first_name: "", last_name: "", attributes: {} };
      const { data } = await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/simulate/", { params }, { token });
      return (data["hooks"] as { readonly verdict: { readonly message: string } }[])[0]?.verdict.message;
    };
    assert.equal(await simulated(api.operator), "200");
    assert.equal(await simulated(developer), "403");
  });

  it("follows the version that runs: rolled back to another's, it has theirs", async () => {
    await using api = await withApp();
    const developer = await api.tokenOf("developer", "dev");
    const boss = await api.tokenOf("admin", "boss");
    const { path } = await makeFunction(api, { code: asks }, { token: developer });
    await api.ask("PATCH", path, { code: `${asks} ` }, { token: boss });
    assert.deepEqual(await shownRole(api, path), "admin");
    const back = await api.ask("POST", `${path}rollback/`, undefined, { token: boss });
    assert.deepEqual([back.status, back.data["author"], back.data["role"]], [200, "dev", "developer"]);
    assert.equal(await statusFor(api, path), 403);
  });

  it("is in other tenants what the operator may there, as long as it is one", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const asking = { tenant: "acme" };
    await makeApp(api, { name: "User Management" }, asking);
    const root = await api.tokenOf("operator", "root");
    const { path, data } = await makeFunction(api, { code: asks }, { ...asking, token: root });
    assert.deepEqual([data["author"], data["role"]], ["operator:root", "admin"]);
    await api.ask("PATCH", `${principals}root/`, { role: "admin" });
    assert.equal((await api.ask("GET", path, undefined, asking)).data["role"], null);
  });
});

describe("secrets that a higher role gave", () => {
  const leaks = "export default (event, { env }) => env;";
  const quiet = "export default () => 'done';";

  it("are not read by who may less, by whatever changes what the code does with them", async () => {
    await using api = await withApp();
    const token = await api.tokenOf("developer");
    const { path } = await makeFunction(api, { code: leaks, env: { HOST: "a.example" } });
    await api.ask("PATCH", path, { code: quiet, secrets: { TOKEN: "s3cret", PIN: "1234" } });
    const tries: readonly (readonly [string, string, unknown])[] = [
      ["PATCH", path, { code: leaks }],
      ["PATCH", path, { code: quiet, name: "Mine" }],
      ["PATCH", path, { env: { HOST: "evil.example" } }],
      ["PATCH", path, { env: { HOST: null } }],
      ["PATCH", path, { egress: ["evil.example"] }],
      ["PATCH", path, { secrets: { OTHER: "x" } }],
      ["PATCH", path, { secrets: { TOKEN: "mine" } }],
      ["PATCH", path, { code: leaks, secrets: { TOKEN: null } }],
      ["POST", `${path}versions/1/activate/`, undefined],
      ["POST", `${path}rollback/`, undefined],
    ];
    for (const [method, at, body] of tries) {
      const { status, code, message } = await api.ask(method, at, body, { token });
      assert.deepEqual([status, code], [403, "forbidden"], `${at} ${JSON.stringify(body)}`);
      assert.match(message, /came from a higher role than yours \(developer\).*"secrets": \{.*"PIN": null/);
    }
    assert.equal((await api.ask("POST", `${path}invoke/`, {})).data["result"], "done");
    assert.equal((await api.ask("PATCH", path, { name: "Named", enabled: false }, { token })).status, 200);
  });

  it("go, one by one or with the change, when who may less says so", async () => {
    await using api = await withApp();
    const token = await api.tokenOf("developer");
    const { path } = await makeFunction(api, { code: quiet, secrets: { TOKEN: "s3cret", PIN: "1234" } });
    assert.equal((await api.ask("PATCH", path, { secrets: { PIN: null } }, { token })).status, 200);
    const mine = await api.ask(
      "PATCH",
      path,
      { code: leaks, secrets: { TOKEN: "mine", OTHER: "mine too" } },
      { token },
    );
    assert.equal(mine.status, 200, mine.text);
    assert.deepEqual((await api.ask("POST", `${path}invoke/`, {}, { token })).data["result"], {
      OTHER: "mine too",
      TOKEN: "mine",
    });
    assert.equal((await api.ask("PATCH", path, { code: quiet }, { token })).status, 200, "those are a developer's");
    await api.ask("PATCH", path, { secrets: { TOKEN: "an admin's" } });
    assert.equal((await api.ask("PATCH", path, { code: leaks }, { token })).status, 403);
    const dropped = await api.ask("PATCH", path, { code: leaks, secrets: null }, { token });
    assert.deepEqual([dropped.status, dropped.data["secrets"]], [200, []]);
    assert.equal((await api.ask("GET", functionsPath, undefined, { token })).status, 200);
  });
});
