import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";

const operations = "/api/cloud/operations/";
const users = "/api/cloud/users/";

describe("operations", () => {
  it("are listed newest first with what each hook said, narrowed by event, outcome, function, resource and time", async () => {
    await using api = await testApi();
    const agrees = await subscribed(api, "PRE_USER_CREATE", "export default () => {}", { name: "Agrees" });
    const denies = `export default (event) => event.params.username === "eve" ? { decision: "deny", message: "no" } : undefined`;
    const refuses = await subscribed(api, "PRE_USER_CREATE", denies, { name: "Refuses" });
    const create = async (username: string) => {
      api.clock.advance(1_000);
      return api.ask("POST", users, { username, email: `${username}@example.com` });
    };
    const ada = await create("ada");
    const eve = await create("eve");
    assert.deepEqual([ada.status, eve.status], [201, 400]);
    const onDelete = await subscribed(api, "PRE_USER_DELETE", "export default () => {}", { name: "On delete" });
    api.clock.advance(1_000);
    await api.ask("DELETE", `${users}${String(ada.data["id"])}/`);
    const listed = async (query: string): Promise<readonly (readonly unknown[])[]> => {
      const { status, data, text } = await api.ask("GET", `${operations}?${query}`);
      assert.equal(status, 200, text);
      const found = data["operations"] as { event: string; outcome: string; hooks: { function_name: string }[] }[];
      return found.map(({ event, outcome, hooks }) => [event, outcome, hooks.map((hook) => hook.function_name)]);
    };
    const both = ["Agrees", "Refuses"];
    const gone = ["PRE_USER_DELETE", "allowed", ["On delete"]];
    const [refused, made] = [
      ["PRE_USER_CREATE", "denied", both],
      ["PRE_USER_CREATE", "allowed", both],
    ];
    assert.deepEqual(await listed(""), [gone, refused, made]);
    assert.deepEqual(await listed("event=PRE_USER_CREATE"), [refused, made]);
    assert.deepEqual(await listed("outcome=denied"), [refused]);
    assert.deepEqual(await listed("outcome=failed"), []);
    assert.deepEqual(await listed(`function=${onDelete.fn}`), [gone]);
    assert.deepEqual(await listed(`function=${refuses.fn}&outcome=allowed`), [made]);
    assert.deepEqual(await listed(`resource=${String(ada.data["uuid"])}`), [gone, made]);
    assert.deepEqual(await listed("since=2026-01-01T00:00:02Z&until=2026-01-01T00:00:03Z"), [refused]);
    assert.equal((await api.all(operations, "operations", 1)).length, 3);
    for (const query of ["resource=nothing", "function=x", "outcome=maybe", "since=x"]) {
      assert.equal((await api.ask("GET", `${operations}?${query}`)).status, 400, query);
    }
    assert.ok(agrees.fn > 0);
  });

  it("show who was refused, by which hook, with its reason and its run, and what it raised", async () => {
    await using api = await testApi();
    const denies = `export default () => ({ decision: "deny", message: "only @example.com" })`;
    await subscribed(api, "PRE_USER_CREATE", denies, { name: "Refuses" });
    await api.ask("POST", users, { username: "eve", email: "eve@example.org" });
    const [listed] = await api.all(operations, "operations", 9);
    const { data } = await api.ask("GET", `${operations}${String(listed?.["operation_id"])}/`);
    const [hook] = data["hooks"] as { verdict: unknown; invocation_id: number }[];
    assert.deepEqual(hook?.verdict, { decision: "deny", message: "only @example.com" });
    const names = (data["events"] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual([data["outcome"], names, data["state"]], ["denied", ["USER_CREATE_ABORTED"], "over"]);
    assert.equal((await api.ask("GET", `/api/cloud/invocations/${hook?.invocation_id}/`)).status, 200);
  });

  it("are nothing to members, and of another tenant do not exist", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    await subscribed(api, "PRE_USER_CREATE", "export default () => {}");
    const { data } = await api.ask("POST", users, { username: "ada", email: "ada@example.com" });
    const path = `${operations}${String(data["operation_id"])}/`;
    const member = { token: await api.tokenOf("member") };
    assert.deepEqual((await api.ask("GET", operations, undefined, { tenant: "acme" })).data["operations"], []);
    assert.equal((await api.ask("GET", path, undefined, { tenant: "acme" })).status, 404);
    for (const one of [operations, path]) assert.equal((await api.ask("GET", one, undefined, member)).status, 403);
    for (const id of ["nothing", "%00", "a".repeat(400)]) {
      assert.equal((await api.ask("GET", `${operations}${id}/`)).status, 404);
    }
  });
});
